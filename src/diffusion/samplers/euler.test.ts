import { describe, expect, it } from "vitest";

import { continued, draw, errorOf, latent, timesAsked } from "./flow-sampler.fixture.ts";

describe("Euler's sampler", () => {
  it("follows the velocity to the data", async () => {
    expect(errorOf(await draw({ type: "euler", steps: 250 }))).toBeLessThan(1e-2);
  });

  it("has an error of first order", async () => {
    const [coarse, fine] = [
      errorOf(await draw({ type: "euler", steps: 20 })),
      errorOf(await draw({ type: "euler", steps: 40 })),
    ];
    expect(Math.log2(coarse / fine)).toBeGreaterThan(0.8);
    expect(Math.log2(coarse / fine)).toBeLessThan(1.3);
  });

  it("asks once a step, at falling times", async () => {
    expect(await timesAsked({ type: "euler", steps: 4 })).toEqual([1000, 750, 500, 250]);
  });

  it("goes on from any state, and draws each sample alone as among others", async () => {
    const { whole, again } = await continued({ type: "euler", steps: 8 });
    for (const drawn of again) expect(drawn).toEqual(whole);
    expect(await draw({ type: "euler", steps: 8 }, { count: 1 })).toEqual(whole.subarray(0, latent));
  });
});
