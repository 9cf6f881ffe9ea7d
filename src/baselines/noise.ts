/**
 * Originals with noise: what a generator that only perturbs would draw. The paper's code scales the noise by each tensor's
 * spread, the critique (Zeng et al., arXiv 2506.07998) adds the same to every parameter.
 */
import type { LayoutEntry } from "../checkpoints/index.ts";
import { isRunningVariance, isStatistic } from "../graph/index.ts";
import { foldIn, integers, normal } from "../random/index.ts";
import { type DrawOptions, row, type Vectors } from "./vectors.ts";

/** Standard deviation of the values of one tensor of one network. */
function spreadOf(values: Float32Array): number {
  let sum = 0;
  for (const v of values) sum += v;
  const mean = sum / values.length;
  let squares = 0;
  for (const v of values) squares += (v - mean) ** 2;
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
}

/** Draws originals, each with noise that `perturb` adds to one of its tensors in place. */
function noised(
  originals: Vectors,
  { count, key, layout }: DrawOptions,
  perturb: (tensor: Float32Array, noise: Float32Array, entry: LayoutEntry) => void,
): Float32Array {
  const { dimension } = originals;
  const out = new Float32Array(count * dimension);
  for (let i = 0; i < count; i++) {
    const drawn = out.subarray(i * dimension, (i + 1) * dimension);
    drawn.set(row(originals, integers(foldIn(key, i, "original"), 1, originals.count)[0]!));
    const noise = normal(foldIn(key, i, "noise"), dimension);
    for (const entry of layout.entries) {
      const part = [entry.offset, entry.offset + entry.size] as const;
      perturb(drawn.subarray(...part), noise.subarray(...part), entry);
    }
  }
  return out;
}

/** Of a dead channel the variance is next to nothing, and its logarithm would outweigh all others: it counts as this share of the mean. */
const MIN_SHARE = 1e-3;

/** The spread of variances: of their logarithms. */
function logarithmicSpread(variances: Float32Array): number {
  const mean = variances.reduce((a, b) => a + b, 0) / variances.length;
  return mean > 0 ? spreadOf(variances.map((v) => Math.log(Math.max(v, MIN_SHARE * mean)))) : 0;
}

/**
 * Noise of σ times the standard deviation of each tensor's values; a tensor of one value has none, and gets none. Running
 * variances are scaled through their logarithms, so that they stay positive.
 */
export const relativeNoise = (sigma: number, originals: Vectors, options: DrawOptions): Float32Array =>
  noised(originals, options, (tensor, noise, entry) => {
    if (isRunningVariance(entry)) {
      const scale = sigma * logarithmicSpread(tensor);
      for (let i = 0; i < tensor.length; i++) tensor[i]! *= Math.exp(scale * noise[i]!);
    } else {
      const scale = sigma * spreadOf(tensor);
      for (let i = 0; i < tensor.length; i++) tensor[i]! += scale * noise[i]!;
    }
  });

/** Noise of σ on every parameter. Running statistics are no parameters, and stay. */
export const absoluteNoise = (sigma: number, originals: Vectors, options: DrawOptions): Float32Array =>
  noised(originals, options, (tensor, noise, { kind }) => {
    if (isStatistic(kind)) return;
    for (let i = 0; i < tensor.length; i++) tensor[i]! += sigma * noise[i]!;
  });
