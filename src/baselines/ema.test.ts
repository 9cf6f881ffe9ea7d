import { describe, expect, it } from "vitest";

import { nodeDevice } from "../runtime-node/index.ts";
import { baseline } from "./baselines.ts";
import { drawsOn, levels } from "./draws.fixture.ts";

const draw = drawsOn(nodeDevice({ name: "cpu", threads: 1 }));

describe("ema:0.5", () => {
  it("is its closed form, one network in every draw and for every key", async () => {
    const squares = levels(5, (k) => k ** 2);
    expect(baseline("ema:0.5").single).toBe(true);
    for (const drawn of await draw("ema:0.5", squares, 3))
      expect(drawn).toBeCloseTo(0 / 16 + 1 / 16 + 4 / 8 + 9 / 4 + 16 / 2, 5);
    expect(await draw("ema:0.5", squares, 3, 1)).toEqual(await draw("ema:0.5", squares, 3, 2));
  });
});
