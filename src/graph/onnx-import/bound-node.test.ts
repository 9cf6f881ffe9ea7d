import { describe, expect, it } from "vitest";

import { ints } from "../../../test/support/onnx-model.ts";
import { bind, known, whole } from "../../../test/support/onnx-node.ts";
import { input } from "../tensor.ts";
import { isKnown, tensorOf } from "./bound-node.ts";

const x = input("x", [2]);
const weights = known([1, 2]);

describe("a value", () => {
  it("is known, or a tensor of the graph", () => {
    expect([isKnown(weights), isKnown(x)]).toEqual([true, false]);
  });

  it("becomes one constant, however often it is used", () => {
    expect(tensorOf(x)).toBe(x);
    expect(tensorOf(weights)).toMatchObject({ shape: [2], source: { kind: "constant", data: weights.data } });
    expect(tensorOf(weights)).toBe(tensorOf(weights));
  });
});

describe("a bound node", () => {
  const node = bind([x, undefined, whole([3, 4]), weights], [ints("axes", [7])]);

  it("has inputs, some of which are left out", () => {
    expect([0, 1, 2, 4].map(node.has)).toEqual([true, false, true, false]);
    expect(node.value(0)).toBe(x);
    expect(node.tensors()).toEqual([x]);
    expect(bind([x, weights]).tensors()).toEqual([x, tensorOf(weights)]);
  });

  it("takes numbers from an input, or from the attribute that older versions have instead", () => {
    expect(node.numbers(2)).toEqual([3, 4]);
    expect(node.numbers(1)).toBeUndefined();
    expect(node.numbersOr(2, "axes")).toEqual([3, 4]);
    expect(node.numbersOr(1, "axes")).toEqual([7]);
    expect(node.requiredNumbers(1, "axes")).toEqual([7]);
  });

  it("refuses an input that is missing, and numbers that depend on the images", () => {
    for (const read of [node.tensor, node.known, node.requiredNumbers])
      expect(() => read(1)).toThrow("its input 2 is missing");
    for (const read of [node.known, node.numbers])
      expect(() => read(0)).toThrow("it needs numbers that depend on the images");
  });
});
