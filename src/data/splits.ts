/** The validation split, and copies of images with padding. */
import { at } from "../lookup.ts";
import { foldIn, key, permutation } from "../random/index.ts";
import type { Split } from "./data-set.ts";
import type { Labels, Pixels } from "./images/raw-image.ts";
import type { LabelledImages } from "./labelled-images.ts";

/**
 * Chooses the images of the validation split: the same share of every class, by a fixed shuffle
 * without a seed. So all runs with the same training images have the same validation split.
 * @param labels of the training images, below `classes`.
 * @param count size of the validation split.
 * @returns the indices of the training and of the validation split, both ascending.
 */
export function setApart(labels: Labels, classes: number, count: number): { train: Int32Array; selection: Int32Array } {
  const sizes = new Int32Array(classes);
  for (const label of labels) sizes[label]!++;
  // An image's rank is the share of its class before it in the shuffle: the lowest ranks take from
  // all classes alike.
  const order = permutation(foldIn(key(0), "selection"), labels.length);
  const met = new Int32Array(classes);
  const rank = new Float64Array(labels.length);
  for (const i of order) {
    const label = at(labels, i);
    rank[i] = (met[label]!++ + 0.5) / at(sizes, label);
  }
  order.sort((a, b) => at(rank, a) - at(rank, b) || a - b);
  return { train: order.slice(count).sort(), selection: order.slice(0, count).sort() };
}

/** The labels at the indices. */
export const labelsAt = (labels: Labels, indices: Int32Array): Uint16Array =>
  Uint16Array.from(indices, (index) => at(labels, index));

/**
 * Copies images and labels to shared memory, which threads can read.
 * @param indices which images.
 * @param pad zero pixels added on each side of every channel.
 */
export function copyOut(
  { channels, height, width, images, labels }: LabelledImages,
  indices: Int32Array,
  pad: number,
): Split {
  const paddedHeight = height + 2 * pad;
  const paddedWidth = width + 2 * pad;
  const paddedPlane = paddedHeight * paddedWidth;
  const bytes = new Uint8Array(new SharedArrayBuffer(indices.length * channels * paddedPlane));
  let to = pad * paddedWidth + pad;
  for (const index of indices)
    for (let plane = index * channels; plane < (index + 1) * channels; plane++, to += paddedPlane)
      for (let y = 0; y < height; y++) {
        const from = (plane * height + y) * width;
        bytes.set(images.subarray(from, from + width), to + y * paddedWidth);
      }
  return {
    count: indices.length,
    pixels: { type: "memory", channels, height: paddedHeight, width: paddedWidth, bytes },
    labels: labelsAt(labels, indices),
  };
}

/** A view of `count` images of a split, from `first` on. */
export function sliceSplit({ pixels, labels }: Split, first: number, count: number): Split {
  const end = first + count;
  const part = (): Pixels => {
    if (pixels.type === "pack") {
      const { offsets, heights, widths } = pixels;
      return {
        ...pixels,
        offsets: offsets.subarray(first, end),
        heights: heights.subarray(first, end),
        widths: widths.subarray(first, end),
      };
    }
    const size = pixels.channels * pixels.height * pixels.width;
    return { ...pixels, bytes: pixels.bytes.subarray(first * size, end * size) };
  };
  return { count, pixels: part(), labels: labels.subarray(first, end) };
}
