import { describe, expect, it } from "vitest";

import { tensorsToGenerate } from "./tensors-to-generate.ts";

const stored = (dtype: string, shape: readonly number[]) => ({
  dtype,
  shape,
  count: shape.reduce((a, b) => a * b, 1),
});
const tensors = new Map([
  ["fc1.weight", stored("F32", [4, 3])],
  ["steps", stored("I64", [])],
  ["empty", stored("F32", [0])],
  ["fc2.weight", stored("BF16", [2, 4])],
]);

describe("the tensors to generate", () => {
  it("are all of floating-point types that have values", () => {
    const { entries, size } = tensorsToGenerate(tensors, "all");
    expect(entries.map(({ name, kind, offset }) => [name, kind, offset])).toEqual([
      ["fc1.weight", "linear", 0],
      ["fc2.weight", "linear", 12],
    ]);
    expect(size).toBe(20);
  });

  it("are those that the selection names", () => {
    expect(tensorsToGenerate(tensors, ["fc2.*"]).size).toBe(8);
  });

  it("throws when the selection names only an integer", () => {
    expect(() => tensorsToGenerate(tensors, "steps")).toThrow("matches no tensor");
  });
});
