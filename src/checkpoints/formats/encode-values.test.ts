import { describe, expect, it } from "vitest";

import { encodeFor } from "./encode-values.ts";

const tensors = new Map([
  ["whole", { dtype: "F32", shape: [2], count: 2 }],
  ["half", { dtype: "F16", shape: [1], count: 1 }],
  ["steps", { dtype: "I64", shape: [1], count: 1 }],
]);
const refuse = (problem: string): never => {
  throw new Error(`net.pth: ${problem}`);
};
const encode = (name: string, ...values: number[]) =>
  encodeFor(refuse, tensors, new Map([[name, Float32Array.from(values)]])).get(name);

describe("values for tensors of a file", () => {
  it("are encoded in the type of each tensor", () => {
    expect(encode("whole", 1, -2)).toEqual(new Uint8Array(Float32Array.of(1, -2).buffer));
    expect(encode("half", 1)).toEqual(Uint8Array.of(0x00, 0x3c));
  });

  it.each([
    ["there is no such tensor", "other", [1], "there is no tensor other to replace"],
    ["their number is wrong", "whole", [1], "tensor whole has 2 values, and is to be replaced by 1"],
    ["the tensor is of integers", "steps", [1], "tensor steps is of type I64, which cannot be generated"],
  ])("throws when %s, naming the file", (_, name, values, problem) => {
    expect(() => encode(name, ...values)).toThrow(`net.pth: ${problem}`);
  });
});
