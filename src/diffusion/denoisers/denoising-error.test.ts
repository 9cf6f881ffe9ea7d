import { describe, expect, it } from "vitest";

import { foldIn, key, normal } from "../../random/index.ts";
import { noiseSchedule } from "../process.ts";
import { exactVelocity, m, path, s } from "../samplers/gaussian-data.fixture.ts";
import type { Predictor } from "../samplers/sample-latents.ts";
import { denoisingError } from "./denoising-error.ts";

const schedule = noiseSchedule({ steps: 100, betaStart: 1e-3, betaEnd: 0.2 });
const latents = normal(foldIn(key(1), "latents"), 6 * 4);

const errorOf = (predict: Predictor, options: Partial<Parameters<typeof denoisingError>[0]> = {}) =>
  denoisingError({ predict, process: schedule, latents, key: key(2), ...options });

/** The noise that is left of x_t where x_0 is known. */
const oracle: Predictor = async (x, t) => {
  const bar = schedule.alphaBar[t]!;
  return x.map((value, i) => (value - Math.sqrt(bar) * latents[i]!) / Math.sqrt(1 - bar));
};

describe("the error of a denoiser", () => {
  it("is nothing where the noise is predicted exactly", async () => {
    expect(await errorOf(oracle)).toBeLessThan(1e-8);
  });

  it("is the mean square of what is off, over latents and times", async () => {
    const off: Predictor = async (x, t) => (await oracle(x, t)).map((value, i) => value + (i % 2 === 0 ? 1 : 3));
    expect(await errorOf(off)).toBeCloseTo((1 + 9) / 2, 3);
    const late: Predictor = async (x, t) => (await oracle(x, t)).map((value) => value + (t === 99 ? 2 : 0));
    expect(await errorOf(late)).toBeCloseTo(4 / 20, 4);
  });

  it("is the noise's own variance where no noise is predicted", async () => {
    const many = new Float32Array(20_000);
    const error = await errorOf(async (x) => new Float32Array(x.length), { latents: many });
    expect(error).toBeCloseTo(1, 1);
  });

  it("is taken at twenty times, evenly from the cleanest to the noisiest", async () => {
    const seen: number[] = [];
    const note: Predictor = async (x, t) => {
      seen.push(t);
      return x;
    };
    await errorOf(note);
    expect(seen).toHaveLength(20);
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(99);
    const gaps = seen.slice(1).map((t, i) => t - seen[i]!);
    expect(Math.min(...gaps)).toBe(5);
    expect(Math.max(...gaps)).toBe(6);
  });

  it("shows the denoiser latents with as much noise as the schedule has at each time", async () => {
    const noisy = new Map<number, Float32Array>();
    const large = new Float32Array(20_000).fill(2);
    const note: Predictor = async (x, t) => {
      noisy.set(t, x.slice());
      return x;
    };
    await errorOf(note, { latents: large });
    for (const [t, x] of noisy) {
      const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
      const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
      expect(mean).toBeCloseTo(2 * Math.sqrt(schedule.alphaBar[t]!), 1);
      expect(variance).toBeCloseTo(1 - schedule.alphaBar[t]!, 1);
    }
  });

  it("is that of the same noise whichever denoiser is asked, and of other noise with another key", async () => {
    const shown = async (predict: Predictor, seed: number) => {
      const all: number[] = [];
      await errorOf(
        async (x, t) => {
          all.push(...x);
          return predict(x, t);
        },
        { key: key(seed) },
      );
      return all;
    };
    const none: Predictor = async (x) => new Float32Array(x.length);
    expect(await shown(none, 3)).toEqual(await shown(oracle, 3));
    expect(await shown(none, 4)).not.toEqual(await shown(none, 3));
    expect(await errorOf(none)).toBe(await errorOf(none));
  });

  it("does not mind that a denoiser gives the same array every time", async () => {
    const reused = new Float32Array(latents.length);
    const predict: Predictor = async (x, t) => {
      reused.set(await oracle(x, t));
      return reused;
    };
    expect(await errorOf(predict)).toBe(await errorOf(oracle));
  });

  it("leaves the latents as they are", async () => {
    const before = latents.slice();
    await errorOf(oracle);
    expect(latents).toEqual(before);
  });

  it("can be taken of a process with fewer steps than times", async () => {
    const short = noiseSchedule({ steps: 1, betaStart: 0.5, betaEnd: 0.5 });
    const times = new Set<number>();
    const error = await errorOf(
      async (x, t) => {
        times.add(t);
        return x.map(() => 0);
      },
      { process: short },
    );
    expect([...times]).toEqual([0]);
    expect(error).toBeGreaterThan(0);
  });
});

it("the error of a perfect predictor is what the data leave open, and weights count", async () => {
  const rows = 400;
  const latents = normal(key(9), rows * 2).map((z) => m + s * z);
  const options = { predict: exactVelocity, process: path, latents, key: key(3) };
  const all = await denoisingError(options);
  const first = await denoisingError({ ...options, weight: Float32Array.of(2, 0) });
  const second = await denoisingError({ ...options, weight: Float32Array.of(0, 2) });
  expect((first + second) / 2).toBeCloseTo(all, 6);
  // Var(ε − z | x_σ) = s² / ((1 − σ)² s² + σ²), in the mean over the times that are looked at.
  const open = Array.from({ length: 20 }, (_, i) => i / 19).map((u) => (s * s) / (((1 - u) * s) ** 2 + u * u));
  expect(all / (open.reduce((a, b) => a + b) / 20)).toBeCloseTo(1, 1);
});
