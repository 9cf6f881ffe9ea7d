/**
 * Intervals of 95 %: percentiles of a bootstrap (Efron 1979) over networks and over test images, and Wilson's (1927)
 * for shares.
 */
import { foldIn, integers, type Key } from "../random/index.ts";
import type { Interval, Quantiles } from "../records/index.ts";
import { accuracies, type Mistakes } from "./similarity.ts";
import { mean } from "./statistics.ts";

/** Resamplings, where nothing else is said. */
export const ROUNDS = 1000;

/**
 * The quantile `p` in [0, 1] of values in ascending order, by interpolation between neighbours; NaN of no values.
 * Infinite values are values.
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1);
  const i = Math.floor(at);
  const below = sorted[i] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  // Interpolating between equal infinities would give NaN.
  return below === above ? below : below + (at - i) * (above - below);
}

/** The 5th, 50th and 95th percentile of values in any order; NaN of no values. */
export function quantiles(values: ArrayLike<number>): Quantiles {
  const sorted = Float64Array.from(values).sort();
  return { low: quantile(sorted, 0.05), median: quantile(sorted, 0.5), high: quantile(sorted, 0.95) };
}

/** A value between the 2.5th and the 97.5th percentile of its replicates, in any order, at least one. */
export function percentileInterval(value: number, replicates: Float64Array): Interval {
  const sorted = replicates.toSorted();
  return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/**
 * How a mean varies when its values are drawn again, as many with replacement: of each replicate, its mean less the mean,
 * `[rounds]`. The same key draws the same indices, so for test images the values may be a group's, or any linear contrast of
 * groups' values.
 */
export function meanDeviations(values: ArrayLike<number>, key: Key, rounds = ROUNDS): Float64Array {
  const n = values.length;
  const centre = mean(values);
  return Float64Array.from({ length: rounds }, (_, round) => {
    const drawn = integers(foldIn(key, round), n, n);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[drawn[i]!]!;
    return sum / n - centre;
  });
}

/** The mean of at least one value, its interval over resamplings of the values. */
export function meanInterval(values: ArrayLike<number>, key: Key, rounds = ROUNDS): Interval {
  const centre = mean(values);
  return percentileInterval(
    centre,
    meanDeviations(values, key, rounds).map((deviation) => centre + deviation),
  );
}

/**
 * For each image the share of a group's networks that get it wrong, in [0, 1], `[images]`.
 * @param rows the networks to count, all where left out; one may come more than once.
 */
export function wrongShare(group: Mistakes, rows?: ArrayLike<number>): Float64Array {
  const { images, words, bits } = group;
  const count = rows?.length ?? group.count;
  const share = new Float64Array(images);
  for (let r = 0; r < count; r++) {
    const row = rows === undefined ? r : rows[r]!;
    for (let w = 0; w < words; w++) {
      // Bit by bit from the highest; networks get few images wrong.
      for (let word = bits[row * words + w]!; word !== 0; ) {
        const bit = 31 - Math.clz32(word);
        share[w * 32 + bit]!++;
        word ^= 1 << bit;
      }
    }
  }
  for (let i = 0; i < images; i++) share[i]! /= count;
  return share;
}

/**
 * Mean accuracy of a group of at least one network, its interval over networks and over test images: both are resampled
 * independently and their deviations added, the main effects of a crossed bootstrap. Of a single network there is only
 * the part of the images. Kept within [0, 1].
 */
export function accuracyInterval(group: Mistakes, key: Key, rounds = ROUNDS): Interval {
  const each = accuracies(group);
  const value = mean(each);
  const overImages = meanDeviations(wrongShare(group), foldIn(key, "images"), rounds);
  const overNetworks = meanDeviations(each, foldIn(key, "networks"), rounds);
  // What the images add to the share of mistakes they take from the accuracy. One network's own deviations are all 0.
  const replicates = overImages.map((wrong, round) => Math.min(1, Math.max(0, value - wrong + overNetworks[round]!)));
  return percentileInterval(value, replicates);
}

/** The standard normal's 97.5 % quantile. */
const Z = 1.959963984540054;

/**
 * A share of `count` independent trials with Wilson's score interval, in [0, 1]. Of no trials nothing is known: 0, from 0 to 1.
 * @param hits from 0 to `count`.
 */
export function shareInterval(hits: number, count: number): Interval {
  if (count === 0) return { value: 0, low: 0, high: 1 };
  const value = hits / count;
  const centre = value + Z ** 2 / (2 * count);
  const half = Z * Math.sqrt((value * (1 - value)) / count + (Z / (2 * count)) ** 2);
  const scale = 1 + Z ** 2 / count;
  // The outer ends are exactly 0 and 1 where none or all hit; rounding must not leave the interval short of its value.
  return {
    value,
    low: hits === 0 ? 0 : (centre - half) / scale,
    high: hits === count ? 1 : (centre + half) / scale,
  };
}
