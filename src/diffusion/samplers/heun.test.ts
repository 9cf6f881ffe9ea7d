import { describe, expect, it } from "vitest";

import { foldIn, key, normal } from "../../random/index.ts";
import { denoisingError } from "../denoisers/denoising-error.ts";
import { flowPath, trainingTimes } from "../process.ts";
import { type SamplerState, sampleLatents } from "./sample-latents.ts";
import { timesOf } from "./sampler.ts";
import { type SamplerOptions, sampler as samplerOf } from "./samplers.ts";

// Data of N(m, s²) in every number: the velocity at x_σ is then known exactly, and so is where each
// noise ends.
const [m, s] = [1.5, 0.6];
const path = flowPath({ steps: 1001, uniform: 0.5 });

/** E[ε − z | x_σ] for x_σ = (1 − σ) z + σ ε. */
const predict = async (x: Float32Array, t: number): Promise<Float32Array> => {
  const sigma = path.strength[t]!;
  const variance = ((1 - sigma) * s) ** 2 + sigma ** 2;
  const slope = (sigma - (1 - sigma) * s * s) / variance;
  return x.map((value) => slope * (value - (1 - sigma) * m) - m);
};

const [count, latent] = [40, 50];
const draw = (sampler: SamplerOptions, more: object = {}) =>
  sampleLatents(samplerOf(sampler), { predict, process: path, count, latent, key: key(5), ...more });

/** The map that the exact flow makes: noise keeps its place in its distribution. */
const exact = Float32Array.from({ length: count * latent }, (_, i) => {
  const row = Math.floor(i / latent);
  return m + s * normal(foldIn(key(5), row, "start"), latent)[i % latent]!;
});
const error = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, value, i) => sum + (value - exact[i]!) ** 2, 0) / values.length);

describe("the straight path", () => {
  it("leads from data to noise", () => {
    expect([path.signal[0], path.strength[0], path.signal[1000], path.strength[1000]]).toEqual([1, 0, 0, 1]);
    expect(path.strength[250]).toBeCloseTo(0.25, 12);
  });

  it("is learned at uniform times, at logit-normal ones, or at both", () => {
    const shares = (uniform: number) => {
      const times = trainingTimes(flowPath({ steps: 1001, uniform }), key(1), 20_000);
      const near = times.filter((t) => t < 50 || t > 950).length / times.length;
      expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...times)).toBeLessThanOrEqual(1000);
      return near;
    };
    // Of a uniform time a tenth lies so near an end; of a logit-normal one P(|z| > ln 19), 0.3 %.
    expect(shares(1)).toBeCloseTo(0.1, 2);
    expect(shares(0)).toBeCloseTo(0.0032, 2);
    expect(shares(0.5)).toBeCloseTo(0.0516, 2);
  });
});

describe.each(["euler", "heun"] as const)("%s's sampler", (type) => {
  it("follows the velocity to the data", async () => {
    expect(error(await draw({ type, steps: 250 }))).toBeLessThan(type === "heun" ? 1e-3 : 1e-2);
  });

  it("has an error that falls as its order says", async () => {
    const [coarse, fine] = [error(await draw({ type, steps: 20 })), error(await draw({ type, steps: 40 }))];
    expect(Math.log2(coarse / fine)).toBeGreaterThan(type === "heun" ? 1.6 : 0.8);
    expect(Math.log2(coarse / fine)).toBeLessThan(type === "heun" ? 2.6 : 1.3);
  });

  it("asks once a step, or twice, at falling times", async () => {
    const asked: number[] = [];
    const noting = (x: Float32Array, t: number) => {
      asked.push(t);
      return predict(x, t);
    };
    await draw({ type, steps: 4 }, { predict: noting });
    expect(timesOf(samplerOf({ type, steps: 4 }), path)).toEqual([1000, 750, 500, 250]);
    expect(asked).toEqual(type === "euler" ? [1000, 750, 500, 250] : [1000, 750, 750, 500, 500, 250, 250, 0]);
  });

  it("goes on from any state, and draws each sample alone as among others", async () => {
    const states: SamplerState[] = [];
    const sampler = { type, steps: 8 };
    const whole = await draw(sampler, {
      onStep: ({ index, x }: SamplerState) => void states.push({ index, x: x.slice() }),
    });
    for (const from of [states[0]!, states[4]!, states.at(-1)!]) expect(await draw(sampler, { from })).toEqual(whole);
    expect(await draw(sampler, { count: 1 })).toEqual(whole.subarray(0, latent));
  });

  it("does not follow noise, nor does ddim take velocities away", async () => {
    const ddim: SamplerOptions = { type: "ddim", steps: 5, eta: 0, clip: null };
    await expect(draw(ddim)).rejects.toThrow("ddim removes noise");
  });
});

it("the error of a perfect predictor is what the data leave open, and weights count", async () => {
  const rows = 400;
  const latents = normal(key(9), rows * 2).map((z) => m + s * z);
  const options = { predict, process: path, latents, key: key(3) };
  const all = await denoisingError(options);
  const first = await denoisingError({ ...options, weight: Float32Array.of(2, 0) });
  const second = await denoisingError({ ...options, weight: Float32Array.of(0, 2) });
  expect((first + second) / 2).toBeCloseTo(all, 6);
  // Var(ε − z | x_σ) = s² / ((1 − σ)² s² + σ²), in the mean over the times that are looked at.
  const open = Array.from({ length: 20 }, (_, i) => i / 19).map((u) => (s * s) / (((1 - u) * s) ** 2 + u * u));
  expect(all / (open.reduce((a, b) => a + b) / 20)).toBeCloseTo(1, 1);
});
