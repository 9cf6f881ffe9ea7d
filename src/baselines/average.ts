/**
 * Averages of a few originals: networks along one trajectory lie around a better one, which any
 * averaging approaches (model soups, Wortsman et al. 2022).
 */
import { foldIn, permutation } from "../random/index.ts";
import type { BaselinePart } from "./baseline.ts";
import { wholeNumber } from "./numbers.ts";
import { type DrawOptions, row, type Vectors } from "./vectors.ts";

/** The uniform average of k different originals, chosen again for each draw. */
export const average: BaselinePart<number> = {
  type: "average",
  description: "the average of k random originals",
  family: "average",
  number: wholeNumber(2).default(16),
  needs: (k) => k,
  draw: averagesOf,
};

/** Averages `[count, D]` of k different vectors each, chosen again for each. */
export function averagesOf(k: number, originals: Vectors, { count, key }: DrawOptions): Float32Array {
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
