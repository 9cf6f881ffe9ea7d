import { describe, expect, it } from "vitest";

import { bothReadings } from "../../../../test/support/both-readings.ts";
import { float, int, modelOf, node, text } from "../../../../test/support/onnx-model.ts";
import { type Attribute, bind, known, outputOf } from "../../../../test/support/onnx-node.ts";
import { filled, itComputes, itRefuses, type Values } from "../../../../test/support/op-suites.ts";
import { greater } from "../../ops/elementwise.ts";
import { input, type Tensor } from "../../tensor.ts";
import type { Value } from "../bound-node.ts";
import { elementwiseOperators } from "./elementwise.ts";

const made = (op: string, inputs: readonly (Value | undefined)[], attributes: readonly Attribute[] = []): Tensor =>
  outputOf(elementwiseOperators[op], bind(inputs, attributes));

const xs = [-3, -0.5, 0, 0.25, 4];
const x = filled([5], xs);
const positive = [0.25, 0.5, 1, 2, 9];
const p = filled([5], positive);
const y = filled([5], [1, -0.5, 2, 0, 4]);
const truth = greater(x, 0);
const other = greater(y, 0);

itComputes({
  Abs: [made("Abs", [x]), [5], [3, 0.5, 0, 0.25, 4]],
  And: [made("And", [truth, other]), [5], [0, 0, 0, 0, 1]],
  Cast: [made("Cast", [x], [int("to", 6)]), [5], [-3, 0, 0, 0, 4]],
  CastLike: [made("CastLike", [x, truth]), [5], [1, 1, 0, 1, 1]],
  Clip: [made("Clip", [x, known([-1], []), known([2], [])]), [5], [-1, -0.5, 0, 0.25, 2]],
  "Clip above only": [made("Clip", [x, undefined, known([2], [])]), [5], [-3, -0.5, 0, 0.25, 2]],
  "Clip of before version 11": [made("Clip", [x], [float("min", 0)]), [5], [0, 0, 0, 0.25, 4]],
  Dropout: [made("Dropout", [x]), [5], xs],
  Equal: [made("Equal", [x, y]), [5], [0, 1, 0, 0, 1]],
  GreaterOrEqual: [made("GreaterOrEqual", [x, y]), [5], [0, 1, 0, 1, 1]],
  Less: [made("Less", [x, y]), [5], [1, 0, 1, 0, 0]],
  LessOrEqual: [made("LessOrEqual", [x, y]), [5], [1, 1, 1, 0, 1]],
  Max: [made("Max", [x, y, filled([1], [0.5])]), [5], [1, 0.5, 2, 0.5, 4]],
  Mean: [made("Mean", [x, y]), [5], [-1, -0.5, 1, 0.125, 4]],
  Min: [made("Min", [x, y, filled([1], [0.5])]), [5], [-3, -0.5, 0, 0, 0.5]],
  Not: [made("Not", [truth]), [5], [1, 1, 1, 0, 0]],
  Or: [made("Or", [truth, other]), [5], [1, 0, 1, 1, 1]],
  PRelu: [made("PRelu", [x, filled([1], [0.5])]), [5], [-1.5, -0.25, 0, 0.25, 4]],
  Sum: [made("Sum", [x, y, x]), [5], [-5, -1.5, 2, 0.5, 12]],
  Softsign: [made("Softsign", [filled([3], [-3, 0, 1])]), [3], [-0.75, 0, 0.5]],
  "Pow, cubed": [made("Pow", [x, known([3], [])]), [5], [-27, -0.125, 0, 0.015625, 64]],
  "Pow, to the power of −2": [made("Pow", [p, known([-2], [])]), [5], [16, 4, 1, 0.25, Math.fround(1 / 81)]],
  "Pow, to the power of 0": [made("Pow", [x, known([0], [])]), [5], [1, 1, 1, 1, 1]],
});

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
const softplus = (v: number) => Math.log1p(Math.exp(v));
const clip = (v: number) => Math.min(1, Math.max(0, v));
const smooth = (op: string, f: (v: number) => number, attributes: readonly Attribute[] = []): Values[string] => [
  made(op, [x], attributes),
  [5],
  xs.map(f),
];

itComputes(
  {
    Celu: smooth("Celu", (v) => (v > 0 ? v : 2 * Math.expm1(v / 2)), [float("alpha", 2)]),
    Elu: smooth("Elu", (v) => (v > 0 ? v : 2 * Math.expm1(v)), [float("alpha", 2)]),
    "Gelu by tanh": smooth("Gelu", (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))), [
      text("approximate", "tanh"),
    ]),
    HardSigmoid: smooth("HardSigmoid", (v) => clip(0.2 * v + 0.5)),
    HardSwish: smooth("HardSwish", (v) => v * clip(v / 6 + 0.5)),
    LeakyRelu: smooth("LeakyRelu", (v) => (v > 0 ? v : 0.2 * v), [float("alpha", 0.2)]),
    Mish: smooth("Mish", (v) => v * Math.tanh(softplus(v))),
    Selu: smooth("Selu", (v) => 1.0507009873554805 * (v > 0 ? v : 1.6732632423543772 * Math.expm1(v))),
    Softplus: smooth("Softplus", softplus),
    Swish: smooth("Swish", (v) => v * sigmoid(2 * v), [float("alpha", 2)]),
    "Pow, to the power of 0.5": [made("Pow", [p, known([0.5], [])]), [5], positive.map(Math.sqrt)],
    "Pow, to the power of −0.5": [made("Pow", [p, known([-0.5], [])]), [5], positive.map((v) => v ** -0.5)],
    "Pow, to the power of 2.5": [made("Pow", [p, known([2.5], [])]), [5], positive.map((v) => v ** 2.5)],
  },
  {},
  1e-6,
);

const image = input("image", [2]);
itRefuses(
  {
    "powers that differ": [() => made("Pow", [image, known([1, 2])]), "it raises to powers that are not one number"],
    "a power that depends on the images": [
      () => made("Pow", [image, image]),
      "it needs numbers that depend on the images",
    ],
    "a cast to text": [() => made("Cast", [image], [int("to", 8)]), "it casts to a type that is not supported"],
    "the mean of nothing": [() => made("Mean", []), "it has a Mean of nothing"],
  },
  "E_CHECKPOINT",
);

describe("trigonometry equals ONNX Runtime", () => {
  it.each(["Sin", "Cos"])("%s", async (op) => {
    const { ours, theirs } = await bothReadings(
      modelOf([node(op, ["x"], "y")], { shape: ["n", 2, 5, 7] }),
      [2, 2, 5, 7],
    );
    for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 5);
  });
});
