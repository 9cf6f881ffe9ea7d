import {
  each,
  gradientOf,
  itComputes,
  itRefuses,
  itsGradientsAgree,
  matrix,
  twice,
} from "../../../test/support/op-suites.ts";
import { gradients } from "../gradients.ts";
import { input } from "../tensor.ts";
import { reduceSum } from "./broadcast.ts";
import { mul } from "./elementwise.ts";
import { argMax, reduceMax, reduceMean } from "./reduce.ts";

const x = input("x", [2, 3, 4]);
const flat = input("flat", [1, 1, 2, 4]);

itComputes(
  {
    "reduceMean, kept": [reduceMean(x, { axes: [1, 2], keepDims: true }), [2, 1, 1], [6.5, 18.5]],
    "reduceMax of axis 1": [reduceMax(x, { axes: [1] }), [2, 4], [9, 10, 11, 12, 21, 22, 23, 24]],
    "argMax, the first of equals": [
      argMax(
        matrix([
          [1, 4, 4],
          [9, 0, 2],
        ]),
        -1,
      ),
      [2],
      [1, 0],
    ],
    // Equal maxima share the gradient, as in PyTorch (amax).
    "gradient of reduceMax at equal maxima": [
      gradients(reduceSum(reduceMax(flat, { axes: [3] })), [flat])[0]!,
      [1, 1, 2, 4],
      [0, 0, 0, 1, 0, 0, 0.5, 0.5],
    ],
  },
  { x: Float32Array.from({ length: 24 }, (_, i) => i + 1), flat: Float32Array.of(5, 5, 1, 7, 5, 2, 7, 7) },
);

itRefuses({
  "the maximum along a missing axis": [() => argMax(input("grid", [3, 4]), 2), "argMax: axis 2 of [3, 4]"],
});

itsGradientsAgree([
  ...each(
    {
      "reduceMean of all": (t) => reduceMean(t),
      "reduceMean of axes -1, 1": (t) => reduceMean(t, { axes: [-1, 1] }),
      "reduceMean of axis 0, kept": (t) => reduceMean(t, { axes: [0], keepDims: true }),
      "reduceMax of all": (t) => reduceMax(t),
      "reduceMax of axis 2": (t) => reduceMax(t, { axes: [2] }),
      "reduceMax of axes 0, 1, kept": (t) => reduceMax(t, { axes: [0, 1], keepDims: true }),
    },
    [[2, 3, 5]],
    "apart",
  ),
  ...twice(
    each({ reduceMax: (t) => gradientOf(mul(t, reduceMax(t, { axes: [1], keepDims: true })), t) }, [[3, 4]], "apart"),
  ),
]);
