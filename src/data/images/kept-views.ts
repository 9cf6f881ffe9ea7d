/**
 * What a network sees of images in evaluation, kept in memory: many trainings read the same images
 * again and again, and each is resized and cut once.
 */
import type { Pixels, RawImage } from "./raw-image.ts";
import { evaluationView, type View } from "./transforms.ts";

/** Bytes that the views of one set of images may take; larger ones are computed each time. */
const MAX_BYTES = 2 ** 26;

interface KeptViews {
  readonly view: View;
  readonly images: (Uint8Array | undefined)[];
}

/** By the images that they are views of, so that they go when these do. */
const kept = new WeakMap<Pixels, KeptViews>();

/**
 * A function that gives the evaluation view `[channels, size, size]` of a stored image, given the
 * image and its index. Its result must not be changed.
 * @param maxBytes at most so much is kept; 64 MiB by default.
 */
export function evaluationViews(
  pixels: Pixels,
  view: View,
  maxBytes = MAX_BYTES,
): (image: RawImage, index: number) => Uint8Array {
  if (pixels.type !== "memory") return (image) => evaluationView(image, view);
  const { channels, height, width, bytes } = pixels;
  const count = bytes.length / (channels * height * width);
  if (count * channels * view.size ** 2 > maxBytes) return (image) => evaluationView(image, view);
  const images = viewsOf(pixels, view, count);
  return (image, index) => (images[index] ??= evaluationView(image, view));
}

/** What is kept of some images under a view; of two views, the last one asked for. */
function viewsOf(pixels: Pixels, view: View, count: number): (Uint8Array | undefined)[] {
  const known = kept.get(pixels);
  if (known?.view.size === view.size && known.view.resize === view.resize) return known.images;
  const images = new Array<Uint8Array | undefined>(count);
  kept.set(pixels, { view, images });
  return images;
}
