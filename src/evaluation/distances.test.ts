import { describe, expect, it } from "vitest";

import { key, normal } from "../random/index.ts";
import { distances } from "./distances.ts";

const D = 200;
const N = 60;
/** A cloud about a centre far from 0, wider in some directions. */
const cloud = (seed: number, width = 1) => normal(key(seed), N * D).map((x, i) => 50 + width * x * (1 + (i % D) / D));
const originals = cloud(1);

describe("distances of samples among originals", () => {
  it("are about 1 for fresh draws from the same distribution", async () => {
    const { samplesToMean, samplesApart } = await distances(originals, cloud(2), D);
    expect(samplesToMean).toBeCloseTo(1, 1);
    expect(samplesApart).toBeCloseTo(1, 1);
  });

  it("are exactly 1 for the originals themselves", async () => {
    expect(await distances(originals, originals, D)).toEqual({ samplesToMean: 1, samplesApart: 1 });
  });

  it("are 0 for copies of the mean", async () => {
    const mean = Float32Array.from({ length: N * D }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < N; k++) sum += originals[k * D + (i % D)]!;
      return sum / N;
    });
    const { samplesToMean, samplesApart } = await distances(originals, mean, D);
    expect(samplesToMean).toBeLessThan(1e-5);
    expect(samplesApart).toBeLessThan(1e-5);
  });

  it("tell copies of one original from its mean: far from it, not apart", async () => {
    const copies = Float32Array.from({ length: 10 * D }, (_, i) => originals[i % D]!);
    const { samplesToMean, samplesApart } = await distances(originals, copies, D);
    expect(samplesToMean).toBeGreaterThan(0.8);
    expect(samplesApart).toBeLessThan(1e-5);
  });

  it("halve where samples are drawn half as wide", async () => {
    const { samplesToMean, samplesApart } = await distances(originals, cloud(3, 0.5), D);
    expect(samplesToMean).toBeCloseTo(0.5, 1);
    expect(samplesApart).toBeCloseTo(0.5, 1);
  });

  it("are the root mean squares of their definition", async () => {
    // On a line: originals at −1 and 1, samples at 0, 2 and 4.
    const { samplesToMean, samplesApart } = await distances(Float32Array.of(-1, 1), Float32Array.of(0, 2, 4), 1);
    expect(samplesToMean).toBeCloseTo(Math.sqrt((0 + 4 + 16) / 3), 6);
    expect(samplesApart).toBeCloseTo(Math.sqrt((4 + 4 + 16) / 3) / 2, 6);
  });

  it("have nothing apart in a single sample", async () => {
    expect((await distances(originals, originals.subarray(0, D), D)).samplesApart).toBe(0);
  });
});
