import { describe, expect, it } from "vitest";

import fixture from "../../test/fixtures/samplers.json" with { type: "json" };
import { key } from "../random/index.ts";
import { flowPath, noiseSchedule, processOf, processSchema, trainingTimes } from "./process.ts";

describe("a noise schedule", () => {
  it("has the β and ᾱ of the DDPM paper", () => {
    const { beta, alphaBar } = noiseSchedule({ steps: 1000, betaStart: 1e-4, betaEnd: 0.02 });
    const { t, beta: betas, alphaBar: bars } = fixture.schedule;
    for (const [i, step] of t.entries()) {
      expect(beta[step]).toBeCloseTo(betas[i]!, 15);
      expect(alphaBar[step]! / bars[i]!).toBeCloseTo(1, 12);
    }
  });

  it("is learned at all of its times", () => {
    const schedule = noiseSchedule({ steps: 5, betaStart: 0.1, betaEnd: 0.2 });
    expect([...new Set(trainingTimes(schedule, key(1), 200))].sort()).toEqual([0, 1, 2, 3, 4]);
  });
});

describe("the straight path", () => {
  it("leads from data to noise", () => {
    const path = flowPath({ steps: 1001, uniform: 0.5, location: 0, preconditioned: false });
    expect([path.signal[0], path.strength[0], path.signal[1000], path.strength[1000]]).toEqual([1, 0, 0, 1]);
    expect(path.strength[250]).toBeCloseTo(0.25, 12);
  });

  it("is learned at uniform times, at logit-normal ones, or at both", () => {
    const shares = (uniform: number) => {
      const times = trainingTimes(
        flowPath({ steps: 1001, uniform, location: 0, preconditioned: false }),
        key(1),
        20_000,
      );
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

  it("is learned nearer the data where the location of the logit-normal times is below 0", () => {
    const median = (location: number) => {
      const path = flowPath({ steps: 1001, uniform: 0, location, preconditioned: false });
      return trainingTimes(path, key(1), 20_001).sort()[10_000]! / 1000;
    };
    // The median of a logit-normal distribution is the logistic function of its location.
    expect(median(0)).toBeCloseTo(0.5, 2);
    expect(median(-1)).toBeCloseTo(1 / (1 + Math.E), 2);
  });
});

it("a process without an objective is DDPM's, and a straight path has defaults", () => {
  expect(processOf(processSchema.parse({ steps: 3, betaStart: 0.1, betaEnd: 0.2 })).objective).toBe("noise");
  expect(processSchema.parse({ objective: "flow" })).toEqual({
    objective: "flow",
    location: 0,
    preconditioned: true,
    steps: 1000,
    uniform: 0.5,
  });
});
