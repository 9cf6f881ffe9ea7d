/** A normal distribution with the originals' covariance, or with its leading directions alone. */
import { at } from "../../lookup.ts";
import type { BaselinePart } from "../baseline.ts";
import { wholeNumber } from "../numbers.ts";
import { meanOf } from "../vectors.ts";
import { combinations, fullGaussian, withPositiveVariances } from "./gaussian-draws.ts";
import { leadingDirections } from "./leading-directions.ts";

/** The number is how many principal directions it keeps; all without one. */
export const pcaGaussian: BaselinePart = {
  type: "pca-gaussian",
  description: "a normal distribution with the originals' covariance, or its leading directions",
  family: "gaussian",
  number: wholeNumber(1).optional(),
  needs: (rank = 0) => rank + 2,
  async draw(rank, originals, options) {
    if (rank === undefined) return fullGaussian(originals, options);
    const mean = meanOf(originals);
    const directions = await leadingDirections(originals, {
      mean,
      rank,
      device: options.device,
      signal: options.signal,
    });
    const drawn = await combinations(mean, directions.length, (k) => at(directions, k), options);
    return withPositiveVariances(drawn, mean, options);
  },
};
