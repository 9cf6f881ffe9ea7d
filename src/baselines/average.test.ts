import { describe, expect, it } from "vitest";

import { layoutOf } from "../layout/index.ts";
import { key } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { baseline } from "./baselines.ts";
import type { Vectors } from "./vectors.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

/** Original k is 2^k everywhere, so that a sum says of which originals it is. */
const D = 3;
const powers = (count: number): Vectors => ({
  count,
  dimension: D,
  values: Float32Array.from({ length: count * D }, (_, i) => 2 ** Math.floor(i / D)),
});
const layout = layoutOf([{ name: "w", shape: [D], kind: "linear" }]);
const draw = (name: string, originals: Vectors, count: number, seed = 1) =>
  baseline(name).draw(originals, { count, key: key(seed), layout, device });

describe("average:k", () => {
  it("is the exact average of k different originals, others for each draw", async () => {
    const sums = Array.from(await draw("average:4", powers(12), 40), (mean) => mean * 4);
    const members = sums.filter((_, i) => i % D === 0).map((sum) => sum.toString(2).replaceAll("0", "").length);
    expect(members).toEqual(new Array(40).fill(4));
    expect(new Set(sums).size).toBeGreaterThan(20);
  });

  it("leaves the originals as they are, however often it is drawn", async () => {
    const originals = powers(12);
    await draw("average:4", originals, 100);
    expect(originals).toEqual(powers(12));
  });

  it("draws every original equally often", async () => {
    const times = new Array<number>(10).fill(0);
    const drawn = await draw("average:5", powers(10), 2000);
    for (let i = 0; i < 2000; i++)
      for (let k = 0; k < 10; k++) if (Math.round(drawn[i * D]! * 5) & (2 ** k)) times[k]!++;
    // Half of the draws each, with a standard deviation of 22.
    for (const n of times) expect(Math.abs(n - 1000)).toBeLessThan(100);
  });
});

describe("interpolate", () => {
  it("lies between two originals, evenly distributed, with one share for all coordinates", async () => {
    const originals = { count: 2, dimension: D, values: Float32Array.of(0, 0, 0, 1, 2, 4) };
    const drawn = await draw("interpolate", originals, 2000);
    const shares = drawn.filter((_, i) => i % D === 0);
    shares.forEach((t, i) => {
      expect(drawn[i * D + 1]).toBeCloseTo(2 * t, 6);
      expect(drawn[i * D + 2]).toBeCloseTo(4 * t, 6);
    });
    expect(Math.max(...shares)).toBeGreaterThan(0.99);
    expect(Math.min(...shares)).toBeLessThan(0.01);
    expect(shares.reduce((a, b) => a + b, 0) / 2000).toBeCloseTo(0.5, 1);
  });
});

describe("baselines that are one network", () => {
  const five = { count: 5, dimension: 3, values: Float32Array.from({ length: 15 }, (_, i) => Math.floor(i / D) ** 2) };

  it.each([
    ["average:all", (0 + 1 + 4 + 9 + 16) / 5],
    ["swa", (4 + 9 + 16) / 3],
    ["ema:0.5", 0 / 16 + 1 / 16 + 4 / 8 + 9 / 4 + 16 / 2],
  ])("%s is its closed form, in every draw", async (name, value) => {
    expect(baseline(name).single).toBe(true);
    for (const drawn of await draw(name, five, 3)) expect(drawn).toBeCloseTo(value, 5);
    expect(await draw(name, five, 3, 1)).toEqual(await draw(name, five, 3, 2));
  });

  it("are an original where all originals are equal", async () => {
    const same = { count: 7, dimension: D, values: new Float32Array(7 * D).fill(0.1) };
    for (const name of ["average:all", "swa", "average:3", "interpolate"])
      expect(await draw(name, same, 1)).toEqual(new Float32Array(D).fill(0.1));
  });
});
