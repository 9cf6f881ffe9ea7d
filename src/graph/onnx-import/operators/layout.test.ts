import { describe, expect, it } from "vitest";

import { int, ints, text } from "../../../../test/support/onnx-model.ts";
import { type Attribute, bind, known, outputOf, outputsOf, whole } from "../../../../test/support/onnx-node.ts";
import { filled, itComputes, itRefuses, matrix } from "../../../../test/support/op-suites.ts";
import { input, type Tensor } from "../../tensor.ts";
import type { Value } from "../bound-node.ts";
import { layoutOperators, reshapedShape, squeezedShape, unsqueezedShape } from "./layout.ts";

const made = (op: string, inputs: readonly (Value | undefined)[], attributes: readonly Attribute[] = []): Tensor =>
  outputOf(layoutOperators[op], bind(inputs, attributes));

const grid = matrix([
  [1, 2, 3],
  [4, 5, 6],
]);
const counting = (n: number) => Array.from({ length: n }, (_, i) => i);
const channels = filled([1, 4, 1, 2], counting(8));
const space = filled([1, 1, 2, 4], counting(8));
const column = filled([1, 2, 1], [1, 2]);

itComputes({
  Concat: [made("Concat", [grid, matrix([[7], [8]])], [int("axis", -1)]), [2, 4], [1, 2, 3, 7, 4, 5, 6, 8]],
  DepthToSpace: [made("DepthToSpace", [channels], [int("blocksize", 2)]), [1, 1, 2, 4], [0, 2, 1, 3, 4, 6, 5, 7]],
  "DepthToSpace of several channels": [
    made("DepthToSpace", [filled([1, 8, 1, 1], counting(8))], [int("blocksize", 2)]),
    [1, 2, 2, 2],
    [0, 2, 4, 6, 1, 3, 5, 7],
  ],
  "DepthToSpace, channels first": [
    made("DepthToSpace", [filled([1, 8, 1, 1], counting(8))], [int("blocksize", 2), text("mode", "CRD")]),
    [1, 2, 2, 2],
    [0, 1, 2, 3, 4, 5, 6, 7],
  ],
  SpaceToDepth: [made("SpaceToDepth", [space], [int("blocksize", 2)]), [1, 4, 1, 2], [0, 2, 1, 3, 4, 6, 5, 7]],
  Expand: [made("Expand", [matrix([[1], [2]]), whole([3])]), [2, 3], [1, 1, 1, 2, 2, 2]],
  Flatten: [made("Flatten", [filled([2, 1, 3], counting(6))], [int("axis", -1)]), [2, 3], counting(6)],
  Pad: [made("Pad", [grid, whole([0, 1, 0, 0]), known([9], [])]), [2, 4], [9, 1, 2, 3, 9, 4, 5, 6]],
  "Pad of one axis": [made("Pad", [grid, whole([1, 0]), undefined, whole([-2])]), [3, 3], [0, 0, 0, 1, 2, 3, 4, 5, 6]],
  "Pad that cuts": [made("Pad", [grid, whole([0, -1, 0, -1])]), [2, 1], [2, 5]],
  Reshape: [made("Reshape", [grid, whole([0, -1, 1])]), [2, 3, 1], [1, 2, 3, 4, 5, 6]],
  Resize: [made("Resize", [filled([1, 1, 2], [1, 2]), known([]), known([1, 1, 2])]), [1, 1, 4], [1, 1, 2, 2]],
  Squeeze: [made("Squeeze", [column]), [2], [1, 2]],
  Tile: [made("Tile", [grid, whole([1, 2])]), [2, 6], [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]],
  Transpose: [made("Transpose", [grid]), [3, 2], [1, 4, 2, 5, 3, 6]],
  Unsqueeze: [made("Unsqueeze", [grid, whole([-1])]), [2, 3, 1], [1, 2, 3, 4, 5, 6]],
});

describe("Split", () => {
  const shapes = (inputs: readonly Value[], outputs: number) =>
    outputsOf(layoutOperators.Split, bind(inputs, [int("axis", 1)], { outputs })).map(({ shape }) => shape);

  it("cuts into the given sizes, or into equal parts with a smaller last one", () => {
    expect(shapes([input("x", [2, 5]), whole([1, 4])], 2)).toEqual([
      [2, 1],
      [2, 4],
    ]);
    expect(shapes([input("x", [2, 5])], 3)).toEqual([
      [2, 2],
      [2, 2],
      [2, 1],
    ]);
  });
});

describe("shapes", () => {
  it("of a reshape keep dimensions for 0, and take the rest for −1", () => {
    expect(reshapedShape([2, 3, 4], [0, -1], false)).toEqual([2, 12]);
    expect(reshapedShape([0, 3], [3, 0], true)).toEqual([3, 0]);
    expect(() => reshapedShape([2], [2, 0], false)).toThrow("it reshapes to more dimensions than it has");
    expect(() => reshapedShape([2, 3], [4, -1], false)).toThrow("export the model with a dynamic batch dimension");
  });

  it("lose axes of size 1, or those that are named", () => {
    expect(squeezedShape([1, 2, 1], undefined)).toEqual([2]);
    expect(squeezedShape([1, 2, 1], [-1])).toEqual([1, 2]);
  });

  it("gain axes of size 1, counted in the result", () => {
    expect(unsqueezedShape([2, 3], [0, -1])).toEqual([1, 2, 3, 1]);
  });
});

const x = input("x", [2, 3]);
itRefuses(
  {
    "padding by reflection": [
      () => made("Pad", [x, whole([0, 0, 1, 1])], [text("mode", "reflect")]),
      "it pads in the mode reflect, which is not supported",
    ],
    "moving channels of a matrix": [
      () => made("DepthToSpace", [x], [int("blocksize", 2)]),
      "it has a DepthToSpace of a tensor of 2 dimensions, expected 4",
    ],
    "a Resize of before version 11": [
      () => layoutOperators.Resize!(bind([x, known([1, 2])], [], { opset: 10 })),
      "it resizes as before version 11",
    ],
    "a Tile that does not name each axis": [
      () => made("Tile", [x, whole([2])]),
      "it gives 1 values where element 2 is needed",
    ],
    "joining nothing": [() => made("Concat", []), "it has a Concat of nothing"],
  },
  "E_CHECKPOINT",
);

it("takes the order of a transposition from the attribute", () => {
  expect(made("Transpose", [input("maps", [2, 3, 4])], [ints("perm", [0, 2, 1])]).shape).toEqual([2, 4, 3]);
});
