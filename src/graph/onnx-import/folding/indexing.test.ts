import { describe, expect, it } from "vitest";

import { bothReadings } from "../../../../test/support/both-readings.ts";
import { floats, int, ints, longs, modelOf, node, text } from "../../../../test/support/onnx-model.ts";
import { type Attribute, bind, known, whole } from "../../../../test/support/onnx-node.ts";
import type { Known } from "../constants.ts";
import { indexingFolds } from "./indexing.ts";

function fold(op: string, inputs: readonly (Known | undefined)[], attributes: readonly Attribute[] = []): Known {
  return indexingFolds[op]!(bind(inputs, attributes));
}

const grid = known([1, 2, 3, 4, 5, 6], [2, 3]);

describe("folds", () => {
  it.each<[string, string, (Known | undefined)[], Attribute[], Known]>([
    ["Gather of rows", "Gather", [grid, whole([1, -2])], [], known([4, 5, 6, 1, 2, 3], [2, 3])],
    ["Gather of one column", "Gather", [grid, whole([2], [])], [int("axis", 1)], known([3, 6])],
    ["GatherND", "GatherND", [grid, whole([0, 1, -1, 2], [2, 2])], [], known([2, 6])],
    ["GatherND of rows", "GatherND", [grid, whole([1], [1, 1])], [], known([4, 5, 6], [1, 3])],
    [
      "ScatterND",
      "ScatterND",
      [grid, whole([1], [1, 1]), known([7, 8, 9], [1, 3])],
      [],
      known([1, 2, 3, 7, 8, 9], [2, 3]),
    ],
    ["Range", "Range", [whole([2], []), whole([9], []), whole([3], [])], [], whole([2, 5, 8])],
    ["Range downwards", "Range", [whole([2], []), whole([0], []), whole([-1], [])], [], whole([2, 1])],
    ["Slice", "Slice", [grid, whole([1]), whole([99]), whole([1])], [], known([2, 3, 5, 6], [2, 2])],
    [
      "Slice backwards",
      "Slice",
      [grid, whole([-1]), whole([-99]), whole([1]), whole([-2])],
      [],
      known([3, 1, 6, 4], [2, 2]),
    ],
    ["Slice of before version 10", "Slice", [grid], [ints("starts", [0]), ints("ends", [1])], known([1, 2, 3], [1, 3])],
    [
      "OneHot, off for indices that are no class",
      "OneHot",
      [whole([1, -1, 5]), whole([3], []), known([0, 9])],
      [],
      known([0, 9, 0, 0, 0, 9, 0, 0, 0], [3, 3]),
    ],
  ])("%s", (_, op, inputs, attributes, expected) => {
    expect(fold(op, inputs, attributes)).toEqual(expected);
  });

  it("refuses an element that is not there, a step of 0, and scattered sums", () => {
    expect(() => fold("Gather", [grid, whole([2])])).toThrow("it takes element 2 of 2");
    expect(() => fold("Slice", [grid, whole([0]), whole([2]), whole([0]), whole([0])])).toThrow("with a step of 0");
    expect(() => fold("ScatterND", [grid, whole([0]), grid], [text("reduction", "add")])).toThrow(
      "a ScatterND with a reduction",
    );
  });
});

it("folds OneHot when the classes are known", async () => {
  const classes = [
    node("OneHot", ["indices", "depth", "values"], "hot", [int("axis", 0)]),
    node("MatMul", ["x", "hot"], "y"),
  ];
  const model = modelOf(classes, {
    initializer: [longs("indices", [2, 0, -1, 7]), { ...longs("depth", [3]), dims: [] }, floats("values", [2], [0, 5])],
  });
  const { ours, theirs, shape } = await bothReadings(model, [2, 3]);
  expect(shape).toEqual([2, 4]);
  for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 5);
});
