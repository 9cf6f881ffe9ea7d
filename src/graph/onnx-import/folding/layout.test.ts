import { expect, it } from "vitest";

import { int, ints } from "../../../../test/support/onnx-model.ts";
import { type Attribute, bind, known, whole } from "../../../../test/support/onnx-node.ts";
import type { Known } from "../constants.ts";
import { layoutFolds } from "./layout.ts";

function fold(op: string, inputs: readonly Known[], attributes: readonly Attribute[] = []): Known {
  return layoutFolds[op]!(bind(inputs, attributes));
}

const grid = known([1, 2, 3, 4, 5, 6], [2, 3]);

it.each<[string, string, Known[], Attribute[], Known]>([
  ["Identity", "Identity", [grid], [], grid],
  ["Reshape with the rest", "Reshape", [grid, whole([3, -1])], [], known([1, 2, 3, 4, 5, 6], [3, 2])],
  ["Reshape with a kept dimension", "Reshape", [grid, whole([0, 3, 1])], [], known([1, 2, 3, 4, 5, 6], [2, 3, 1])],
  ["Squeeze", "Squeeze", [known([1, 2], [1, 2, 1])], [], known([1, 2])],
  ["Squeeze of one axis", "Squeeze", [known([1, 2], [1, 2, 1]), whole([-1])], [], known([1, 2], [1, 2])],
  ["Unsqueeze", "Unsqueeze", [known([1, 2])], [ints("axes", [0, 2])], known([1, 2], [1, 2, 1])],
  ["Expand", "Expand", [known([1, 2], [2, 1]), whole([3])], [], known([1, 1, 1, 2, 2, 2], [2, 3])],
  ["Transpose", "Transpose", [grid], [], known([1, 4, 2, 5, 3, 6], [3, 2])],
  [
    "Transpose by an order",
    "Transpose",
    [known([1, 2, 3, 4], [1, 2, 2])],
    [ints("perm", [2, 0, 1])],
    known([1, 3, 2, 4], [2, 1, 2]),
  ],
  ["Concat along rows", "Concat", [grid, known([7, 8, 9], [1, 3])], [], known([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3])],
  [
    "Concat along columns",
    "Concat",
    [grid, known([7, 8], [2, 1])],
    [int("axis", -1)],
    known([1, 2, 3, 7, 4, 5, 6, 8], [2, 4]),
  ],
])("folds %s", (_, op, inputs, attributes, expected) => {
  expect(fold(op, inputs, attributes)).toEqual(expected);
});

it("refuses a reshape to another size, and a Concat of nothing", () => {
  expect(() => fold("Reshape", [grid, whole([5])])).toThrow("it reshapes [2, 3] to [5], which has another size");
  expect(() => fold("Concat", [])).toThrow("it has a Concat of nothing");
});
