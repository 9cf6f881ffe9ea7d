/** From a data set to the arrays a network takes: batches of normalised images, and the order of an epoch. */
import { fold, type Key, permutation } from "../random/index.ts";
import type { DataSet, Split } from "./data-set.ts";

/**
 * Writes a batch into arrays of the caller; allocates nothing.
 * @param set says how to normalise: a pixel becomes (pixel / 255 − mean) / std of its channel, padding like any zero pixel.
 * @param split the part of the set to take images from.
 * @param indices which images, each from 0 to `split.count` − 1.
 * @param images receives `[indices.length, channels, height, width]`.
 * @param labels receives `[indices.length]`.
 * @throws RangeError where an array has another size or an index is outside the split.
 */
export function fillBatch(
  { channels, height, width, mean, std }: DataSet,
  split: Split,
  indices: ArrayLike<number>,
  images: Float32Array,
  labels: Int32Array,
): void {
  const count = indices.length;
  const plane = height * width;
  if (images.length !== count * channels * plane || labels.length !== count)
    throw new RangeError(
      `a batch of ${count} images takes ${count * channels * plane} pixels and ${count} labels, got room for ${images.length} and ${labels.length}`,
    );
  let to = 0;
  for (let i = 0; i < count; i++) {
    const index = indices[i]!;
    if (!(index >= 0 && index < split.count))
      throw new RangeError(`image ${index} is not one of the ${split.count} of this split`);
    let from = index * channels * plane;
    for (let channel = 0; channel < channels; channel++) {
      const scale = 1 / (255 * std[channel]!);
      const shift = mean[channel]! / std[channel]!;
      for (const end = from + plane; from < end; ) images[to++] = split.images[from++]! * scale - shift;
    }
    labels[i] = split.labels[index]!;
  }
}

/**
 * The order in which an epoch visits `count` images.
 * @param k the key of the training run's order; with the epoch's number it decides the order alone.
 */
export function epochOrder(k: Key, epoch: number, count: number): Int32Array {
  return permutation(fold(k, "epoch", epoch), count);
}
