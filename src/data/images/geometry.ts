/**
 * Which part of an image is cut out: the arithmetic of torchvision's Resize, CenterCrop, RandomCrop
 * and RandomResizedCrop, with given random numbers. All results are whole pixels, so the last bits
 * of `Math.exp`, which differ between engines, are rounded away.
 */
import { at } from "../../lookup.ts";
import type { Box } from "./resample.ts";

/** Size of an image in pixels. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** Rounds halves to even numbers, like Python. */
export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** The size of an image after its shorter side is resized to `side`. */
export function resizedSize({ height, width }: Size, side: number): Size {
  return height <= width
    ? { height: side, width: Math.trunc((side * width) / height) }
    : { height: Math.trunc((side * height) / width), width: side };
}

/** The centre of an image, `size` × `size`; it reaches outside of a smaller image. */
export function centreBox({ height, width }: Size, size: number): Box {
  const begin = (length: number) =>
    length < size ? -Math.floor((size - length) / 2) : roundHalfEven((length - size) / 2);
  return { top: begin(height), left: begin(width), height: size, width: size };
}

/**
 * A random crop of `size` × `size` from an image with `padding` black pixels around it.
 * @param at its position, as two random numbers in [0, 1).
 */
export function paddedBox(
  { height, width }: Size,
  size: number,
  padding: number,
  place: readonly [number, number],
): Box {
  const begin = (length: number, u: number) => Math.floor(u * Math.max(1, length + 2 * padding - size + 1)) - padding;
  return { top: begin(height, place[0]), left: begin(width, place[1]), height: size, width: size };
}

/** Number of random crops tried before the centre is taken. */
export const CROP_TRIES = 10;

/** Bounds of a random crop. */
export interface ResizedCrop {
  /** Share of the image's area. */
  readonly scale: readonly [number, number];
  /** Ratio of width to height. */
  readonly ratio: readonly [number, number];
}

/**
 * A random crop for RandomResizedCrop (Szegedy et al., 2015).
 * @param draws random numbers in [0, 1): for each try one for the area and one for the ratio.
 * @param at its position, as two such numbers.
 */
export function resizedCropBox(
  { height, width }: Size,
  { scale, ratio }: ResizedCrop,
  draws: ArrayLike<number>,
  place: readonly [number, number],
): Box {
  const between = ([low, high]: readonly [number, number], u: number) => low + (high - low) * u;
  const logarithms = [Math.log(ratio[0]), Math.log(ratio[1])] as const;
  for (let i = 0; i < CROP_TRIES; i++) {
    const area = height * width * between(scale, at(draws, 2 * i));
    const aspect = Math.exp(between(logarithms, at(draws, 2 * i + 1)));
    const w = roundHalfEven(Math.sqrt(area * aspect));
    const h = roundHalfEven(Math.sqrt(area / aspect));
    if (w > 0 && w <= width && h > 0 && h <= height)
      return {
        top: Math.floor(place[0] * (height - h + 1)),
        left: Math.floor(place[1] * (width - w + 1)),
        height: h,
        width: w,
      };
  }
  const shape = width / height;
  const w = shape > ratio[1] ? roundHalfEven(height * ratio[1]) : width;
  const h = shape < ratio[0] ? roundHalfEven(width / ratio[0]) : height;
  return { top: Math.floor((height - h) / 2), left: Math.floor((width - w) / 2), height: h, width: w };
}
