/**
 * Averages of weights: networks along one trajectory lie around a better one, which any averaging approaches (stochastic
 * weight averaging, Izmailov et al. 2018; model soups). The baselines that published samples did not beat.
 */
import { foldIn, permutation, uniform } from "../random/index.ts";
import { type DrawOptions, meanOf, row, type Vectors } from "./vectors.ts";

/** The uniform average of k different originals, drawn anew for each. */
export function averages(k: number, originals: Vectors, { count, key }: DrawOptions): Float32Array {
  const { dimension } = originals;
  const out = new Float32Array(count * dimension);
  const sum = new Float64Array(dimension);
  for (let i = 0; i < count; i++) {
    sum.fill(0);
    for (const member of permutation(foldIn(key, i), originals.count).subarray(0, k)) {
      const v = row(originals, member);
      for (let j = 0; j < dimension; j++) sum[j]! += v[j]!;
    }
    for (let j = 0; j < dimension; j++) out[i * dimension + j] = sum[j]! / k;
  }
  return out;
}

/** Points between two different originals, evenly distributed on the way. */
export function interpolations(originals: Vectors, { count, key }: DrawOptions): Float32Array {
  const { dimension } = originals;
  const out = new Float32Array(count * dimension);
  for (let i = 0; i < count; i++) {
    const [a, b] = Array.from(permutation(foldIn(key, i, "pair"), originals.count).subarray(0, 2), (k) =>
      row(originals, k),
    );
    const t = uniform(foldIn(key, i, "place"), 1)[0]!;
    for (let j = 0; j < dimension; j++) out[i * dimension + j] = (1 - t) * a![j]! + t * b![j]!;
  }
  return out;
}

/** Copies of one vector: the draws of a baseline that has only one. */
export function repeated(vector: ArrayLike<number>, count: number): Float32Array {
  const out = new Float32Array(count * vector.length);
  for (let i = 0; i < count; i++) out.set(vector, i * vector.length);
  return out;
}

/** The average of the second half of a trajectory. */
export const tailAverage = (originals: Vectors): Float64Array => meanOf(originals, Math.floor(originals.count / 2));

/** The exponential moving average along a trajectory, from its first checkpoint to its last. */
export function movingAverage(decay: number, originals: Vectors): Float64Array {
  const average = Float64Array.from(row(originals, 0));
  for (let k = 1; k < originals.count; k++) {
    const v = row(originals, k);
    for (let j = 0; j < average.length; j++) average[j] = decay * average[j]! + (1 - decay) * v[j]!;
  }
  return average;
}
