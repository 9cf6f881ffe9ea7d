/**
 * The wire format of protocol buffers, read from a file without loading it: which fields a message
 * has, and where in the file they lie. ONNX models are such messages, and most of their bytes are
 * numbers that need not be read.
 */
import type { PlainFile, ReadBytes } from "../plain-file.ts";

/** Bytes of the file. */
export interface ByteRange {
  readonly position: number;
  readonly length: number;
}

/** A field of a message: a number, or a range of bytes of the file. */
export type Field =
  | { readonly number: number; readonly kind: "varint"; readonly value: bigint }
  | ({ readonly number: number; readonly kind: "bytes" } & ByteRange)
  | ({ readonly number: number; readonly kind: "fixed" } & ByteRange);

/** Refuses the file; the problem is a clause. */
type Fail = (problem: string) => never;

/** Bytes read at a time. */
const WINDOW = 2 ** 16;

/** Bytes of a varint, and of the number and the length before the content of a field, at most. */
const MAX_VARINT = 10;
const MAX_HEAD = 2 * MAX_VARINT;

/**
 * Fields read in all: a large model has a hundred thousand, and a file of nothing but fields should
 * not take minutes.
 */
const MAX_FIELDS = 2 ** 22;

/** Reads the messages of a file. */
export interface MessageReader {
  /**
   * The fields of the message that fills a range, in their order. A field may be read as a message
   * in turn before the next one is asked for, but two messages cannot be read side by side.
   */
  readonly fieldsOf: (message: ByteRange) => AsyncGenerator<Field>;
  /** Reads bytes of the file, from memory where they are there already. */
  readonly read: ReadBytes;
}

/** Makes a reader of messages; it calls `fail` for a file whose bytes are not messages. */
export function messageReader({ size, read }: PlainFile, fail: Fail): MessageReader {
  const window = new Uint8Array(Math.min(WINDOW, size));
  let start = 0;
  let end = 0;
  let walked = 0;

  /** Loads the number and the length of the field at a position into the window. */
  async function load(position: number): Promise<void> {
    if (position >= start && Math.min(position + MAX_HEAD, size) <= end) return;
    start = position;
    end = Math.min(size, position + window.length);
    await read(start, window.subarray(0, end - start));
  }

  async function* fieldsOf({ position, length }: ByteRange): AsyncGenerator<Field> {
    let at = position;
    const stop = position + length;
    const varint = (): bigint => {
      let value = 0n;
      for (let i = 0; i < MAX_VARINT; i++) {
        if (at >= stop) fail("a message in it ends in the middle");
        const byte = window[at++ - start]!;
        value |= BigInt(byte & 0x7f) << BigInt(7 * i);
        if (byte < 0x80) return BigInt.asUintN(64, value);
      }
      return fail("it has a number that does not end");
    };
    while (at < stop) {
      if (++walked > MAX_FIELDS) fail(`its messages have more than ${MAX_FIELDS} fields`);
      await load(at);
      const tag = varint();
      const number = Number(tag >> 3n);
      const type = Number(tag & 7n);
      if (number === 0 || number >= 2 ** 29) fail("it has a field without a number");
      if (type === 0) yield { number, kind: "varint", value: varint() };
      else if (type === 2) {
        const bytes = Number(varint());
        if (at + bytes > stop) fail(`it has a field of ${bytes} bytes where ${stop - at} are left`);
        yield { number, kind: "bytes", position: at, length: bytes };
        at += bytes;
      } else if (type === 1 || type === 5) {
        const bytes = type === 1 ? 8 : 4;
        if (at + bytes > stop) fail("a message in it ends in the middle");
        yield { number, kind: "fixed", position: at, length: bytes };
        at += bytes;
      } else fail(`it has a field of the unknown kind ${type}`);
    }
  }

  return {
    fieldsOf,
    read: async (position, into) => {
      const inside = position >= start && position + into.length <= end;
      if (inside) into.set(window.subarray(position - start, position - start + into.length));
      else await read(position, into);
    },
  };
}

/** The numbers of a packed field, piece by piece; a caller may stop after any piece. */
export async function* packedVarints(
  read: ReadBytes,
  { position, length }: ByteRange,
  fail: Fail,
): AsyncGenerator<readonly bigint[]> {
  const piece = new Uint8Array(Math.min(WINDOW, length));
  let value = 0n;
  let bytes = 0;
  for (let at = 0; at < length; at += piece.length) {
    const part = piece.subarray(0, Math.min(piece.length, length - at));
    await read(position + at, part);
    const numbers: bigint[] = [];
    for (const byte of part) {
      value |= BigInt(byte & 0x7f) << BigInt(7 * bytes++);
      if (byte < 0x80) {
        numbers.push(BigInt.asUintN(64, value));
        value = 0n;
        bytes = 0;
      } else if (bytes === MAX_VARINT) fail("it has a number that does not end");
    }
    yield numbers;
  }
  if (bytes > 0) fail("it has a number that does not end");
}
