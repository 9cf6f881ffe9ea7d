/** SWAG (Maddox et al. 2019): a normal distribution around the average of a trajectory. */
import { yieldToEvents } from "../../event-loop.ts";
import { foldIn, normal } from "../../random/index.ts";
import type { BaselinePart } from "../baseline.ts";
import { meanOf, row, varianceOf } from "../vectors.ts";
import { combinations, withPositiveVariances } from "./gaussian-draws.ts";

/** Deviations that SWAG keeps for the low-rank half of its covariance. */
const RANK = 20;

/**
 * Half the covariance from every coordinate's variance, half from the last deviations from the
 * running mean.
 */
export const swag: BaselinePart = {
  type: "swag",
  description: "SWAG: a normal distribution of diagonal and low-rank covariance",
  family: "gaussian",
  needs: () => 3,
  async draw(_, originals, options) {
    const { count: n, dimension: d } = originals;
    const mean = meanOf(originals);
    const deviation = varianceOf(originals, mean).map((v) => Math.sqrt(v / 2));
    const rank = Math.min(RANK, n);
    const running = new Float64Array(d);
    const last: Float64Array[] = [];
    for (let k = 0; k < n; k++) {
      await yieldToEvents(options.signal);
      const v = row(originals, k);
      for (let j = 0; j < d; j++) running[j]! += (v[j]! - running[j]!) / (k + 1);
      if (k >= n - rank) last.push(Float64Array.from(v, (x, j) => (x - running[j]!) / Math.sqrt(2 * (rank - 1))));
    }
    const drawn = await combinations(mean, rank, (k) => last[k]!, options);
    for (let i = 0; i < options.count; i++) {
      const z = normal(foldIn(options.key, i, "diagonal"), d);
      for (let j = 0; j < d; j++) drawn[i * d + j]! += deviation[j]! * z[j]!;
    }
    return withPositiveVariances(drawn, mean, options);
  },
};
