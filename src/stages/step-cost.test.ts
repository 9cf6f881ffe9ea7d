/** Estimates of cost follow the shapes of the graphs. */
import { describe, expect, it } from "vitest";

import { tinyRecipe } from "../../test/support/tiny-run.ts";
import { builtInParts } from "../recipe/index.ts";
import { classifierOf } from "./context.ts";
import { baseStepCost, drawingCost, secondsOf } from "./step-cost.ts";

const shape = { latent: 8, tokens: undefined };

describe("seconds", () => {
  it("are those of the arithmetic, the memory and the calls together", () => {
    expect(secondsOf({ flops: 60e9, traffic: 0, calls: 0, peak: 0 })).toBeCloseTo(1);
    expect(secondsOf({ flops: 0, traffic: 25e9, calls: 0, peak: 0 })).toBeCloseTo(1);
    expect(secondsOf({ flops: 0, traffic: 0, calls: 1e6, peak: 0 })).toBeCloseTo(3);
  });
});

describe("a training step", () => {
  it("costs in proportion to the images of a batch, besides the optimiser", () => {
    const recipe = tinyRecipe();
    const network = classifierOf(recipe);
    const flops = (batch: number) => baseStepCost({ base: { ...recipe.base, batch } }, { network }).flops;
    expect(flops(30) / flops(10)).toBeCloseTo(3, 1);
  });
});

describe("a draw", () => {
  it("costs in proportion to the samples, once for each of the sampler's steps", () => {
    const recipe = tinyRecipe({ sample: { count: 6, sampler: { type: "ddim", steps: 7, eta: 1 } } });
    const [one, ten] = [1, 10].map((count) => drawingCost(recipe, builtInParts, { ...shape, count }));
    expect(one?.calls).toBe(7);
    expect(ten?.calls).toBe(7);
    expect(ten?.draw.flops).toBe(10 * (one?.draw.flops ?? 0));
    expect(one?.draw.flops).toBeGreaterThan(0);
  });

  it("costs nothing without a diffusion model", () => {
    const recipe = { ...tinyRecipe(), diffusion: null };
    expect(drawingCost(recipe, builtInParts, { ...shape, count: 5 })).toMatchObject({
      calls: 0,
      draw: { flops: 0, calls: 0 },
    });
  });
});
