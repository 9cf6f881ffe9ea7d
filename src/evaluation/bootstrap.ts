/**
 * 95 % intervals: percentiles of a bootstrap (Efron 1979) over networks and over test images, and
 * the Wilson score interval (1927) for shares.
 */

import { yieldToEvents } from "../event-loop.ts";
import { at } from "../lookup.ts";
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

/** Resamplings of a list of items with replacement. */
export interface Resamples {
  readonly items: number;
  readonly rounds: number;
  /**
   * How often each item was drawn, `[rounds, items]`. A byte is enough: an item drawn 256 times
   * needs 256 items, and has a probability below 10⁻⁵⁰⁰.
   */
  readonly counts: Uint8Array;
}

/**
 * Draws as many items as there are, with replacement, in each round. The draws of the test images
 * serve every group of networks, so that their differences are those on the same images.
 * @throws Interrupted when the signal aborts.
 */
export async function resample(
  items: number,
  key: Key,
  { rounds = ROUNDS, signal }: BootstrapOptions = {},
): Promise<Resamples> {
  const counts = new Uint8Array(rounds * items);
  for (let round = 0; round < rounds; round++) {
    await yieldToEvents(signal);
    const drawn = integers(foldIn(key, round), items, items);
    const start = round * items;
    for (let i = 0; i < items; i++) counts[start + drawn[i]!]!++;
  }
  return { items, rounds, counts };
}

/**
 * Bootstrap deviations of a mean, `[rounds]`: the mean of the drawn values, minus the mean of all.
 * The values may be those of one group or any linear contrast of groups.
 */
export function meanDeviations(values: ArrayLike<number>, { items, rounds, counts }: Resamples): Float64Array {
  const centre = mean(values);
  const centred = Float64Array.from(values, (value) => value - centre);
  const deviations = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    const start = round * items;
    let sum = 0;
    for (let i = 0; i < items; i++) sum += counts[start + i]! * centred[i]!;
    deviations[round] = sum / items;
  }
  return deviations;
}

/** The mean of at least one value, with an interval over resamplings of the values. */
export function meanInterval(values: ArrayLike<number>, resamples: Resamples): Interval {
  const centre = mean(values);
  return percentileInterval(
    centre,
    meanDeviations(values, resamples).map((deviation) => centre + deviation),
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
 */
export function accuracyInterval(group: Mistakes, networks: Resamples, images: Resamples): Interval {
  const each = accuracies(group);
  const value = mean(each);
  const overImages = meanDeviations(wrongShare(group), images);
  const overNetworks = meanDeviations(each, networks);
  // Images that add mistakes reduce the accuracy. Deviations of a single network are all 0.
  const replicates = overImages.map((wrong, round) =>
    Math.min(1, Math.max(0, value - wrong + at(overNetworks, round))),
  );
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
