/**
 * The wire format of protocol buffers, walked in a file without reading it whole: which fields a message has and where in the
 * file they lie. ONNX models are such messages, and most of their bytes are numbers that need not be looked at.
 */
import type { PlainFile, ReadBytes } from "../plain-file.ts";

/** Bytes of the file. */
export interface Stretch {
  readonly position: number;
  readonly length: number;
}

/** A field of a message: a number, or so many bytes from a position of the file. */
export type Field =
  | { readonly number: number; readonly kind: "varint"; readonly value: bigint }
  | ({ readonly number: number; readonly kind: "bytes" } & Stretch)
  | ({ readonly number: number; readonly kind: "fixed" } & Stretch);

/** Refuses the file; the problem is a clause. */
type Fail = (problem: string) => never;

/** How much is read at a time. */
const WINDOW = 2 ** 16;

/** The most bytes of a varint, and of what comes before a field's content: its number and its length. */
const MAX_VARINT = 10;
const MAX_HEAD = 2 * MAX_VARINT;

/** The most fields that are walked: large models have a hundred thousand, and a file of nothing else should not take minutes. */
const MAX_FIELDS = 2 ** 22;

/** Looks through messages of a file. */
export interface Walker {
  /**
   * The fields of the message that fills a stretch, in their order. Walks may be nested, each in a field of the one around it,
   * but not go side by side.
   */
  readonly fieldsOf: (message: Stretch) => AsyncGenerator<Field>;
  /** Reads from the file, or from what of it is in memory. */
  readonly read: ReadBytes;
}

/** Makes a walker, which refuses a file whose messages are none. */
export function walkerOf({ size, read }: PlainFile, fail: Fail): Walker {
  const window = new Uint8Array(Math.min(WINDOW, size));
  let start = 0;
  let end = 0;
  let walked = 0;

  /** Makes sure that the window holds the head of the field at a position. */
  async function load(position: number): Promise<void> {
    if (position >= start && Math.min(position + MAX_HEAD, size) <= end) return;
    start = position;
    end = Math.min(size, position + window.length);
    await read(start, window.subarray(0, end - start));
  }

  async function* fieldsOf({ position, length }: Stretch): AsyncGenerator<Field> {
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

/** The numbers of a packed field, piece by piece; reading may stop after any. */
export async function* numbersOf(
  read: ReadBytes,
  { position, length }: Stretch,
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
