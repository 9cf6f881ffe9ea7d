import { expect, it } from "vitest";

import { int, ints } from "../../../../test/support/onnx-model.ts";
import { type Attribute, bind, outputOf, whole } from "../../../../test/support/onnx-node.ts";
import { itComputes, itRefuses, matrix } from "../../../../test/support/op-suites.ts";
import { constant, input, type Tensor } from "../../tensor.ts";
import { topological } from "../../traverse.ts";
import type { Value } from "../bound-node.ts";
import { indexingOperators } from "./indexing.ts";

const made = (op: string, inputs: readonly (Value | undefined)[], attributes: readonly Attribute[] = []): Tensor =>
  outputOf(indexingOperators[op], bind(inputs, attributes));

const grid = matrix([
  [1, 2, 3],
  [4, 5, 6],
]);

itComputes({
  "Gather of neighbours": [made("Gather", [grid, whole([-2, -1])], [int("axis", 1)]), [2, 2], [2, 3, 5, 6]],
  "Gather in another order": [made("Gather", [grid, whole([2, 0])], [int("axis", 1)]), [2, 2], [3, 1, 6, 4]],
  "Gather of one row, without its axis": [made("Gather", [grid, whole([1], [])]), [3], [4, 5, 6]],
  "Gather by a tensor": [
    made("Gather", [grid, constant(Int32Array.of(1, 0, 1), [3])]),
    [3, 3],
    [4, 5, 6, 1, 2, 3, 4, 5, 6],
  ],
  GatherND: [made("GatherND", [grid, whole([0, 1, -1, 2], [2, 2])]), [2], [2, 6]],
  Slice: [made("Slice", [grid, whole([-2]), whole([99]), whole([1])]), [2, 2], [2, 3, 5, 6]],
  "Slice by steps of two": [
    made("Slice", [grid, whole([0]), whole([3]), whole([1]), whole([2])]),
    [2, 2],
    [1, 3, 4, 6],
  ],
  "Slice backwards": [
    made("Slice", [grid, whole([-1, 0]), whole([-99, 1]), whole([1, 0]), whole([-1, 1])]),
    [1, 3],
    [3, 2, 1],
  ],
  "Slice of before version 10": [
    made("Slice", [grid], [ints("starts", [1]), ints("ends", [2]), ints("axes", [1])]),
    [2, 1],
    [2, 5],
  ],
});

const x = input("x", [2, 3]);
itRefuses(
  {
    "an element that is not there": [() => made("Gather", [x, whole([2])]), "it takes element 2 of 2"],
    "a Gather without indices": [() => made("Gather", [x]), "its input 2 is missing"],
    "a GatherND in batches": [
      () => made("GatherND", [x, whole([0], [1, 1])], [int("batch_dims", 1)]),
      "it has a GatherND in batches",
    ],
    "a slice to nothing": [() => made("Slice", [x, whole([2]), whole([1])]), "it slices to nothing"],
  },
  "E_CHECKPOINT",
);

it("takes neighbours by a slice, which is cheaper than a table", () => {
  const names = topological([made("Gather", [x, whole([0, 1])], [int("axis", 1)])]).map(({ op }) => op.name);
  expect(names).toEqual(["slice"]);
});
