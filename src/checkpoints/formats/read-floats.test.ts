import { describe, expect, it } from "vitest";

import { bytesOf, readFloats } from "./read-floats.ts";

/** Reads from bytes in memory, and counts the reads. */
function reader(bytes: Uint8Array) {
  const reads: number[] = [];
  const read = async (position: number, into: Uint8Array) => {
    reads.push(into.length);
    into.set(bytes.subarray(position, position + into.length));
  };
  return { read, reads };
}

describe("reading elements as float32", () => {
  it("converts a type of another width from any position", async () => {
    const { read } = reader(Uint8Array.of(255, ...new Uint8Array(Float64Array.of(1.5, -2).buffer)));
    const into = new Float32Array(2);
    await readFloats(read, "F64", 1, into);
    expect(into).toEqual(Float32Array.of(1.5, -2));
  });

  it("reads float32 directly into the array", async () => {
    const { read, reads } = reader(bytesOf(Float32Array.of(1, 2, 3)));
    const into = new Float32Array(3);
    await readFloats(read, "F32", 0, into);
    expect(into).toEqual(Float32Array.of(1, 2, 3));
    expect(reads).toEqual([12]);
  });

  it("reads in pieces when there are many elements", async () => {
    const count = 2 ** 23 + 5;
    const { read, reads } = reader(new Uint8Array(count).fill(3));
    const into = new Float32Array(count);
    await readFloats(read, "U8", 0, into);
    expect(reads).toEqual([2 ** 23, 5]);
    expect(into.at(-1)).toBe(3);
  });
});

it("the bytes of an array are not a copy", () => {
  const array = Float32Array.of(1, 2).subarray(1);
  bytesOf(array).fill(0);
  expect(array[0]).toBe(0);
});
