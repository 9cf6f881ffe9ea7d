/**
 * Copies of files come as pieces, so that a copy of any size takes little memory. They are written
 * to the disk, or put together in memory for an archive that holds the copy.
 */
import { createHash } from "node:crypto";

import { writeAtomic } from "../../files/index.ts";

/**
 * The bytes of a file, one piece after another. A piece may be overwritten once the next is asked
 * for.
 */
export type Pieces = AsyncIterable<Uint8Array>;

/**
 * Writes a file atomically.
 * @returns its SHA-256, in hexadecimal.
 * @throws UserError `E_DISK` when the disk is full or the folder is not writable.
 */
export async function writePieces(to: string, pieces: Pieces): Promise<string> {
  const hash = createHash("sha256");
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      hash.update(piece);
      yield piece;
    }
  }
  await writeAtomic(to, hashed());
  return hash.digest("hex");
}

/** All bytes in memory. */
export async function joinPieces(pieces: Pieces): Promise<Uint8Array> {
  const copies: Uint8Array[] = [];
  for await (const piece of pieces) copies.push(Uint8Array.from(piece));
  return Buffer.concat(copies);
}
