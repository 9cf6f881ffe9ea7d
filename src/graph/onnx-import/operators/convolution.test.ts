import { describe, expect, it } from "vitest";

import { bothReadings } from "../../../../test/support/both-readings.ts";
import { int, ints, longs, modelOf, node } from "../../../../test/support/onnx-model.ts";
import { type Attribute, bind, outputOf, whole } from "../../../../test/support/onnx-node.ts";
import { filled, itComputes, itRefuses } from "../../../../test/support/op-suites.ts";
import { input, type Tensor } from "../../tensor.ts";
import { convolutionOperators } from "./convolution.ts";

const made = (op: string, inputs: readonly Tensor[], attributes: readonly Attribute[] = []): Tensor =>
  outputOf(convolutionOperators[op], bind(inputs, attributes));

const line = filled([1, 1, 5], [1, 2, 3, 4, 5]);
const pair = filled([1, 1, 2], [1, 10]);
const map = filled([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);

itComputes({
  Conv: [made("Conv", [line, pair]), [1, 1, 4], [21, 32, 43, 54]],
  "Conv with a bias and a stride": [
    made("Conv", [line, pair, filled([1], [100])], [ints("strides", [2])]),
    [1, 1, 2],
    [121, 143],
  ],
  "Conv with zeros between its taps": [made("Conv", [line, pair], [ints("dilations", [3])]), [1, 1, 2], [41, 52]],
  "Conv padded at the end only": [made("Conv", [line, pair], [ints("pads", [0, 1])]), [1, 1, 5], [21, 32, 43, 54, 5]],
  "Conv with a different stride along each axis": [
    made("Conv", [map, filled([1, 1, 1, 1], [1])], [ints("strides", [1, 2])]),
    [1, 1, 2, 2],
    [1, 3, 4, 6],
  ],
  "ConvTranspose with a stride": [
    made("ConvTranspose", [filled([1, 1, 2], [1, 2]), pair], [ints("strides", [2]), ints("output_padding", [1])]),
    [1, 1, 5],
    [1, 10, 2, 20, 0],
  ],
  MaxPool: [made("MaxPool", [map], [ints("kernel_shape", [2, 2])]), [1, 1, 1, 2], [5, 6]],
  AveragePool: [made("AveragePool", [map], [ints("kernel_shape", [2, 2])]), [1, 1, 1, 2], [3, 4]],
});

const [x, w] = [input("x", [1, 1, 6, 6]), input("w", [1, 1, 2, 2])];
const patches = input("patches", [1, 4, 9]);
itRefuses(
  {
    "a ConvTranspose with two strides": [
      () => made("ConvTranspose", [x, w], [ints("strides", [1, 2])]),
      "it has a ConvTranspose whose strides, pads or dilations differ",
    ],
    "a Col2Im with dilations": [
      () =>
        outputOf(
          convolutionOperators.Col2Im,
          bind([patches, whole([4, 4]), whole([2, 2])], [ints("dilations", [2, 2])]),
        ),
      "it has a Col2Im whose strides or pads differ, or with dilations",
    ],
    "a Col2Im of which one side is not covered": [
      () =>
        outputOf(convolutionOperators.Col2Im, bind([patches, whole([6, 7]), whole([2, 2])], [ints("strides", [2, 2])])),
      "it has a Col2Im of an image whose sides are cut differently",
    ],
  },
  "E_CHECKPOINT",
);

it("Conv by groups takes the channels of its own group", () => {
  const y = made("Conv", [input("maps", [2, 4, 5]), input("kernels", [6, 2, 3])], [int("group", 2)]);
  expect(y.shape).toEqual([2, 6, 3]);
});

describe("Col2Im equals ONNX Runtime", () => {
  it.each<[string, number[], number[], number[], number[]]>([
    ["side by side", [6, 4], [2, 2], [2, 2], [0, 0, 0, 0]],
    ["overlapping", [5, 4], [3, 3], [1, 1], [1, 1, 1, 1]],
    ["overlapping by steps of two", [7, 7], [3, 3], [2, 2], [1, 1, 1, 1]],
    ["with a rim that none reaches", [6, 6], [3, 3], [2, 2], [0, 0, 0, 0]],
  ])("%s", async (_, size, block, strides, pads) => {
    const places = size.map((n, i) => Math.floor((n + 2 * pads[i]! - block[i]!) / strides[i]!) + 1);
    const model = modelOf(
      [node("Col2Im", ["x", "size", "block"], "y", [ints("strides", strides), ints("pads", pads)])],
      {
        initializer: [longs("size", size), longs("block", block)],
        shape: ["n", 2 * block[0]! * block[1]!, places[0]! * places[1]!],
        version: 18,
      },
    );
    const { ours, theirs, shape, expected } = await bothReadings(model, [
      2,
      2 * block[0]! * block[1]!,
      places[0]! * places[1]!,
    ]);
    expect(shape).toEqual(expected);
    for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 5);
  });
});
