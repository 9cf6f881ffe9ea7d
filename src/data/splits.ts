/** Setting images apart for selection, and copying images out with their padding. */
import { foldIn, key, permutation } from "../random/index.ts";
import type { Split } from "./data-set.ts";
import type { Labels, Pixels } from "./images/raw-image.ts";
import type { LabelledImages } from "./labelled-images.ts";

/**
 * Chooses the images set apart for selection: every class gives the same share of its images, chosen by a fixed shuffle
 * that knows no seed. So all runs with the same training images set the same ones apart and can be compared.
 * @param labels of the training images, below `classes`.
 * @param count how many to set apart.
 * @returns the indices that stay and those set apart, both ascending.
 */
export function setApart(labels: Labels, classes: number, count: number): { train: Int32Array; selection: Int32Array } {
  const sizes = new Int32Array(classes);
  for (const label of labels) sizes[label]!++;
  // An image's rank is the share of its class that comes before it in the shuffle: the lowest ranks take from all
  // classes alike.
  const order = permutation(foldIn(key(0), "selection"), labels.length);
  const met = new Int32Array(classes);
  const rank = new Float64Array(labels.length);
  for (const i of order) {
    const label = labels[i]!;
    rank[i] = (met[label]!++ + 0.5) / sizes[label]!;
  }
  order.sort((a, b) => rank[a]! - rank[b]! || a - b);
  return { train: order.slice(count).sort(), selection: order.slice(0, count).sort() };
}

/** The labels at the indices. */
export const labelsAt = (labels: Labels, indices: Int32Array): Uint16Array =>
  Uint16Array.from(indices, (index) => labels[index]!);

/**
 * Copies the chosen images and their labels, with `pad` zero pixels on each side of every channel, to memory that other
 * threads can read.
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

/** `count` images of a split from the first one on, as a split of their own; nothing is copied. */
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
