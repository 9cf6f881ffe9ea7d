import { describe, expect, it } from "vitest";

import { int, ints } from "../../../../test/support/onnx-model.ts";
import { type Attribute, bind, type NodeFacts, outputOf, whole } from "../../../../test/support/onnx-node.ts";
import { filled, itComputes, matrix } from "../../../../test/support/op-suites.ts";
import type { Tensor } from "../../tensor.ts";
import type { Value } from "../bound-node.ts";
import { reducedAxes, reductionOperators } from "./reduction.ts";

const made = (
  op: string,
  inputs: readonly Value[],
  attributes: readonly Attribute[] = [],
  facts: NodeFacts = {},
): Tensor => outputOf(reductionOperators[op], bind(inputs, attributes, facts));

const grid = matrix([
  [1, 2, 3],
  [4, 5, 6],
]);
const maps = filled([1, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
const columns = ints("axes", [0]);
const dropped = int("keepdims", 0);
// Equal along axis 1, and so are their exponentials.
const equal = filled([2, 2, 1], [3, 3, 5, 5]);

itComputes({
  CumSum: [made("CumSum", [grid, whole([-1], [])]), [2, 3], [1, 3, 6, 4, 9, 15]],
  GlobalAveragePool: [made("GlobalAveragePool", [maps]), [1, 2, 1, 1], [2.5, 6.5]],
  GlobalMaxPool: [made("GlobalMaxPool", [maps]), [1, 2, 1, 1], [4, 8]],
  ReduceL2: [made("ReduceL2", [matrix([[3, -4]])], [dropped]), [], [5]],
  ReduceMax: [made("ReduceMax", [grid], [columns]), [1, 3], [4, 5, 6]],
  ReduceMean: [made("ReduceMean", [grid, whole([1])]), [2, 1], [2, 5]],
  ReduceMin: [made("ReduceMin", [grid], [columns, dropped]), [3], [1, 2, 3]],
  ReduceSum: [made("ReduceSum", [grid]), [1, 1], [21]],
  ReduceSumSquare: [made("ReduceSumSquare", [grid], [columns, dropped]), [3], [17, 29, 45]],
  Softmax: [made("Softmax", [equal], [int("axis", 1)]), [2, 2, 1], [0.5, 0.5, 0.5, 0.5]],
  "Softmax of before version 13, over all later axes": [
    made("Softmax", [filled([1, 2, 2], [3, 3, 3, 3])], [], { opset: 12 }),
    [1, 2, 2],
    [0.25, 0.25, 0.25, 0.25],
  ],
  LogSoftmax: [made("LogSoftmax", [filled([1, 1], [7])]), [1, 1], [0]],
});

describe("the axes of a reduction", () => {
  it("are an attribute or an input, and count from the end when negative", () => {
    expect(reducedAxes(bind([grid], [ints("axes", [-1, 0])]), 2)).toEqual([1, 0]);
    expect(reducedAxes(bind([grid, whole([-2])]), 2)).toEqual([0]);
    expect(() => reducedAxes(bind([grid, whole([2])]), 2)).toThrow("it names axis 2 of a tensor of 2 dimensions");
  });

  it("are all where none are given, or none where the node says so", () => {
    for (const inputs of [[grid], [grid, whole([])]]) {
      expect(reducedAxes(bind(inputs), 2)).toEqual([0, 1]);
      expect(reducedAxes(bind(inputs, [int("noop_with_empty_axes", 1)]), 2)).toEqual([]);
    }
  });
});
