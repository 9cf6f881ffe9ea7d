import { expect, it } from "vitest";

import { filled, itComputes, itRefuses, itsGradientsAgree, matrix } from "../../../test/support/op-suites.ts";
import { gradients } from "../gradients.ts";
import { input } from "../tensor.ts";
import { batchNorm } from "./batch-norm.ts";
import { reduceSum } from "./broadcast.ts";

// Channels (1, 3) and (2, 8): means 2 and 5, deviations 1 and 3.
const normalised = batchNorm(
  matrix([
    [1, 2],
    [3, 8],
  ]),
  { weight: filled([2], [2, 10]), bias: filled([2], [0, 100]), eps: 0 },
);

itComputes({
  "batchNorm, the values": [normalised.y, [2, 2], [-2, 90, 2, 110]],
  "batchNorm, the means": [normalised.mean, [2], [2, 5]],
  "batchNorm, the biased variances": [normalised.variance, [2], [1, 9]],
});

const x = input("x", [4, 3]);
const [three, two] = [input("three", [3]), input("two", [2])];
itRefuses({
  "a weight of another number of channels": [
    () => batchNorm(x, { weight: two, bias: three, eps: 1 }),
    "batchNorm: weight [2] and bias [3] on [4, 3]",
  ],
});

it("does not differentiate its statistics", () => {
  const { mean } = batchNorm(x, { weight: three, bias: three, eps: 1 });
  expect(() => gradients(reduceSum(mean), [x])).toThrow("statistics are not differentiable");
});

itsGradientsAgree([
  {
    name: "batchNorm",
    shapes: [[4, 3, 2], [3], [3]],
    build: (t, weight, bias) => batchNorm(t!, { weight: weight!, bias: bias!, eps: 0.1 }).y,
  },
  {
    name: "batchNorm of vectors",
    shapes: [[5, 2], [2], [2]],
    build: (t, weight, bias) => batchNorm(t!, { weight: weight!, bias: bias!, eps: 0.5 }).y,
  },
]);
