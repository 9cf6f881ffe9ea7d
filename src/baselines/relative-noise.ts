/** Originals with noise in proportion to each tensor's spread, as in the paper's code. */
import { isRunningVariance } from "../graph/index.ts";
import type { BaselinePart } from "./baseline.ts";
import { spreadOf, withNoise } from "./noise.ts";
import { standardDeviation } from "./numbers.ts";

/**
 * The variance of a dead channel is almost zero, and its logarithm would outweigh all others: it
 * counts as this share of the mean.
 */
const MIN_SHARE = 1e-3;

/** The spread of variances: the standard deviation of their logarithms. */
function logarithmicSpread(variances: Float32Array): number {
  const mean = variances.reduce((a, b) => a + b, 0) / variances.length;
  return mean > 0 ? spreadOf(variances.map((v) => Math.log(Math.max(v, MIN_SHARE * mean)))) : 0;
}

/**
 * Noise of σ times the standard deviation of each tensor's values; a tensor of one value has none,
 * and gets none. Running variances are scaled through their logarithms, so that they stay positive.
 */
export const relativeNoise: BaselinePart<number> = {
  type: "noise",
  description: "an original with noise of σ times each tensor's standard deviation",
  family: "noise",
  number: standardDeviation.default(0.05),
  needs: () => 1,
  draw: (sigma, originals, options) =>
    withNoise(originals, options, (tensor, noise, entry) => {
      if (isRunningVariance(entry)) {
        const scale = sigma * logarithmicSpread(tensor);
        for (let i = 0; i < tensor.length; i++) tensor[i]! *= Math.exp(scale * noise[i]!);
      } else {
        const scale = sigma * spreadOf(tensor);
        for (let i = 0; i < tensor.length; i++) tensor[i]! += scale * noise[i]!;
      }
    }),
};
