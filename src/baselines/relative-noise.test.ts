import { describe, expect, it } from "vitest";

import { nodeDevice } from "../runtime-node/index.ts";
import { added, drawOne, layout } from "./noisy-tensors.fixture.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

describe("noise:σ", () => {
  it("is σ times each tensor's own standard deviation, and nothing where a tensor has none", async () => {
    const [a, b, one, mean] = await added("noise:0.1", device);
    expect(a! / 0.1).toBeCloseTo(1, 1);
    expect(b! / 0.001).toBeCloseTo(1, 1);
    expect(one).toBe(0);
    expect(mean! / 0.1).toBeCloseTo(1, 1);
  });

  it("moves running variances by their logarithms, so that they stay positive", async () => {
    expect((await added("noise:0.1", device, Math.log))[4]! / 0.05).toBeCloseTo(1, 1);
    const { offset, size } = layout.entries[4]!;
    const drawn = await drawOne("noise:3", device, 6);
    expect(Math.min(...drawn.subarray(offset, offset + size))).toBeGreaterThan(0);
  });
});
