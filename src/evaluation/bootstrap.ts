/**
 * 95 % intervals: percentiles of a bootstrap (Efron 1979) over networks and over test images, and
 * the Wilson score interval (1927) for shares.
 */
import { yieldToEvents } from "../event-loop.ts";
import { quantile } from "../numeric/index.ts";
import { foldIn, integers, type Key } from "../random/index.ts";
import type { Interval, Quantiles } from "../records/index.ts";
import { accuracies, type Mistakes } from "./similarity.ts";
import { mean } from "./statistics.ts";

/** Default number of resamplings. */
export const ROUNDS = 1000;

/** How to resample. */
export interface BootstrapOptions {
  /** Number of resamplings, 1000 by default. */
  readonly rounds?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The 5th, 50th and 95th percentile of values in any order; NaN without values. */
export function quantiles(values: ArrayLike<number>): Quantiles {
  const sorted = Float64Array.from(values).sort();
  return { low: quantile(sorted, 0.05), median: quantile(sorted, 0.5), high: quantile(sorted, 0.95) };
}

/** A value with the 2.5th and 97.5th percentile of its replicates (at least one, in any order). */
export function percentileInterval(value: number, replicates: Float64Array): Interval {
  const sorted = replicates.toSorted();
  return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/**
 * Bootstrap deviations of a mean, `[rounds]`: the mean of values drawn with replacement, minus the
 * mean of all. The same key draws the same indices. For test images, the values may therefore be
 * those of one group or any linear contrast of groups.
 * @throws Interrupted when the signal aborts.
 */
export async function meanDeviations(
  values: ArrayLike<number>,
  key: Key,
  { rounds = ROUNDS, signal }: BootstrapOptions = {},
): Promise<Float64Array> {
  const n = values.length;
  const centre = mean(values);
  const deviations = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    await yieldToEvents(signal);
    const drawn = integers(foldIn(key, round), n, n);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[drawn[i]!]!;
    deviations[round] = sum / n - centre;
  }
  return deviations;
}

/**
 * The mean of at least one value, with an interval over resamplings of the values.
 * @throws Interrupted when the signal aborts.
 */
export async function meanInterval(
  values: ArrayLike<number>,
  key: Key,
  options: BootstrapOptions = {},
): Promise<Interval> {
  const centre = mean(values);
  const deviations = await meanDeviations(values, key, options);
  return percentileInterval(
    centre,
    deviations.map((deviation) => centre + deviation),
  );
}

/**
 * For each image, the share of networks that classify it wrongly, in [0, 1], `[images]`.
 * @param rows the networks to count, all by default; one may occur several times.
 */
export function wrongShare(group: Mistakes, rows?: ArrayLike<number>): Float64Array {
  const { images, words, bits } = group;
  const count = rows?.length ?? group.count;
  const share = new Float64Array(images);
  for (let r = 0; r < count; r++) {
    const row = rows === undefined ? r : rows[r]!;
    for (let w = 0; w < words; w++) {
      // From the highest set bit down: networks are wrong on few images.
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
 * Mean accuracy of a group of at least one network, in [0, 1], with an interval over networks and
 * test images. Both are resampled independently and their deviations added (the main effects of a
 * crossed bootstrap). With a single network, only the images vary.
 * @throws Interrupted when the signal aborts.
 */
export async function accuracyInterval(group: Mistakes, key: Key, options: BootstrapOptions = {}): Promise<Interval> {
  const each = accuracies(group);
  const value = mean(each);
  const overImages = await meanDeviations(wrongShare(group), foldIn(key, "images"), options);
  const overNetworks = await meanDeviations(each, foldIn(key, "networks"), options);
  // Images that add mistakes reduce the accuracy. Deviations of a single network are all 0.
  const replicates = overImages.map((wrong, round) => Math.min(1, Math.max(0, value - wrong + overNetworks[round]!)));
  return percentileInterval(value, replicates);
}

/** The 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * A share of `count` independent trials with the Wilson score interval, in [0, 1]. Without trials:
 * 0, from 0 to 1.
 * @param hits from 0 to `count`.
 */
export function shareInterval(hits: number, count: number): Interval {
  if (count === 0) return { value: 0, low: 0, high: 1 };
  const value = hits / count;
  const centre = value + Z ** 2 / (2 * count);
  const half = Z * Math.sqrt((value * (1 - value)) / count + (Z / (2 * count)) ** 2);
  const scale = 1 + Z ** 2 / count;
  // The ends are exactly 0 and 1 if none or all hit; rounding must not exclude the value.
  return {
    value,
    low: hits === 0 ? 0 : (centre - half) / scale,
    high: hits === count ? 1 : (centre + half) / scale,
  };
}
