/**
 * The wire format of protocol buffers, walked in a file without reading it whole: which fields a message has and where in the
 * file they lie. ONNX models are such messages, and most of their bytes are numbers that need not be looked at.
 */
import type { PlainFile } from "./plain-file.ts";

/** A field of a message: a number, or so many bytes from a position of the file. */
export type Field =
  | { readonly number: number; readonly kind: "varint"; readonly value: bigint }
  | { readonly number: number; readonly kind: "bytes"; readonly position: number; readonly length: number }
  | { readonly number: number; readonly kind: "fixed"; readonly position: number; readonly length: 4 | 8 };

/** How much is read at a time. */
const WINDOW = 2 ** 16;

/** The most bytes of a varint. */
const MOST_VARINT = 10;

/** Reads bytes here and there; neighbouring ones come from one window of the file. */
export function byteReader({ size, read }: PlainFile, fail: (problem: string) => never) {
  const window = new Uint8Array(Math.min(WINDOW, size));
  let start = 0;
  let end = 0;
  return async (position: number): Promise<number> => {
    if (position < start || position >= end) {
      if (position >= size) fail("it ends in the middle");
      start = position;
      end = Math.min(size, position + window.length);
      await read(start, window.subarray(0, end - start));
    }
    return window[position - start]!;
  };
}

/** The fields of the message that lies between two positions, in their order. */
export async function* fieldsOf(
  byteAt: (position: number) => Promise<number>,
  { start, end }: { readonly start: number; readonly end: number },
  fail: (problem: string) => never,
): AsyncGenerator<Field> {
  let at = start;
  const varint = async (): Promise<bigint> => {
    let value = 0n;
    for (let i = 0; i < MOST_VARINT; i++) {
      if (at >= end) fail("a message in it ends in the middle");
      const byte = await byteAt(at++);
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    return fail("it has a number that does not end");
  };
  while (at < end) {
    const tag = await varint();
    const number = Number(tag >> 3n);
    const type = Number(tag & 7n);
    if (number === 0 || number >= 2 ** 29) fail("it has a field without a number");
    if (type === 0) yield { number, kind: "varint", value: await varint() };
    else if (type === 2) {
      const length = Number(await varint());
      if (at + length > end) fail(`it has a field of ${length} bytes where ${end - at} are left`);
      yield { number, kind: "bytes", position: at, length };
      at += length;
    } else if (type === 1 || type === 5) {
      const length = type === 1 ? 8 : 4;
      if (at + length > end) fail("a message in it ends in the middle");
      yield { number, kind: "fixed", position: at, length };
      at += length;
    } else fail(`it has a field of the unknown kind ${type}`);
  }
}

/** The numbers of a packed field, at most so many. */
export async function varintsOf(
  byteAt: (position: number) => Promise<number>,
  { position, length }: { readonly position: number; readonly length: number },
  most: number,
  fail: (problem: string) => never,
): Promise<bigint[]> {
  const values: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (let at = position; at < position + length; at++) {
    const byte = await byteAt(at);
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (shift > 70n) fail("it has a number that does not end");
    if (byte >= 0x80) continue;
    if (values.length === most) fail(`it has a list of more than ${most} numbers`);
    values.push(BigInt.asUintN(64, value));
    value = 0n;
    shift = 0n;
  }
  if (shift !== 0n) fail("it has a number that does not end");
  return values;
}
