import { describe, expect, it } from "vitest";

import { key, type NoiseKind, noiseOf } from "../random/index.ts";
import { noiseAhead } from "./noise-ahead.ts";

const kinds: readonly NoiseKind[] = [
  { name: "noise.parameters", distribution: { kind: "normal" }, length: 30_000 },
  { name: "drop.mask", distribution: { kind: "bernoulli", rate: 0.25 }, length: 8 },
];
const few: readonly NoiseKind[] = kinds.map((each) => ({ ...each, length: 8 }));

describe("noiseAhead", () => {
  it.each([
    ["with a thread when there is much noise", kinds],
    ["without a thread when there is little", few],
  ])("gives the noise of every step %s", async (_, own) => {
    // Starts at the fifth step, as after an interruption.
    const source = noiseAhead({ kinds: own, key: key(7), steps: 12, ahead: 3 });
    try {
      for (let step = 5; step < 12; step++) expect(await source.of(step)).toEqual(noiseOf(own, key(7), step));
    } finally {
      await source.close();
    }
  });

  it("gives nothing when there is no noise", async () => {
    const source = noiseAhead({ kinds: [], key: key(1), steps: 2, ahead: 1 });
    expect(await source.of(0)).toEqual({});
    await source.close();
  });
});
