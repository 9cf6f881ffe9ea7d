/** Parameter vectors as the sequences of one channel that convolutions work on, and back. */

import { pad, reshape, slice, type Tensor } from "../../graph/index.ts";
import { at } from "../../lookup.ts";

/** A vector `[batch, D]` as a sequence `[batch, 1, length]`, filled up with zeros. */
export function asSequence(v: Tensor, length: number): Tensor {
  const [batch, dimension] = v.shape as [number, number];
  return pad(reshape(v, [batch, 1, dimension]), { axes: [2], before: [0], after: [length - dimension] });
}

/** The first `dimension` positions of a sequence `[batch, 1, length]`, as vectors. */
export const asVector = (x: Tensor, dimension: number): Tensor =>
  reshape(slice(x, { axes: [2], starts: [0], ends: [dimension] }), [at(x.shape, 0), dimension]);
