/** A normal distribution for each parameter. */
import { foldIn, normal } from "../../random/index.ts";
import type { BaselinePart } from "../baseline.ts";
import { meanOf, varianceOf } from "../vectors.ts";
import { withPositiveVariances } from "./gaussian-draws.ts";

/** Every coordinate from its own normal distribution, fitted to the originals. */
export const gaussian: BaselinePart = {
  type: "gaussian",
  description: "each parameter from a normal distribution fitted to the originals",
  family: "gaussian",
  needs: () => 2,
  draw(_, originals, options) {
    const mean = meanOf(originals);
    const deviation = varianceOf(originals, mean).map(Math.sqrt);
    const d = mean.length;
    const out = new Float32Array(options.count * d);
    for (let i = 0; i < options.count; i++) {
      const z = normal(foldIn(options.key, i), d);
      for (let j = 0; j < d; j++) out[i * d + j] = mean[j]! + deviation[j]! * z[j]!;
    }
    return withPositiveVariances(out, mean, options);
  },
};
