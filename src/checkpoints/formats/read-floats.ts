/**
 * Converts elements of any numeric type to float32, piece by piece, so that no second copy of a
 * tensor is held.
 */
import { get } from "../../lookup.ts";
import { ALL_DECODERS, ELEMENT_BYTES } from "./dtypes.ts";
import { PIECE_BYTES, type ReadBytes } from "./plain-file.ts";

/** Fills `into` with the little-endian elements of a type that start at a position. */
export async function readFloats(read: ReadBytes, dtype: string, position: number, into: Float32Array): Promise<void> {
  const width = get(ELEMENT_BYTES, dtype);
  if (dtype === "F32") return read(position, bytesOf(into));
  const decode = get(ALL_DECODERS, dtype);
  const step = PIECE_BYTES / width;
  const scratch = new ArrayBuffer(Math.min(into.length, step) * width);
  for (let at = 0; at < into.length; at += step) {
    const part = into.subarray(at, at + step);
    await read(position + width * at, new Uint8Array(scratch, 0, width * part.length));
    decode(scratch, part);
  }
}

/** The bytes of an array, not copied. */
export function bytesOf(array: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
