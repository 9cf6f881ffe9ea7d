import { crc32 } from "node:zlib";

import { describe, expect, it } from "vitest";

import type { ReadBytes } from "./plain-file.ts";
import { checkedReader, requireChecksum } from "./zip-checksum.ts";

const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7919) >>> 3);
const checksum = crc32(bytes);
const entryOf = (found: number) => ({
  name: "archive/data/0",
  size: bytes.length,
  checksum: found,
  fail: (problem: string): never => {
    throw new Error(problem);
  },
});

/** Reads from memory, and counts the bytes. */
function counted(of: Uint8Array) {
  const reads = { bytes: 0 };
  const read: ReadBytes = async (position, into) => {
    reads.bytes += into.length;
    into.set(of.subarray(position, position + into.length));
  };
  return { reads, read };
}

const flipped = bytes.slice();
flipped[2_500_000]! ^= 1;

describe("a reader that checks", () => {
  it("reads an entry once when all of it is read at once", async () => {
    const { reads, read } = counted(bytes);
    const into = new Uint8Array(bytes.length);
    await checkedReader(entryOf(checksum), read)(0, into);
    expect(Buffer.compare(into, bytes)).toBe(0);
    expect(reads.bytes).toBe(bytes.length);
  });

  it("reads the whole entry before the first range, and no more before others", async () => {
    const { reads, read } = counted(bytes);
    const checked = checkedReader(entryOf(checksum), read);
    const [a, b] = [new Uint8Array(10), new Uint8Array(20)];
    await Promise.all([checked(5, a), checked(2_000_000, b)]);
    expect([...a]).toEqual([...bytes.subarray(5, 15)]);
    expect([...b]).toEqual([...bytes.subarray(2_000_000, 2_000_020)]);
    expect(reads.bytes).toBe(bytes.length + 30);
  });

  it.each([
    ["at once", 0, bytes.length],
    ["by a range elsewhere", 5, 10],
  ])("throws when a byte was flipped and the entry is read %s", async (_, position, length) => {
    const { read } = counted(flipped);
    const checked = checkedReader(entryOf(checksum), read);
    for (let time = 0; time < 2; time++)
      await expect(checked(position, new Uint8Array(length))).rejects.toThrow(
        /its zip entry archive\/data\/0 was changed after it was written \(CRC-32 [0-9a-f]{8}, expected [0-9a-f]{8}\)/,
      );
  });

  it("checks nothing when the archive has no checksum", async () => {
    const { reads, read } = counted(flipped);
    await checkedReader(entryOf(0), read)(5, new Uint8Array(10));
    expect(reads.bytes).toBe(10);
  });

  it("reads an empty entry", async () => {
    const { read } = counted(new Uint8Array());
    await checkedReader({ ...entryOf(0), size: 0 }, read)(0, new Uint8Array());
  });
});

it("throws when content in memory has another checksum", () => {
  expect(() => requireChecksum(entryOf(1), 2)).toThrow("(CRC-32 00000002, expected 00000001)");
});
