import { describe, expect, it } from "vitest";

import { nodeDevice } from "../runtime-node/index.ts";
import { D, drawsOn, equal, equals, levels } from "./draws.fixture.ts";

const draw = drawsOn(nodeDevice({ name: "cpu", threads: 1 }));

/** Original k is 2^k everywhere, so that a sum says of which originals it is. */
const powers = (count: number) => levels(count, (k) => 2 ** k);

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

  it("is an original where all originals are equal", async () => {
    expect(await draw("average:3", equals, 1)).toEqual(equal);
  });
});
