/**
 * A convolution and 2 × 2 max pooling as one, for training. The four positions of every window
 * become four convolutions of stride 2, whose results lie whole planes apart: neither the maximum
 * nor its gradient picks single numbers out of rows. A network asks for it, because a rule that
 * applies after differentiation would come too late for the gradient.
 */

import { at } from "../../lookup.ts";
import { conv } from "../ops/conv.ts";
import { maximum, maxPool } from "../ops/pool.ts";
import { concat, pad, slice, split } from "../ops/shape.ts";
import { spatialOf, type Tensor } from "../tensor.ts";

/**
 * With more channels the fourfold kernel, which is a row and a column larger, takes longer than it
 * saves. A step of the 10 853-parameter CNN takes 12.8 ms instead of 14.6 (its first stage has 1
 * channel), and 15.8 instead of 20.6 where that has 3; a step with three stages of 8 channels takes
 * 4.7 instead of 6.9, and 13.6 either way with 16 channels.
 */
const MAX_CHANNELS = 8;

/**
 * `maxPool` with kernel 2 of the convolution of x `[batch, in, height, width]` with w
 * `[out, in, k, k]`, no padding.
 * @param bias `[out]`.
 * @throws UserError `E_SHAPE` where weight or bias do not fit.
 */
export function pooledConv(x: Tensor, w: Tensor, bias: Tensor): Tensor {
  // Also checks the shapes.
  const plain = maxPool(conv(x, w, { bias }), { kernel: 2 });
  if (at(x.shape, 1) > MAX_CHANNELS) return plain;
  const [out, kernel] = [at(w.shape, 0), at(w.shape, 2)];
  const positions = [0, 1].flatMap((i) => [0, 1].map((j) => [i, j] as const));
  const apart = positions.map(([i, j]) => pad(w, { axes: [2, 3], before: [i, j], after: [1 - i, 1 - j] }));
  // A last row or column that fills no window is not computed.
  const ends = spatialOf(x).map((n) => 2 * Math.floor((n - kernel + 1) / 2) + kernel - 1);
  const seen = slice(x, { axes: [2, 3], starts: [0, 0], ends });
  const four = concat([bias, bias, bias, bias], 0);
  const y = conv(seen, concat(apart, 0), { stride: 2, bias: four });
  return maximum(split(y, [out, out, out, out], 1));
}
