import { describe, expect, it } from "vitest";

import { key } from "../random/index.ts";
import { type NoiseKind, noiseOf, noiseSource } from "./noise.ts";

const kinds: readonly NoiseKind[] = [
  { name: "noise.parameters", distribution: { kind: "normal" }, length: 30_000 },
  { name: "drop.mask", distribution: { kind: "bernoulli", rate: 0.25 }, length: 8 },
];
const few: readonly NoiseKind[] = kinds.map((each) => ({ ...each, length: 8 }));

describe("the noise of a step", () => {
  it("is that of its number and its key, of each kind another", () => {
    const noise = noiseOf(few, key(1), 3);
    expect(Object.keys(noise)).toEqual(few.map(({ name }) => name));
    expect(noiseOf(few, key(1), 3)).toEqual(noise);
    expect(noiseOf(few, key(1), 4)).not.toEqual(noise);
    expect(noiseOf(few, key(2), 3)).not.toEqual(noise);
    expect(new Set(noise["drop.mask"])).toEqual(new Set([0, Math.fround(4 / 3)]));
  });

  it.each([
    ["much of it, which another thread draws ahead", kinds],
    ["little", few],
  ])("is the same of %s", async (_, own) => {
    // From the fifth step on, as after an interruption.
    const source = noiseSource({ kinds: own, key: key(7), steps: 12, ahead: 3 });
    try {
      for (let step = 5; step < 12; step++) expect(await source.of(step)).toEqual(noiseOf(own, key(7), step));
    } finally {
      await source.close();
    }
  });

  it("is not drawn where there is none", async () => {
    const source = noiseSource({ kinds: [], key: key(1), steps: 2, ahead: 1 });
    expect(await source.of(0)).toEqual({});
    await source.close();
  });
});
