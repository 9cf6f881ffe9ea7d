/**
 * Resizes with an antialiased triangle filter, byte for byte like Pillow for 8-bit images (and so
 * like torchvision's Resize): along rows, then along columns, with integer weights and rounding to
 * bytes in each pass.
 */
import type { RawImage } from "./raw-image.ts";

/** A part of an image, in pixels. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Fraction bits of a weight: a sum of bytes times weights stays below 2^31. */
const PRECISION = 32 - 8 - 2;

/** The filter of an axis: pixel i is a sum of `counts[i]` pixels, from `firsts[i]` on. */
interface Weights {
  readonly firsts: Int32Array;
  readonly counts: Int32Array;
  /** `[out, reach]` */
  readonly weights: Int32Array;
  /** The most pixels in a sum. */
  readonly reach: number;
}

/** Filters by sizes; training uses the same few thousand repeatedly. */
const cache = new Map<number, Weights>();
const MAX_CACHED = 4096;

function weightsOf(from: number, to: number): Weights {
  const name = from * 65_536 + to;
  const known = cache.get(name);
  if (known !== undefined) return known;
  if (cache.size >= MAX_CACHED) cache.clear();
  const made = makeWeights(from, to);
  cache.set(name, made);
  return made;
}

function makeWeights(from: number, to: number): Weights {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const reach = Math.ceil(support) * 2 + 1;
  const firsts = new Int32Array(to);
  const counts = new Int32Array(to);
  const weights = new Int32Array(to * reach);
  const row = new Float64Array(reach);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(from, Math.trunc(centre + support + 0.5)) - first;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      row[k] = Math.max(0, 1 - Math.abs((k + first - centre + 0.5) * (1 / support)));
      sum += row[k]!;
    }
    for (let k = 0; k < count; k++) weights[i * reach + k] = Math.trunc(0.5 + row[k]! * (1 / sum) * 2 ** PRECISION);
    firsts[i] = first;
    counts[i] = count;
  }
  return { firsts, counts, weights, reach };
}

const HALF = 1 << (PRECISION - 1);

/** A weighted sum as a byte. Weights are not negative and sum to one, up to rounding. */
const rounded = (sum: number): number => {
  const value = sum >> PRECISION;
  return value > 255 ? 255 : value;
};

let between = new Uint8Array(0);

/**
 * Resizes a part of an image.
 * @param box the part; it must lie within the image.
 * @returns `[channels, height, width]`
 */
export function resizeBox(
  { channels, height: rows, width: columns, pixels }: RawImage,
  box: Box,
  { height, width }: { readonly height: number; readonly width: number },
): Uint8Array {
  const across = weightsOf(box.width, width);
  const down = weightsOf(box.height, height);
  const out = new Uint8Array(channels * height * width);
  if (between.length < box.height * width) between = new Uint8Array(box.height * width);
  for (let channel = 0; channel < channels; channel++) {
    // Along rows, from the box to `between` `[box.height, width]`; rows of that length are copied.
    const plane = channel * rows * columns;
    for (let y = 0; y < box.height; y++) {
      const from = plane + (box.top + y) * columns + box.left;
      const to = y * width;
      if (width === box.width) between.set(pixels.subarray(from, from + width), to);
      else
        for (let x = 0; x < width; x++) {
          const count = across.counts[x]!;
          const at = from + across.firsts[x]!;
          const w = x * across.reach;
          let sum = HALF;
          for (let k = 0; k < count; k++) sum += pixels[at + k]! * across.weights[w + k]!;
          between[to + x] = rounded(sum);
        }
    }
    // Along columns, a row of the result at a time.
    const target = channel * height * width;
    if (height === box.height) out.set(between.subarray(0, height * width), target);
    else
      for (let y = 0; y < height; y++) {
        const count = down.counts[y]!;
        const first = down.firsts[y]!;
        const w = y * down.reach;
        const to = target + y * width;
        for (let x = 0; x < width; x++) {
          let sum = HALF;
          for (let k = 0; k < count; k++) sum += between[(first + k) * width + x]! * down.weights[w + k]!;
          out[to + x] = rounded(sum);
        }
      }
  }
  return out;
}
