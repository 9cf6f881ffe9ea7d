/** Copies of files with some ranges of bytes replaced. */
import type { Pieces } from "./pieces.ts";
import { PIECE_BYTES, type PlainFile } from "./plain-file.ts";

/** Bytes that replace as many bytes of the file. */
export interface Patch {
  /** Position of the first byte in the file. */
  readonly position: number;
  readonly bytes: Uint8Array;
}

/**
 * A copy of a file, which must stay open until the last piece is read.
 * @param patches in any order; they must not overlap.
 * @throws RangeError for patches that overlap or lie outside the file.
 */
export function patchedCopy(file: PlainFile, patches: Iterable<Patch>): Pieces {
  const sorted = [...patches].sort((a, b) => a.position - b.position);
  let end = 0;
  for (const { position, bytes } of sorted) {
    if (position < end || position + bytes.length > file.size)
      throw new RangeError(
        `bytes ${position} to ${position + bytes.length} of a file of ${file.size} are patched twice or not there`,
      );
    end = position + bytes.length;
  }
  return patchedPieces(file, sorted);
}

async function* patchedPieces(file: PlainFile, sorted: readonly Patch[]): AsyncGenerator<Uint8Array> {
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
