/** Sizes of a batch of images or maps, and the batch as rows. */
import { reshape, shapeError, sizeOf, type Tensor } from "../graph/index.ts";

/**
 * Size of a tensor along an axis.
 * @throws UserError `E_SHAPE` when it has no such axis.
 */
export function sizeAlong(x: Tensor, axis: number): number {
  const size = x.shape[axis];
  if (size === undefined) throw shapeError("network", `a tensor of ${x.shape.length} dimensions has no axis ${axis}`);
  return size;
}

/** Channels of `[batch, channels, …]`. */
export const channelsOf = (x: Tensor): number => sizeAlong(x, 1);

/** `[batch, …]` as rows `[batch, size]`. */
export const flatten = (x: Tensor): Tensor => reshape(x, [sizeAlong(x, 0), sizeOf(x.shape.slice(1))]);
