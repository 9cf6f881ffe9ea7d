/** Points between two originals. */
import { foldIn, permutation, uniform } from "../random/index.ts";
import type { BaselinePart } from "./baseline.ts";
import { row } from "./vectors.ts";

/**
 * (1 − t) a + t b for two different originals a and b and a uniform t, one t for all parameters.
 */
export const interpolate: BaselinePart = {
  type: "interpolate",
  description: "a random point between two random originals",
  family: "average",
  needs: () => 2,
  draw(_, originals, { count, key }) {
    const { dimension } = originals;
    const out = new Float32Array(count * dimension);
    for (let i = 0; i < count; i++) {
      const [first = 0, second = 0] = permutation(foldIn(key, i, "pair"), originals.count);
      const [a, b] = [row(originals, first), row(originals, second)];
      const [t = 0] = uniform(foldIn(key, i, "place"), 1);
      for (let j = 0; j < dimension; j++) out[i * dimension + j] = (1 - t) * a[j]! + t * b[j]!;
    }
    return out;
  },
};
