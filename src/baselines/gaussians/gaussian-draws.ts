/** What several Gaussian baselines do: combine directions, and keep drawn variances positive. */
import { yieldToEvents } from "../../event-loop.ts";
import { isRunningVariance } from "../../graph/index.ts";
import { foldIn, normal } from "../../random/index.ts";
import { type DrawOptions, meanOf, row, type Vectors } from "../vectors.ts";

/**
 * A running variance is kept above this share of the originals' mean: below 0 it would give NaN.
 */
const MIN_VARIANCE = 1e-3;

/** Keeps the running variances of drawn parameters `[count, D]` positive, in place. */
export function withPositiveVariances(drawn: Float32Array, mean: Float64Array, { layout }: DrawOptions): Float32Array {
  const d = mean.length;
  for (const entry of layout.size === d ? layout.entries : []) {
    if (!isRunningVariance(entry)) continue;
    const { offset, size } = entry;
    for (let start = 0; start < drawn.length; start += d)
      for (let i = offset; i < offset + size; i++)
        drawn[start + i] = Math.max(drawn[start + i]!, MIN_VARIANCE * mean[i]!);
  }
  return drawn;
}

/**
 * Draws mean + Σ z_k direction_k with standard normal z, `[count, D]`.
 * @param rank how many directions there are.
 * @param direction the k-th of them, `[D]`; the array may be reused for the next.
 * @throws Interrupted when the signal aborts.
 */
export async function combinations(
  mean: Float64Array,
  rank: number,
  direction: (k: number) => ArrayLike<number>,
  { count, key, signal }: DrawOptions,
): Promise<Float32Array> {
  const d = mean.length;
  const weights = Array.from({ length: count }, (_, i) => normal(foldIn(key, i, "directions"), rank));
  const sums = new Float64Array(count * d);
  for (let i = 0; i < count; i++) sums.set(mean, i * d);
  for (let k = 0; k < rank; k++) {
    await yieldToEvents(signal);
    const v = direction(k);
    for (let i = 0; i < count; i++) {
      const weight = weights[i]![k]!;
      const start = i * d;
      for (let j = 0; j < d; j++) sums[start + j]! += weight * v[j]!;
    }
  }
  return Float32Array.from(sums);
}

/**
 * The normal distribution with the originals' own covariance: a random combination of their
 * deviations from the mean has it exactly, whatever D is.
 * @throws Interrupted when the signal aborts.
 */
export async function fullGaussian(originals: Vectors, options: DrawOptions): Promise<Float32Array> {
  const { count } = originals;
  const mean = meanOf(originals);
  const scale = 1 / Math.sqrt(count - 1);
  const deviation = new Float64Array(mean.length);
  const direction = (k: number) => {
    const v = row(originals, k);
    for (let j = 0; j < deviation.length; j++) deviation[j] = scale * (v[j]! - mean[j]!);
    return deviation;
  };
  return withPositiveVariances(await combinations(mean, count, direction, options), mean, options);
}
