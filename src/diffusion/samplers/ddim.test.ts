import { describe, expect, it } from "vitest";

import { key } from "../../random/index.ts";
import { exactNoise, m, moments, s, schedule } from "./gaussian-data.fixture.ts";
import { sampleLatents } from "./sample-latents.ts";
import { type SamplerOptions, sampler as samplerOf } from "./samplers.ts";

describe("ddim's sampler", () => {
  const cases = [400, 100, 50].flatMap((steps) => [0, 0.5, 1].map((eta) => [steps, eta] as const));
  // 5000 numbers know their moments to about 1 %. The steps' variance is right in the limit of many
  // steps only: the sampler's own bias falls as one over their number.
  it.each(cases)(
    "of %i steps, eta %d, has the data's mean and spread with a perfect noise predictor",
    async (steps, eta) => {
      const drawn = await sampleLatents(samplerOf({ type: "ddim", steps, eta, clip: null }), {
        predict: exactNoise,
        process: schedule,
        count: 50,
        latent: 100,
        key: key(5),
      });
      const { mean, sd } = moments(drawn);
      expect(Math.abs(mean - m)).toBeLessThan(0.05);
      expect(Math.abs(sd / s - 1)).toBeLessThan(0.02 + 4 / steps);
    },
  );

  it("of eta 0 is a function of its first noise alone: it adds none", async () => {
    const from = { index: 0, x: Float32Array.of(0.3, -1, 2) };
    const drawn = (sampler: SamplerOptions) =>
      Promise.all(
        [key(1), key(2)].map((k) =>
          sampleLatents(samplerOf(sampler), {
            predict: exactNoise,
            process: schedule,
            count: 1,
            latent: 3,
            key: k,
            from,
          }),
        ),
      );
    const [a, b] = await drawn({ type: "ddim", steps: 20, eta: 0, clip: null });
    expect(a).toEqual(b);
    const random = await drawn({ type: "ddim", steps: 20, eta: 1, clip: null });
    expect(random[0]).not.toEqual(random[1]);
  });
});
