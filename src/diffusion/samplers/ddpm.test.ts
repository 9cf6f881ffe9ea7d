import { describe, expect, it } from "vitest";

import { key } from "../../random/index.ts";
import { noiseSchedule } from "../process.ts";
import { sampleLatents } from "./sample-latents.ts";
import { timesOf } from "./sampler.ts";
import { type SamplerOptions, sampler as samplerOf } from "./samplers.ts";

// Data of N(m, s²) in every number: the noise in x_t is then known exactly, and a sampler must give
// N(m, s²) back.
const [m, s] = [1.5, 0.6];
const schedule = noiseSchedule({ steps: 400, betaStart: 1e-4, betaEnd: 0.04 });

/** E[ε | x_t] = √(1 − ᾱ) (x_t − √ᾱ m) / (ᾱ s² + 1 − ᾱ). */
const predict = async (x: Float32Array, t: number): Promise<Float32Array> => {
  const bar = schedule.alphaBar[t]!;
  return x.map((value) => (Math.sqrt(1 - bar) * (value - Math.sqrt(bar) * m)) / (bar * s * s + 1 - bar));
};

const draw = async (sampler: SamplerOptions, count = 50, latent = 100) =>
  sampleLatents(samplerOf(sampler), { predict, process: schedule, count, latent, key: key(5) });

const moments = (values: Float32Array) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, sd: Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length) };
};

describe("with a perfect noise predictor, samples have the data's mean and spread", () => {
  const cases: [string, SamplerOptions][] = [
    ["ddpm, posterior variance", { type: "ddpm", variance: "posterior", clip: null }],
    ["ddpm, large variance", { type: "ddpm", variance: "large", clip: null }],
    ["ddpm, bound far from all data", { type: "ddpm", variance: "posterior", clip: 20 }],
    ...[400, 100, 50].flatMap((steps) =>
      [0, 0.5, 1].map((eta): [string, SamplerOptions] => [
        `ddim of ${steps} steps, eta ${eta}`,
        { type: "ddim", steps, eta, clip: null },
      ]),
    ),
  ];
  // 5000 numbers know their moments to about 1 %. The steps' variance is right in the limit of many
  // steps only: the samplers' own bias falls as one over their number.
  it.each(cases)("%s", async (_, sampler) => {
    const { mean, sd } = moments(await draw(sampler));
    expect(Math.abs(mean - m)).toBeLessThan(0.05);
    const { steps } = sampler.type === "ddim" ? sampler : schedule;
    expect(Math.abs(sd / s - 1)).toBeLessThan(0.02 + 4 / steps);
  });
});

describe("a sampler", () => {
  it("of eta 0 is a function of its first noise alone: it adds none", async () => {
    const sampler: SamplerOptions = { type: "ddim", steps: 20, eta: 0, clip: null };
    const from = { index: 0, x: Float32Array.of(0.3, -1, 2) };
    const [a, b] = await Promise.all(
      [key(1), key(2)].map((k) =>
        sampleLatents(samplerOf(sampler), { predict, process: schedule, count: 1, latent: 3, key: k, from }),
      ),
    );
    expect(a).toEqual(b);
    const random = await Promise.all(
      [key(1), key(2)].map((k) =>
        sampleLatents(samplerOf({ ...sampler, eta: 1 }), {
          predict,
          process: schedule,
          count: 1,
          latent: 3,
          key: k,
          from,
        }),
      ),
    );
    expect(random[0]).not.toEqual(random[1]);
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

  it("visits each time once, in falling order, from T − 1 to 0", () => {
    for (const steps of [1, 2, 3, 50, 399, 400]) {
      const times = timesOf(samplerOf({ type: "ddim", steps, eta: 0, clip: null }), schedule);
      expect(times).toHaveLength(steps);
      expect(times[0]).toBe(399);
      if (steps > 1) expect(times.at(-1)).toBe(0);
      for (let i = 1; i < times.length; i++) expect(times[i]!).toBeLessThan(times[i - 1]!);
    }
  });
});
