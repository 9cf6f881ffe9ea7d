import type { GradientCase } from "../../../test/support/finite-differences.ts";
import {
  each,
  filled,
  gradientOf,
  itComputes,
  itRefuses,
  itsGradientsAgree,
  twice,
} from "../../../test/support/op-suites.ts";
import { gradients } from "../gradients.ts";
import { input, type Shape } from "../tensor.ts";
import { reduceSum } from "./broadcast.ts";
import { mul } from "./elementwise.ts";
import { avgPool, maximum, maxPool, type PoolOptions } from "./pool.ts";
import { reshape } from "./shape.ts";

const flat = input("flat", [1, 1, 2, 4]);

itComputes(
  {
    "maxPool, padded": [
      maxPool(filled([1, 1, 4], [-3, -2, -1, -4]), { kernel: 3, stride: 2, padding: 1 }),
      [1, 1, 2],
      [-2, -1],
    ],
    "avgPool, counting the padding": [
      avgPool(filled([1, 1, 4], [3, 6, 9, 12]), { kernel: 3, stride: 2, padding: 1 }),
      [1, 1, 2],
      [3, 9],
    ],
    maximum: [maximum([filled([3], [1, 5, 2]), filled([3], [4, 0, 2]), filled([3], [3, 3, 9])]), [3], [4, 5, 9]],
    // The first of equal maxima takes the whole gradient, as in PyTorch.
    "gradient of maxPool at equal maxima": [
      gradients(reduceSum(maxPool(flat, { kernel: 2 })), [flat])[0]!,
      [1, 1, 2, 4],
      [1, 0, 0, 1, 0, 0, 0, 0],
    ],
  },
  { flat: Float32Array.of(5, 5, 1, 7, 5, 2, 7, 7) },
);

const volume = input("volume", [1, 2, 4]);
itRefuses({
  "a window larger than the input": [
    () => maxPool(volume, { kernel: 5 }),
    "maxPool: input [1, 2, 4] is smaller than kernel 5",
  ],
  "padding over half of the window": [
    () => avgPool(volume, { kernel: 3, padding: 2 }),
    "avgPool: kernel 3, padding 2 on [1, 2, 4]",
  ],
  "the maximum of two shapes": [
    () => maximum([volume, input("other", [1, 2, 3])]),
    "maximum: shapes of [1, 2, 4], [1, 2, 3] differ",
  ],
  "the maximum of nothing": [() => maximum([]), "maximum: there is nothing to compare"],
});

const pooling = (x: Shape, options: PoolOptions): GradientCase[] =>
  each(
    {
      [`maxPool of [${x}], ${JSON.stringify(options)}`]: (t) => maxPool(t, options),
      [`avgPool of [${x}], ${JSON.stringify(options)}`]: (t) => avgPool(t, options),
    },
    [x],
    "apart",
  );

itsGradientsAgree([
  {
    name: "maximum",
    shapes: [
      [3, 4],
      [3, 4],
      [3, 4],
    ],
    build: (...xs) => maximum(xs),
  },
  ...pooling([2, 2, 8], { kernel: 2 }),
  ...pooling([2, 2, 9], { kernel: 3, stride: 2, padding: 1 }),
  ...pooling([1, 2, 6, 7], { kernel: 2 }),
  ...pooling([1, 2, 6, 7], { kernel: 3, stride: 1, padding: 1 }),
  ...pooling([1, 1, 7, 7], { kernel: 2, stride: 3, padding: 1 }),
  ...twice(
    each({ avgPool: (t) => gradientOf(avgPool(mul(reshape(t, [1, 3, 4]), 0.5), { kernel: 2 }), t) }, [[3, 4]], "apart"),
  ),
]);
