import { describe, expect, it } from "vitest";

import { continued, draw, errorOf, latent, timesAsked } from "./flow-sampler.fixture.ts";

describe("Heun's sampler", () => {
  it("follows the velocity to the data", async () => {
    expect(errorOf(await draw({ type: "heun", steps: 250 }))).toBeLessThan(1e-3);
  });

  it("has an error of second order", async () => {
    const [coarse, fine] = [
      errorOf(await draw({ type: "heun", steps: 20 })),
      errorOf(await draw({ type: "heun", steps: 40 })),
    ];
    expect(Math.log2(coarse / fine)).toBeGreaterThan(1.6);
    expect(Math.log2(coarse / fine)).toBeLessThan(2.6);
  });

  it("asks twice a step, at falling times", async () => {
    expect(await timesAsked({ type: "heun", steps: 4 })).toEqual([1000, 750, 750, 500, 500, 250, 250, 0]);
  });

  it("goes on from any state, and draws each sample alone as among others", async () => {
    const { whole, again } = await continued({ type: "heun", steps: 8 });
    for (const drawn of again) expect(drawn).toEqual(whole);
    expect(await draw({ type: "heun", steps: 8 }, { count: 1 })).toEqual(whole.subarray(0, latent));
  });
});
