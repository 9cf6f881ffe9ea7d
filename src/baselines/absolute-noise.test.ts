import { describe, expect, it } from "vitest";

import { nodeDevice } from "../runtime-node/index.ts";
import { added, drawOne, layout } from "./noisy-tensors.fixture.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

describe("noise-absolute:σ", () => {
  it("is σ on every parameter whatever its tensor's spread, and leaves running statistics alone", async () => {
    const [a, b, , mean, variance] = await added("noise-absolute:0.1", device);
    expect(a! / 0.1).toBeCloseTo(1, 1);
    expect(b! / 0.1).toBeCloseTo(1, 1);
    expect([mean, variance]).toEqual([0, 0]);
    const { offset } = layout.entries[2]!;
    expect((await drawOne("noise-absolute:0.1", device))[offset]).not.toBe(7);
  });
});
