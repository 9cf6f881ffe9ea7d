/**
 * Copies a file with some ranges of bytes replaced, piece by piece, so that a file of any size
 * takes little memory.
 */
import { createHash } from "node:crypto";

import { writeAtomic } from "../../files/index.ts";
import { PIECE_BYTES, type PlainFile } from "./plain-file.ts";

/** Bytes that replace as many bytes of the file. */
export interface Patch {
  /** Position of the first byte in the file. */
  readonly position: number;
  readonly bytes: Uint8Array;
}

/**
 * Writes a copy of an open file, atomically.
 * @param patches in any order; they must not overlap.
 * @returns the SHA-256 of the copy, in hexadecimal.
 * @throws UserError `E_DISK` when the disk is full or the folder is not writable; RangeError for
 *   patches that overlap or lie outside the file.
 */
export async function copyPatched(file: PlainFile, to: string, patches: Iterable<Patch>): Promise<string> {
  const sorted = [...patches].sort((a, b) => a.position - b.position);
  let end = 0;
  for (const { position, bytes } of sorted) {
    if (position < end || position + bytes.length > file.size)
      throw new RangeError(
        `bytes ${position} to ${position + bytes.length} of a file of ${file.size} are patched twice or not there`,
      );
    end = position + bytes.length;
  }
  const hash = createHash("sha256");
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const scratch = new Uint8Array(Math.min(PIECE_BYTES, file.size));
    let at = 0;
    for (const { position, bytes } of [...sorted, { position: file.size, bytes: new Uint8Array() }]) {
      while (at < position) {
        const piece = scratch.subarray(0, Math.min(scratch.length, position - at));
        await file.read(at, piece);
        yield piece;
        at += piece.length;
      }
      for (let start = 0; start < bytes.length; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES);
      at += bytes.length;
    }
  }
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces()) {
      hash.update(piece);
      yield piece;
    }
  }
  await writeAtomic(to, hashed());
  return hash.digest("hex");
}
