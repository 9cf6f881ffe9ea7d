import { describe, expect, it } from "vitest";

import fixture from "../../test/fixtures/schedules.json" with { type: "json" };
import { type ScheduleOptions, schedule } from "./schedules.ts";

const milestones = [0.55, 0.75];

/** The schedules of test/oracle/schedules.py. */
const cases: Readonly<Record<keyof typeof fixture, ScheduleOptions>> = {
  constant: { type: "constant", warmup: 0 },
  cosine: { type: "cosine", floor: 0, warmup: 0 },
  "cosine to a tenth": { type: "cosine", floor: 0.1, warmup: 0 },
  "two steps": { type: "multi-step", milestones, factor: 0.1, warmup: 0 },
  "constant, warm-up of 4": { type: "constant", warmup: 4 },
  "cosine to a tenth, warm-up of 3": { type: "cosine", floor: 0.1, warmup: 3 },
  "two steps, warm-up of 1": { type: "multi-step", milestones, factor: 0.1, warmup: 1 },
  "cosine by epochs of 4 steps": { type: "cosine", floor: 0, per: "epoch", warmup: 0 },
};

describe("learning rates agree with PyTorch's schedulers:", () => {
  it.each(Object.entries(cases))("%s", (name, options) => {
    const rate = schedule(options, { lr: 0.3, steps: 20, stepsPerEpoch: 4 });
    for (const [step, expected] of fixture[name as keyof typeof fixture].rates.entries())
      expect(rate(step)).toBeCloseTo(expected, 12);
  });
});

describe("a schedule", () => {
  it("begins its warm-up above zero and ends it at the full rate", () => {
    const rate = schedule({ type: "constant", warmup: 2 }, { lr: 3, steps: 9 });
    expect([0, 1, 2, 3].map(rate)).toEqual([1, 2, 3, 3]);
  });

  it("stays at its floor after the end", () => {
    const rate = schedule({ type: "cosine", floor: 0.25, warmup: 0 }, { lr: 2, steps: 10 });
    expect([10, 11, 25].map(rate)).toEqual([0.5, 0.5, 0.5]);
  });

  it("drops at the step nearest to a milestone, whatever the rounding of the product", () => {
    for (const steps of [10, 20, 100, 300, 1000]) {
      for (let at = 1; at < steps; at++) {
        const options: ScheduleOptions = { type: "multi-step", milestones: [at / steps], factor: 0, warmup: 0 };
        const rate = schedule(options, { lr: 1, steps });
        expect([rate(at - 1), rate(at)]).toEqual([1, 0]);
      }
    }
  });
});
