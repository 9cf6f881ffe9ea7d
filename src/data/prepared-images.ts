/** All images of a split as a network sees them, prepared once: for many trainings on the same images. */
import { batchFiller } from "./batches.ts";
import type { Preparation, Split } from "./data-set.ts";

export interface PreparedImages {
  /** Numbers of an image. */
  readonly size: number;
  /** `[images, size]`, normalised. */
  readonly pixels: Float32Array;
  /** `[images]` */
  readonly labels: Int32Array;
}

/** Images prepared at a time. */
const CHUNK = 1024;

/** Prepares the images of a split, without augmentation. */
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
