/**
 * A convolution and 2 × 2 max-pooling in one, for training: the four positions of every window are four convolutions of stride 2,
 * so a window's results lie whole planes apart, and neither the maximum nor its gradient picks single numbers out of rows.
 */

import { conv } from "../ops/conv.ts";
import { maximum, maxPool } from "../ops/pool.ts";
import { concat, pad, slice, split } from "../ops/shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Of more channels than this the fourfold kernel, which is a row and a column larger, takes more time than is saved. A step of the
 * 10 853-parameter CNN takes 12.8 ms for 14.6 (its first stage has 1 channel), 15.8 for 20.6 where that has 3, one of three
 * stages of 8 channels 4.7 for 6.9; with 16 channels as well 13.6.
 */
const MAX_CHANNELS = 8;

/**
 * What `maxPool` with kernel 2 makes of the convolution of x `[batch, in, height, width]` with w `[out, in, k, k]`, without padding.
 * @param bias `[out]`.
 * @throws UserError `E_SHAPE` where either does not fit.
 */
export function pooledConv(x: Tensor, w: Tensor, bias: Tensor): Tensor {
  // Checks the shapes, too, and says what does not fit.
  const oneByOne = maxPool(conv(x, w, { bias }), { kernel: 2 });
  if (x.shape[1]! > MAX_CHANNELS) return oneByOne;
  const [out, , kernel] = w.shape as [number, number, number];
  const positions = [0, 1].flatMap((i) => [0, 1].map((j) => [i, j] as const));
  const apart = positions.map(([i, j]) => pad(w, { axes: [2, 3], before: [i, j], after: [1 - i, 1 - j] }));
  // A last row or column that fills no window is not computed.
  const ends = x.shape.slice(2).map((n) => 2 * Math.floor((n - kernel + 1) / 2) + kernel - 1);
  const seen = slice(x, { axes: [2, 3], starts: [0, 0], ends });
  const four = concat(
    positions.map(() => bias),
    0,
  );
  const y = conv(seen, concat(apart, 0), { stride: 2, bias: four });
  return maximum(
    split(
      y,
      positions.map(() => out),
      1,
    ),
  );
}
