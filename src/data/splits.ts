/** Setting images apart for selection, and copying images out with their padding. */
import { fold, key, permutation } from "../random/index.ts";
import type { Split } from "./data-set.ts";
import type { LabelledImages } from "./labelled-images.ts";

/**
 * Chooses the images set apart for selection: every class gives the same share of its images, chosen by a fixed shuffle
 * that knows no seed. So all runs with the same training images set the same ones apart and can be compared.
 * @param labels of the training images, below `classes`.
 * @param count how many to set apart.
 * @returns the indices that stay and those set apart, both ascending.
 */
export function setApart(
  labels: Uint8Array,
  classes: number,
  count: number,
): { train: Int32Array; selection: Int32Array } {
  const sizes = new Int32Array(classes);
  for (const label of labels) sizes[label]!++;
  // An image's rank is the share of its class that comes before it in the shuffle: the lowest ranks take from all
  // classes alike.
  const order = permutation(fold(key(0), "selection"), labels.length);
  const met = new Int32Array(classes);
  const rank = new Float64Array(labels.length);
  for (const i of order) {
    const label = labels[i]!;
    rank[i] = (met[label]!++ + 0.5) / sizes[label]!;
  }
  order.sort((a, b) => rank[a]! - rank[b]! || a - b);
  return { train: order.slice(count).sort(), selection: order.slice(0, count).sort() };
}

/** Copies the chosen images and their labels, with `pad` zero pixels on each side of every channel. */
export function copyOut(
  { channels, height, width, images, labels }: LabelledImages,
  indices: Int32Array,
  pad: number,
): Split {
  const paddedWidth = width + 2 * pad;
  const paddedPlane = (height + 2 * pad) * paddedWidth;
  const out = new Uint8Array(indices.length * channels * paddedPlane);
  let to = pad * paddedWidth + pad;
  for (const index of indices)
    for (let plane = index * channels; plane < (index + 1) * channels; plane++, to += paddedPlane)
      for (let y = 0; y < height; y++) {
        const from = (plane * height + y) * width;
        out.set(images.subarray(from, from + width), to + y * paddedWidth);
      }
  return { count: indices.length, images: out, labels: Uint8Array.from(indices, (index) => labels[index]!) };
}
