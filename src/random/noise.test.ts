import { describe, expect, it } from "vitest";

import { key } from "./index.ts";
import { type NoiseKind, noiseOf } from "./noise.ts";

const kinds: readonly NoiseKind[] = [
  { name: "noise.parameters", distribution: { kind: "normal" }, length: 8 },
  { name: "drop.mask", distribution: { kind: "bernoulli", rate: 0.25 }, length: 8 },
];

describe("noiseOf", () => {
  it("depends on the key, the step and the name alone", () => {
    const noise = noiseOf(kinds, key(1), 3);
    expect(Object.keys(noise)).toEqual(kinds.map(({ name }) => name));
    expect(noiseOf(kinds, key(1), 3)).toEqual(noise);
    expect(noiseOf(kinds, key(1), 4)).not.toEqual(noise);
    expect(noiseOf(kinds, key(2), 3)).not.toEqual(noise);
    expect(new Set(noise["drop.mask"])).toEqual(new Set([0, Math.fround(4 / 3)]));
  });
});
