import { expect, it } from "vitest";

import { each, itComputes, itRefuses, itsGradientsAgree, matrix } from "../../../test/support/op-suites.ts";
import { gradients } from "../gradients.ts";
import { input } from "../tensor.ts";
import { reduceSum } from "./broadcast.ts";
import { standardise } from "./standardise.ts";

const standardised = standardise(
  matrix([
    [1, 3],
    [2, 8],
  ]),
  { axes: [1], eps: 0 },
);

itComputes({
  "standardise, the values": [standardised.normal, [2, 2], [-1, 1, -1, 1]],
  "standardise, the mean": [standardised.mean, [2, 1], [2, 5]],
  "standardise, the biased variance": [standardised.variance, [2, 1], [1, 9]],
});

itRefuses({
  "standardising over nothing": [
    () => standardise(input("grid", [3, 4]), { axes: [], eps: 1 }),
    "standardise: axes [] of [3, 4]",
  ],
});

it("does not differentiate its statistics", () => {
  const x = input("x", [4]);
  const { variance } = standardise(x, { axes: [0], eps: 1e-5 });
  expect(() => gradients(reduceSum(variance), [x])).toThrow("statistics are not differentiable");
});

itsGradientsAgree(
  each(
    {
      "standardise over axes 0, 2": (x) => standardise(x, { axes: [0, 2], eps: 1e-5 }).normal,
      "standardise over axis 2, eps 0.3": (x) => standardise(x, { axes: [2], eps: 0.3 }).normal,
    },
    [[2, 3, 5]],
    "apart",
  ),
);
