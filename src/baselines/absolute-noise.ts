/**
 * Originals with the same noise on every parameter, as Zeng et al. (arXiv 2506.07998) draw them.
 */
import { isStatistic } from "../graph/index.ts";
import type { BaselinePart } from "./baseline.ts";
import { withNoise } from "./noise.ts";
import { standardDeviation } from "./numbers.ts";

/** Noise of σ on every parameter. Running statistics are no parameters, and stay. */
export const absoluteNoise: BaselinePart<number> = {
  type: "noise-absolute",
  description: "an original with noise of σ on every parameter",
  family: "noise",
  number: standardDeviation.default(0.06),
  needs: () => 1,
  draw: (sigma, originals, options) =>
    withNoise(originals, options, (tensor, noise, { kind }) => {
      if (isStatistic(kind)) return;
      noise.forEach((z, i) => {
        tensor[i]! += sigma * z;
      });
    }),
};
