/** A kernel density estimate of an autoencoder's latents. */
import { foldIn, integers, normal } from "../../random/index.ts";
import type { BaselinePart } from "../baseline.ts";
import { meanOf, row, varianceOf } from "../vectors.ts";

/**
 * A random original with normal noise of a kernel's width on every coordinate: Scott's rule,
 * n^(−1/(d+4)) of the coordinate's standard deviation. In many dimensions that is nearly all of it,
 * so the sum is drawn towards the mean until it spreads as the originals do (the shrunk smoothed
 * bootstrap).
 */
export const kdeLatent: BaselinePart = {
  type: "kde-latent",
  description: "latents from a kernel density estimate of the originals",
  family: "latent",
  space: "latents",
  needs: () => 2,
  draw(_, originals, { count, key }) {
    const { count: n, dimension: d } = originals;
    const width = n ** (-1 / (d + 4));
    const shrink = 1 / Math.sqrt(1 + width ** 2);
    const mean = meanOf(originals);
    const deviation = varianceOf(originals, mean).map(Math.sqrt);
    const out = new Float32Array(count * d);
    for (let i = 0; i < count; i++) {
      const [original = 0] = integers(foldIn(key, i, "original"), 1, n);
      const v = row(originals, original);
      const z = normal(foldIn(key, i, "kernel"), d);
      for (let j = 0; j < d; j++) {
        const centred = v[j]! - mean[j]! + width * deviation[j]! * z[j]!;
        out[i * d + j] = mean[j]! + shrink * centred;
      }
    }
    return out;
  },
};
