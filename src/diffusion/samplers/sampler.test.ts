import { describe, expect, it } from "vitest";

import { callsOf, timesOf } from "./sampler.ts";
import { sampler } from "./samplers.ts";

const ddim = (steps: number) => sampler({ type: "ddim", steps, eta: 0, clip: null });

describe("the times of a sampler", () => {
  it("go from the noisiest to the cleanest", () => {
    expect(timesOf(sampler({ type: "ddpm", variance: "large", clip: null }), { steps: 4 })).toEqual([3, 2, 1, 0]);
    const times = (steps: number) => timesOf(ddim(steps), { steps: 40 });
    expect(times(1)).toEqual([39]);
    expect(times(2)).toEqual([39, 0]);
    expect(times(4)).toEqual([39, 26, 13, 0]);
    expect(new Set(times(40)).size).toBe(40);
  });

  it("come each once, in falling order, from T − 1 to 0", () => {
    for (const steps of [1, 2, 3, 50, 399, 400]) {
      const times = timesOf(ddim(steps), { steps: 400 });
      expect(times).toHaveLength(steps);
      expect(times[0]).toBe(399);
      if (steps > 1) expect(times.at(-1)).toBe(0);
      for (let i = 1; i < times.length; i++) expect(times[i]!).toBeLessThan(times[i - 1]!);
    }
  });

  it.each(["euler", "heun"] as const)("are evenly spaced and end before the data: %s", (type) => {
    expect(timesOf(sampler({ type, steps: 4 }), { steps: 1001 })).toEqual([1000, 750, 500, 250]);
  });
});

it("a sampler that corrects its steps asks the denoiser twice as often", () => {
  expect(callsOf(sampler({ type: "euler", steps: 4 }), { steps: 1001 })).toBe(4);
  expect(callsOf(sampler({ type: "heun", steps: 4 }), { steps: 1001 })).toBe(8);
  expect(callsOf(ddim(9), { steps: 40 })).toBe(9);
});
