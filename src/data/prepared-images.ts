/** All images of a split, normalised once, for many trainings on the same images. */
import { batchFiller } from "./batches.ts";
import type { Preparation, Split } from "./data-set.ts";

/** Normalised images with their labels. */
export interface PreparedImages {
  /** Number of values of an image. */
  readonly size: number;
  /** `[images, size]`, normalised. */
  readonly pixels: Float32Array;
  /** `[images]` */
  readonly labels: Int32Array;
}

/** Images normalised at a time. */
const CHUNK = 1024;

/** Normalises the images of a split, without augmentation. */
export function preparedImages(preparation: Preparation, split: Split): PreparedImages {
  const size = preparation.channels * preparation.height * preparation.width;
  const pixels = new Float32Array(split.count * size);
  const labels = new Int32Array(split.count);
  const filler = batchFiller(preparation, split);
  try {
    for (let start = 0; start < split.count; start += CHUNK) {
      const end = Math.min(start + CHUNK, split.count);
      const indices = Int32Array.from({ length: end - start }, (_, i) => start + i);
      filler.fill(indices, pixels.subarray(start * size, end * size), labels.subarray(start, end));
    }
  } finally {
    filler.close();
  }
  return { size, pixels, labels };
}
