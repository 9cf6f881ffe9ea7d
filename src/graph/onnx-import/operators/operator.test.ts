import { expect, it } from "vitest";

import { bind, outputOf } from "../../../../test/support/onnx-node.ts";
import { filled, itComputes } from "../../../../test/support/op-suites.ts";
import { neg, sub } from "../../ops/elementwise.ts";
import { input } from "../../tensor.ts";
import { binary, rankOf, sizeAlong, spatialOf, unary, variadic } from "./operator.ts";

const [a, b, c] = [filled([2], [10, 20]), filled([2], [1, 2]), filled([2], [3, 4])];

itComputes({
  "unary, of the first input": [outputOf(unary(neg), bind([a, b])), [2], [-10, -20]],
  "binary, of the first two": [outputOf(binary(sub), bind([a, b])), [2], [9, 18]],
  "variadic, from the first to the last": [outputOf(variadic(sub), bind([a, b, c])), [2], [6, 14]],
});

it("variadic passes a single input on", () => {
  expect(outputOf(variadic(sub), bind([a]))).toBe(a);
});

it("knows ranks, sizes and spatial axes", () => {
  const x = input("x", [2, 3, 4, 5]);
  expect([rankOf(x), sizeAlong(x, 2), spatialOf(x)]).toEqual([4, 4, [2, 3]]);
  expect(() => sizeAlong(x, 4)).toThrow("it gives 4 values where element 5 is needed");
});
