import { expect, it } from "vitest";

import { each, itComputes, itRefuses, itsGradientsAgree, matrix } from "../../../test/support/op-suites.ts";
import { constant, input, scalar, type Tensor } from "../tensor.ts";
import { topological } from "../traverse.ts";
import { mul } from "./elementwise.ts";
import { matMul } from "./linear.ts";
import { concat, pack, pad, reshape, slice, split, transpose, transposed, unpack } from "./shape.ts";

const x = input("x", [2, 3, 4]);

itComputes(
  {
    reshape: [slice(reshape(x, [4, 6]), { axes: [0], starts: [1], ends: [2] }), [1, 6], [7, 8, 9, 10, 11, 12]],
    transpose: [
      slice(transpose(x, [2, 0, 1]), { axes: [0], starts: [3], ends: [4] }),
      [1, 2, 3],
      [4, 8, 12, 16, 20, 24],
    ],
    transposed: [
      transposed(
        matrix([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      ),
      [3, 2],
      [1, 4, 2, 5, 3, 6],
    ],
    "slice with a step": [
      slice(x, { axes: [2, 1], starts: [1, 0], ends: [4, 3], steps: [2, 2] }),
      [2, 2, 2],
      [2, 4, 10, 12, 14, 16, 22, 24],
    ],
    pad: [pad(matrix([[1, 2]]), { axes: [1, 0], before: [1, 0], after: [0, 1] }), [2, 3], [0, 1, 2, 0, 0, 0]],
    "pad with a value": [
      pad(matrix([[1, 2]]), { axes: [1], before: [0], after: [2], value: -5 }),
      [1, 4],
      [1, 2, -5, -5],
    ],
    concat: [concat([matrix([[1, 2]]), matrix([[3, 4]])], 1), [1, 4], [1, 2, 3, 4]],
    split: [split(x, [1, 3], 2)[0]!, [2, 3, 1], [1, 5, 9, 13, 17, 21]],
    "unpack, the second part": [
      unpack(reshape(x, [24]), [[4], [3, 6], [2]])[1]!,
      [3, 6],
      Array.from({ length: 18 }, (_, i) => i + 5),
    ],
    pack: [pack([matrix([[1], [2]]), scalar(3)]), [3], [1, 2, 3]],
  },
  { x: Float32Array.from({ length: 24 }, (_, i) => i + 1) },
);

const [grid, narrow] = [input("grid", [3, 4]), input("narrow", [3, 2])];
itRefuses({
  "another size": [() => reshape(grid, [5, 2]), "reshape: [3, 4] has not the size of [5, 2]"],
  "an order of other axes": [() => transpose(grid, [0, 2]), "transpose: [0, 2] does not order the axes of [3, 4]"],
  "an order of too few axes": [() => transpose(grid, [0]), "transpose: [0] does not order the axes of [3, 4]"],
  "a slice past the end": [
    () => slice(grid, { axes: [1], starts: [2], ends: [5] }),
    "slice: 2:5:1 along axis 1 of [3, 4]",
  ],
  "a pad of an axis that is not there": [
    () => pad(grid, { axes: [2], before: [1], after: [0] }),
    "pad: axis 2 of [3, 4]",
  ],
  "parts of other widths": [() => concat([grid, narrow], 0), "concat: [3, 4], [3, 2] do not join along axis 0"],
  "joining nothing": [() => concat([], 0), "concat: there is nothing to join"],
  "parts that do not add up": [() => split(grid, [1, 2], 1), "split: [3, 4] into [1, 2] along axis 1"],
  "one part that is not the whole": [() => split(grid, [3], 1), "split: [3, 4] into [3] along axis 1"],
});

it("transposes axes that stay together as one, and axes of size 1 without moving anything", () => {
  const namesOf = (y: Tensor) => topological([y]).map(({ op }) => op.name);
  expect(namesOf(transpose(input("wide", [2, 3, 4, 5]), [2, 3, 0, 1]))).toEqual(["reshape", "transpose", "reshape"]);
  expect(namesOf(transpose(input("column", [3, 1, 4]), [1, 0, 2]))).toEqual(["reshape"]);
});

const part = constant(Float32Array.of(1, 2, 3), [1, 3]);

itsGradientsAgree([
  ...each(
    {
      reshape: (t) => reshape(t, [5, 6]),
      "transpose [2, 0, 1]": (t) => transpose(t, [2, 0, 1]),
      "transpose [1, 2, 0]": (t) => transpose(t, [1, 2, 0]),
      "slice of axis 2, steps of 2": (t) => slice(t, { axes: [2], starts: [1], ends: [5], steps: [2] }),
      "slice of two axes, steps of 1 and 3": (t) =>
        slice(t, { axes: [1, 2], starts: [1, 0], ends: [3, 5], steps: [1, 3] }),
      "slice of all axes": (t) => slice(t, { axes: [2, 0, 1], starts: [2, 1, 0], ends: [4, 2, 2] }),
      pad: (t) => pad(t, { axes: [2, 0], before: [1, 0], after: [2, 3] }),
      "concat with itself": (t) => concat([t, mul(t, t), t], 1),
      "split, all parts": (t) => concat(split(t, [1, 3, 1], 2).toReversed(), 2),
      "split, one part unused": (t) => {
        const [a, , c] = split(t, [2, 1, 2], 2);
        return mul(a!, c!);
      },
    },
    [[2, 3, 5]],
    "apart",
  ),
  {
    name: "concat",
    shapes: [
      [2, 3],
      [4, 3],
      [1, 3],
    ],
    build: (...xs) => concat(xs, 0),
  },
  { name: "concat, one part constant", shapes: [[2, 3]], build: (t) => concat([part, t!], 0) },
  {
    name: "unpack",
    shapes: [[16]],
    build: (t) =>
      matMul(
        ...(unpack(t!, [
          [2, 4],
          [4, 2],
        ]) as [Tensor, Tensor]),
      ),
  },
  { name: "pack", shapes: [[2, 2], [3], []], build: (...xs) => pack(xs) },
]);
