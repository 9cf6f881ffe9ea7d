import { describe, expect, it } from "vitest";

import { key } from "../../random/index.ts";
import { exactNoise, m, moments, s, schedule } from "./gaussian-data.fixture.ts";
import { sampleLatents } from "./sample-latents.ts";
import { type SamplerOptions, sampler as samplerOf } from "./samplers.ts";

const draw = async (sampler: SamplerOptions, count = 50, latent = 100) =>
  sampleLatents(samplerOf(sampler), { predict: exactNoise, process: schedule, count, latent, key: key(5) });

describe("ddpm's sampler", () => {
  // 5000 numbers know their moments to about 1 %. The steps' variance is right in the limit of many
  // steps only: the sampler's own bias falls as one over their number.
  it.each<[string, SamplerOptions]>([
    ["posterior variance", { type: "ddpm", variance: "posterior", clip: null }],
    ["large variance", { type: "ddpm", variance: "large", clip: null }],
    ["bound far from all data", { type: "ddpm", variance: "posterior", clip: 20 }],
  ])("has the data's mean and spread with a perfect noise predictor: %s", async (_, sampler) => {
    const { mean, sd } = moments(await draw(sampler));
    expect(Math.abs(mean - m)).toBeLessThan(0.05);
    expect(Math.abs(sd / s - 1)).toBeLessThan(0.02 + 4 / schedule.steps);
  });

  it("draws sample i the same, however many are drawn", async () => {
    const sampler: SamplerOptions = { type: "ddpm", variance: "posterior", clip: null };
    const [few, many] = [await draw(sampler, 3, 4), await draw(sampler, 9, 4)];
    expect(many.subarray(0, few.length)).toEqual(few);
    expect(many.subarray(4, 8)).not.toEqual(many.subarray(0, 4));
  });

  it("keeps within its bound", async () => {
    const drawn = await draw({ type: "ddpm", variance: "large", clip: 1 });
    expect(Math.max(...drawn)).toBe(1);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(-1);
  });
});
