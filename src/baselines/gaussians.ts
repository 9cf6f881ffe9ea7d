/**
 * Normal distributions fitted to the originals: coordinate by coordinate, with their full covariance or its leading
 * directions, and SWAG's half of each (Maddox et al. 2019); and a kernel density estimate. On an autoencoder's latents the
 * same functions draw latents.
 */
import { isRunningVariance } from "../graph/index.ts";
import { foldIn, integers, normal } from "../random/index.ts";
import { leadingDirections } from "./leading-directions.ts";
import { type DrawOptions, meanOf, row, type Vectors, varianceOf } from "./vectors.ts";

/** A running variance is kept above this share of the originals' mean: less than nothing would make a network of NaN. */
const MIN_VARIANCE = 1e-3;

/** Keeps the running variances of drawn parameters positive. */
function withPositiveVariances(drawn: Float32Array, mean: Float64Array, { layout }: DrawOptions): Float32Array {
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

/** Draws mean + Σ of directions, each scaled by a standard normal number: `directions(k)` is the k-th of `rank`. */
function combinations(
  mean: Float64Array,
  rank: number,
  direction: (k: number) => ArrayLike<number>,
  { count, key }: DrawOptions,
): Float32Array {
  const d = mean.length;
  const weights = Array.from({ length: count }, (_, i) => normal(foldIn(key, i, "directions"), rank));
  const sums = new Float64Array(count * d);
  for (let i = 0; i < count; i++) sums.set(mean, i * d);
  for (let k = 0; k < rank; k++) {
    const v = direction(k);
    for (let i = 0; i < count; i++) {
      const weight = weights[i]![k]!;
      const start = i * d;
      for (let j = 0; j < d; j++) sums[start + j]! += weight * v[j]!;
    }
  }
  return Float32Array.from(sums);
}

/** Every coordinate from its own normal distribution. */
export function independentGaussian(originals: Vectors, options: DrawOptions): Float32Array {
  const mean = meanOf(originals);
  const deviation = varianceOf(originals, mean).map(Math.sqrt);
  const d = mean.length;
  const out = new Float32Array(options.count * d);
  for (let i = 0; i < options.count; i++) {
    const z = normal(foldIn(options.key, i), d);
    for (let j = 0; j < d; j++) out[i * d + j] = mean[j]! + deviation[j]! * z[j]!;
  }
  return withPositiveVariances(out, mean, options);
}

/**
 * The normal distribution with the originals' own covariance: a random combination of their deviations from the mean has it
 * exactly, whatever D is.
 */
export function fullGaussian(originals: Vectors, options: DrawOptions): Float32Array {
  const { count } = originals;
  const mean = meanOf(originals);
  const scale = 1 / Math.sqrt(count - 1);
  const deviation = new Float64Array(mean.length);
  const direction = (k: number) => {
    const v = row(originals, k);
    for (let j = 0; j < deviation.length; j++) deviation[j] = scale * (v[j]! - mean[j]!);
    return deviation;
  };
  return withPositiveVariances(combinations(mean, count, direction, options), mean, options);
}

/** The normal distribution of the leading directions of the originals' covariance alone. */
export async function leadingGaussian(rank: number, originals: Vectors, options: DrawOptions): Promise<Float32Array> {
  const mean = meanOf(originals);
  const directions = await leadingDirections(originals, { mean, rank, device: options.device });
  return withPositiveVariances(
    combinations(mean, directions.length, (k) => directions[k]!, options),
    mean,
    options,
  );
}

/** Deviations that SWAG keeps for the low-rank half of its covariance. */
const SWAG_RANK = 20;

/** SWAG: half the covariance from every coordinate's variance, half from the last deviations from the running mean. */
export function swag(originals: Vectors, options: DrawOptions): Float32Array {
  const { count: n, dimension: d } = originals;
  const mean = meanOf(originals);
  const deviation = varianceOf(originals, mean).map((v) => Math.sqrt(v / 2));
  const rank = Math.min(SWAG_RANK, n);
  const running = new Float64Array(d);
  const last: Float64Array[] = [];
  for (let k = 0; k < n; k++) {
    const v = row(originals, k);
    for (let j = 0; j < d; j++) running[j]! += (v[j]! - running[j]!) / (k + 1);
    if (k >= n - rank) last.push(Float64Array.from(v, (x, j) => (x - running[j]!) / Math.sqrt(2 * (rank - 1))));
  }
  const drawn = combinations(mean, rank, (k) => last[k]!, options);
  for (let i = 0; i < options.count; i++) {
    const z = normal(foldIn(options.key, i, "diagonal"), d);
    for (let j = 0; j < d; j++) drawn[i * d + j]! += deviation[j]! * z[j]!;
  }
  return withPositiveVariances(drawn, mean, options);
}

/**
 * A random original with normal noise of a kernel's width on every coordinate: Scott's rule, n^(−1/(d+4)) of the coordinate's
 * standard deviation. In many dimensions that is nearly all of it, so the sum is drawn towards the mean until it spreads as
 * the originals do (the shrunk smoothed bootstrap).
 */
export function kernelDensity(originals: Vectors, { count, key }: DrawOptions): Float32Array {
  const { count: n, dimension: d } = originals;
  const width = n ** (-1 / (d + 4));
  const shrink = 1 / Math.sqrt(1 + width ** 2);
  const mean = meanOf(originals);
  const deviation = varianceOf(originals, mean).map(Math.sqrt);
  const out = new Float32Array(count * d);
  for (let i = 0; i < count; i++) {
    const v = row(originals, integers(foldIn(key, i, "original"), 1, n)[0]!);
    const z = normal(foldIn(key, i, "kernel"), d);
    for (let j = 0; j < d; j++) out[i * d + j] = mean[j]! + shrink * (v[j]! - mean[j]! + width * deviation[j]! * z[j]!);
  }
  return out;
}
