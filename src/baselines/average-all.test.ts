import { describe, expect, it } from "vitest";

import { nodeDevice } from "../runtime-node/index.ts";
import { baseline } from "./baselines.ts";
import { drawsOn, equal, equals, levels } from "./draws.fixture.ts";

const draw = drawsOn(nodeDevice({ name: "cpu", threads: 1 }));

describe("average:all", () => {
  it("is its closed form, one network in every draw and for every key", async () => {
    const squares = levels(5, (k) => k ** 2);
    expect(baseline("average:all").single).toBe(true);
    for (const drawn of await draw("average:all", squares, 3)) expect(drawn).toBeCloseTo((0 + 1 + 4 + 9 + 16) / 5, 5);
    expect(await draw("average:all", squares, 3, 1)).toEqual(await draw("average:all", squares, 3, 2));
  });

  it("is an original where all originals are equal", async () => {
    expect(await draw("average:all", equals, 1)).toEqual(equal);
  });
});
