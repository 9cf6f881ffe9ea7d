import { describe, expect, it } from "vitest";

import { decodeHeader, encodeHeader, LENGTH_BYTES } from "./header.ts";

const fail = (problem: string): never => {
  throw new Error(problem);
};
const tensors = [
  { name: "a", shape: [2, 3], dtype: "F32" as const },
  { name: "b", shape: [], dtype: "I64" as const },
];

describe("the header of a safetensors file", () => {
  it("is decoded to what was encoded", () => {
    const bytes = encodeHeader(tensors, { step: "3" });
    const header = decodeHeader(
      Buffer.from(bytes.subarray(LENGTH_BYTES)).toString(),
      bytes.length,
      bytes.length + 32,
      fail,
    );
    expect(header.metadata).toEqual({ step: "3" });
    expect([...header.tensors].map(([name, { dtype, shape, begin }]) => [name, dtype, shape, begin])).toEqual([
      ["a", "F32", [2, 3], bytes.length],
      ["b", "I64", [], bytes.length + 24],
    ]);
  });

  it("is a multiple of 8 bytes long", () => {
    for (const name of ["a", "ab", "abc"])
      expect(encodeHeader([{ name, shape: [1], dtype: "F32" }], {}).length % 8).toBe(0);
  });

  it.each([
    ["a name comes twice", '{"a":{},"a":{}}', 0, "a tensor a needs|a twice|needs a dtype"],
    ["a tensor overlaps", header([0, 4], [2, 6]), 6, "overlap"],
    ["there is a hole", header([0, 4], [8, 12]), 12, "hole"],
    ["the file is longer", header([0, 4]), 5, "it has 5 bytes, expected 4"],
    ["a type is unknown", '{"a":{"dtype":"F1","shape":[],"data_offsets":[0,0]}}', 0, "unknown type"],
  ])("throws when %s", (_, text, bytes, problem) => {
    expect(() => decodeHeader(text, 0, bytes, fail)).toThrow(new RegExp(problem));
  });

  it("throws when a name to encode is taken", () => {
    expect(() => encodeHeader([...tensors, tensors[0]!], {})).toThrow("the tensor name a is taken");
  });
});

/** A header of float32 scalars with these offsets. */
function header(...offsets: readonly [number, number][]): string {
  const entries = offsets.map((range, i) => `"t${i}":{"dtype":"F32","shape":[],"data_offsets":[${range}]}`);
  return `{${entries}}`;
}
