/** A normal distribution along the directions in which originals differ most by effect. */
import { yieldToEvents } from "../../event-loop.ts";
import { at, given } from "../../lookup.ts";
import type { BaselinePart } from "../baseline.ts";
import { wholeNumber } from "../numbers.ts";
import { meanOf, row } from "../vectors.ts";
import { combinations, withPositiveVariances } from "./gaussian-draws.ts";
import { leadingDirections } from "./leading-directions.ts";

/**
 * The originals' leading principal directions where each coordinate counts by its effect on the
 * outputs, not by its plain variance, after their units are matched to those of their mean. The
 * number is how many directions it keeps. Each is a combination of the originals' deviations from
 * the mean, so that it is drawn along in the parameters as they are.
 */
export const effectGaussian: BaselinePart<number> = {
  type: "effect-gaussian",
  description: "a normal distribution along the r directions that change the outputs most",
  family: "gaussian",
  space: "units",
  number: wholeNumber(1).default(35),
  needs: (rank) => rank + 2,
  async draw(rank, _, options) {
    const { device, matching, signal } = options;
    const { plain, byEffect } = await given(matching).matchedToMean();
    const [mean, weighedMean] = [meanOf(plain), meanOf(byEffect)];
    const directions = await leadingDirections(byEffect, { mean: weighedMean, rank, device, signal });
    const { count: n, dimension: d } = plain;
    // In each direction, how far every original lies from the mean, then the same combination of
    // the plain deviations.
    const along = new Float64Array(d);
    const plainDirections: Float64Array[] = [];
    for (const direction of directions) {
      await yieldToEvents(signal);
      const squared = direction.reduce((sum, x) => sum + x * x, 0);
      along.fill(0);
      for (let k = 0; k < n; k++) {
        const weighed = row(byEffect, k);
        let place = 0;
        for (let j = 0; j < d; j++) place += (weighed[j]! - weighedMean[j]!) * direction[j]!;
        const share = squared > 0 ? place / squared / (n - 1) : 0;
        const v = row(plain, k);
        for (let j = 0; j < d; j++) along[j]! += share * (v[j]! - mean[j]!);
      }
      plainDirections.push(along.slice());
    }
    const drawn = await combinations(mean, plainDirections.length, (k) => at(plainDirections, k), options);
    return withPositiveVariances(drawn, mean, options);
  },
};
