/**
 * Position of samples among the originals in parameter space. An average of networks is often
 * better than the networks themselves. Accuracy must therefore be read together with two distances:
 * of samples to the mean of the originals, and between samples.
 */

import { yieldToEvents } from "../event-loop.ts";

/** Coordinates of all networks summed up before the event loop may have a turn. */
const SUMMED = 256;

/** A group of parameter vectors, `[count, D]`. */
export type Cloud = Float32Array;

/** Root mean square distance to a point, and between two different members. */
async function spreadOf(
  cloud: Cloud,
  centre: Float64Array,
  signal: AbortSignal | undefined,
): Promise<{ fromCentre: number; apart: number }> {
  const d = centre.length;
  const n = cloud.length / d;
  let fromCentre = 0;
  let fromMean = 0;
  for (let i = 0; i < d; i++) {
    if (i % SUMMED === 0) await yieldToEvents(signal);
    let sum = 0;
    for (let k = 0; k < n; k++) sum += cloud[k * d + i]!;
    const mean = sum / n;
    for (let k = 0; k < n; k++) {
      fromCentre += (cloud[k * d + i]! - centre[i]!) ** 2;
      fromMean += (cloud[k * d + i]! - mean) ** 2;
    }
  }
  // Over pairs of different members, E‖a − b‖² = 2 Σ‖a − mean‖² / (n − 1).
  return { fromCentre: Math.sqrt(fromCentre / n), apart: n < 2 ? 0 : Math.sqrt((2 * fromMean) / (n - 1)) };
}

/**
 * Root mean square distances of samples, divided by those of the originals: to the mean of the
 * originals, and between two members of a group. Both are 1 for fresh draws from the distribution
 * of the originals, and 0 for copies of their mean.
 * @throws Interrupted when the signal aborts.
 */
export async function distances(
  originals: Cloud,
  samples: Cloud,
  dimension: number,
  signal?: AbortSignal,
): Promise<{ samplesToMean: number; samplesApart: number }> {
  const n = originals.length / dimension;
  const mean = new Float64Array(dimension);
  for (let k = 0; k < n; k++) {
    await yieldToEvents(signal);
    for (let i = 0; i < dimension; i++) mean[i]! += originals[k * dimension + i]! / n;
  }
  const theirs = await spreadOf(originals, mean, signal);
  const ours = await spreadOf(samples, mean, signal);
  return { samplesToMean: ours.fromCentre / theirs.fromCentre, samplesApart: ours.apart / theirs.apart };
}
