import { describe, expect, it } from "vitest";

import { nodeDevice } from "../runtime-node/index.ts";
import { baseline } from "./baselines.ts";
import { drawsOn, equal, equals, levels } from "./draws.fixture.ts";

const draw = drawsOn(nodeDevice({ name: "cpu", threads: 1 }));

describe("swa", () => {
  it("is its closed form, one network in every draw and for every key", async () => {
    const squares = levels(5, (k) => k ** 2);
    expect(baseline("swa").single).toBe(true);
    for (const drawn of await draw("swa", squares, 3)) expect(drawn).toBeCloseTo((4 + 9 + 16) / 3, 5);
    expect(await draw("swa", squares, 3, 1)).toEqual(await draw("swa", squares, 3, 2));
  });

  it("is an original where all originals are equal", async () => {
    expect(await draw("swa", equals, 1)).toEqual(equal);
  });
});
