/** All images of a split as a network sees them, prepared once: for many trainings on the same images. */
import { batchFiller } from "./batches.ts";
import type { Preparation, Split } from "./data-set.ts";

export interface ImageCache {
  /** Numbers of an image. */
  readonly size: number;
  /** Copies images and labels into arrays of the caller. */
  fill(indices: ArrayLike<number>, images: Float32Array, labels: Int32Array): void;
}

/** Images prepared at a time. */
const CHUNK = 1024;

/** Prepares the images of a split, without augmentation. */
export function imageCache(preparation: Preparation, split: Split): ImageCache {
  const size = preparation.channels * preparation.height * preparation.width;
  const all = new Float32Array(split.count * size);
  const labels = new Int32Array(split.count);
  const filler = batchFiller(preparation, split);
  try {
    for (let start = 0; start < split.count; start += CHUNK) {
      const end = Math.min(start + CHUNK, split.count);
      const indices = Int32Array.from({ length: end - start }, (_, i) => start + i);
      filler.fill(indices, all.subarray(start * size, end * size), labels.subarray(start, end));
    }
  } finally {
    filler.close();
  }
  const bytes = Buffer.from(all.buffer);
  return {
    size,
    fill(indices, into, intoLabels) {
      // Bytes without views of single images, which would take longer to make and to collect than the copies.
      const target = Buffer.from(into.buffer, into.byteOffset, into.byteLength);
      for (let i = 0; i < indices.length; i++) {
        const index = indices[i]!;
        bytes.copy(target, 4 * i * size, 4 * index * size, 4 * (index + 1) * size);
        intoLabels[i] = labels[index]!;
      }
    },
  };
}
