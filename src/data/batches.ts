/** Batches of normalised images, and the order of images in an epoch. */
import { at } from "../lookup.ts";
import { foldIn, type Key, permutation } from "../random/index.ts";
import type { Preparation, Split } from "./data-set.ts";
import { evaluationViews } from "./images/kept-views.ts";
import { openPixels } from "./images/pixels.ts";
import type { RawImage } from "./images/raw-image.ts";
import { augmentedView } from "./images/transforms.ts";

/** Fills batches from a split. It may hold a file open, so it must be closed. */
export interface BatchFiller {
  /**
   * Writes a batch into the caller's arrays.
   * @param indices which images, each from 0 to `split.count` − 1.
   * @param images receives `[indices.length, channels, height, width]`.
   * @param labels receives `[indices.length]`.
   * @param augment the key of an epoch's augmentation; it and an image's index decide how the image
   *   is augmented. Without it, images are as in evaluation.
   * @throws RangeError when an array has another size or an index is outside of the split.
   */
  fill(indices: ArrayLike<number>, images: Float32Array, labels: Int32Array, augment?: Key): void;
  close(): void;
}

/**
 * Opens a split. A pixel becomes (pixel / 255 − mean) / std of its channel; padding is a zero
 * pixel.
 * @throws UserError `E_DATA` when the file of decoded images cannot be opened.
 */
export function batchFiller(preparation: Preparation, split: Split): BatchFiller {
  const { channels, height, width, view, augmentation, mean, std } = preparation;
  const plane = height * width;
  const pixels = openPixels(split.pixels);
  const inEvaluation = view === null ? ({ pixels }: RawImage) => pixels : evaluationViews(split.pixels, view);
  const viewOf = (image: RawImage, index: number, augment: Key | undefined): Uint8Array =>
    view === null || augmentation === null || augment === undefined
      ? inEvaluation(image, index)
      : augmentedView(image, view, augmentation, foldIn(augment, index));
  const tables = mean.map((m, channel) => normalised(m, at(std, channel)));
  return {
    fill(indices, images, labels, augment) {
      const count = indices.length;
      if (images.length !== count * channels * plane || labels.length !== count)
        throw new RangeError(
          `a batch of ${count} images takes ${count * channels * plane} pixels and ${count} labels, got room for ${images.length} and ${labels.length}`,
        );
      let to = 0;
      for (let i = 0; i < count; i++) {
        const index = at(indices, i);
        if (!(index >= 0 && index < split.count))
          throw new RangeError(`image ${index} is not one of the ${split.count} of this split`);
        const bytes = viewOf(pixels.read(index), index, augment);
        let from = 0;
        for (let channel = 0; channel < channels; channel++) {
          const table = tables[channel]!;
          for (const end = from + plane; from < end; ) images[to++] = table[bytes[from++]!]!;
        }
        labels[i] = at(split.labels, index);
      }
    },
    close: () => pixels.close(),
  };
}

/** The normalised value of each byte. */
function normalised(mean: number, std: number): Float32Array {
  const scale = 1 / (255 * std);
  const shift = mean / std;
  return Float32Array.from({ length: 256 }, (_, byte) => byte * scale - shift);
}

/**
 * The order in which an epoch visits `count` images.
 * @param k the key of the training's order; it and the epoch decide the order.
 */
export function epochOrder(k: Key, epoch: number, count: number): Int32Array {
  return permutation(foldIn(k, "epoch", epoch), count);
}
