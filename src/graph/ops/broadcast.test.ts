import { describe, expect, it } from "vitest";

import { each, itComputes, itRefuses, itsGradientsAgree, matrix } from "../../../test/support/op-suites.ts";
import { input, type Shape } from "../tensor.ts";
import { expand, reduceSum, sumTo } from "./broadcast.ts";

const volume: Shape = [2, 3, 5];
const x = input("x", [2, 3, 4]);

itComputes(
  {
    "reduceSum of all": [reduceSum(x), [], [300]],
    "reduceSum of axes 0 and -1": [reduceSum(x, { axes: [0, -1] }), [3], [68, 100, 132]],
    expand: [expand(matrix([[1], [2]]), [2, 3]), [2, 3], [1, 1, 1, 2, 2, 2]],
    "sumTo of a column": [sumTo(x, [3, 1]), [3, 1], [68, 100, 132]],
  },
  { x: Float32Array.from({ length: 24 }, (_, i) => i + 1) },
);

const grid = input("grid", [3, 4]);
itRefuses({
  "repeating an axis that is not 1": [() => expand(grid, [3, 8]), "expand: [3, 4] does not expand to [3, 8]"],
  "a reduction of a missing axis": [() => reduceSum(grid, { axes: [2] }), "reduceSum: axes [2] of [3, 4]"],
});

describe("what would change nothing makes no call", () => {
  it("when there is no axis to sum over, or the shape is the same already", () => {
    expect(reduceSum(grid, { axes: [] })).toBe(grid);
    expect(expand(grid, [3, 4])).toBe(grid);
    expect(sumTo(grid, [3, 4])).toBe(grid);
  });
});

itsGradientsAgree([
  ...each(
    {
      "reduceSum of all": (t) => reduceSum(t),
      "reduceSum of axis 1": (t) => reduceSum(t, { axes: [1] }),
      "reduceSum of axes 0, -1, kept": (t) => reduceSum(t, { axes: [0, -1], keepDims: true }),
    },
    [volume],
    "apart",
  ),
  { name: "expand", shapes: [[2, 1, 5]], build: (t) => expand(t!, volume) },
]);
