/**
 * Compares entries of zip archives with their checksums (CRC-32): once an entry, before its first
 * values are given out, however small the ranges that are read.
 */
import { crc32 } from "node:zlib";

import { yieldToEvents } from "../../event-loop.ts";
import { show } from "../../show.ts";
import { PIECE_BYTES, type ReadBytes } from "./plain-file.ts";

/** An entry and its checksum. */
export interface ChecksummedEntry {
  readonly name: string;
  /** Uncompressed size in bytes. */
  readonly size: number;
  /** As the archive has it. PyTorch writes 0 where it computes none. */
  readonly checksum: number;
  /** Refuses the file; the problem is a clause. */
  readonly fail: (problem: string) => never;
}

const UNKNOWN = 0;

/** Bytes that are read at a time, only to check them. */
const CHECKED_BYTES = 2 ** 20;

/** Refuses content that has another checksum. */
export function requireChecksum({ name, checksum, fail }: ChecksummedEntry, found: number): void {
  if (checksum === UNKNOWN || found === checksum) return;
  const hex = (value: number) => value.toString(16).padStart(8, "0");
  fail(
    `its zip entry ${show(name)} was changed after it was written (CRC-32 ${hex(found)}, expected ${hex(checksum)})`,
  );
}

/**
 * Reads an entry that is not compressed. The first read checks it: all of it by its own bytes, a
 * part of it by reading the whole entry before.
 * @param read reads the entry.
 */
export function checkedReader(entry: ChecksummedEntry, read: ReadBytes): ReadBytes {
  let checked: Promise<void> | undefined;
  return async (position, into) => {
    if (checked === undefined && position === 0 && into.length === entry.size) {
      await read(position, into);
      requireChecksum(entry, await checksumOf(into));
      checked = Promise.resolve();
      return;
    }
    checked ??= checkWhole(entry, read);
    await checked;
    await read(position, into);
  };
}

/** The checksum of bytes in memory, of which there may be gigabytes. */
async function checksumOf(bytes: Uint8Array): Promise<number> {
  let sum = 0;
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    await yieldToEvents();
    sum = crc32(bytes.subarray(start, start + PIECE_BYTES), sum);
  }
  return sum;
}

/** Reads an entry from its first byte to its last, and checks it. */
async function checkWhole(entry: ChecksummedEntry, read: ReadBytes): Promise<void> {
  if (entry.checksum === UNKNOWN) return;
  const piece = new Uint8Array(Math.min(entry.size, CHECKED_BYTES));
  let sum = 0;
  for (let start = 0; start < entry.size; start += piece.length) {
    const part = piece.subarray(0, entry.size - start);
    await read(start, part);
    sum = crc32(part, sum);
  }
  requireChecksum(entry, sum);
}
