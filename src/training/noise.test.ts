import { expect, it } from "vitest";

import { input } from "../graph/index.ts";
import { dropout, trace } from "../nn/index.ts";
import { key, noiseOf } from "../random/index.ts";
import { drawNoise, kindsOf } from "./noise.ts";

const traced = trace((at) => dropout(at.in("drop"), input("x", [2, 3]), { rate: 0.5 }), { training: true });

it("describes the noise that a network declares", () => {
  expect(kindsOf(traced.noise)).toEqual([
    { name: "drop.mask", distribution: { kind: "bernoulli", rate: 0.5 }, length: 6 },
  ]);
});

it("draws the noise of each step when it is asked for", async () => {
  const kinds = kindsOf(traced.noise);
  const source = drawNoise({ kinds, key: key(3), steps: 10, ahead: 2 });
  for (const step of [0, 1, 7]) expect(await source.of(step)).toEqual(noiseOf(kinds, key(3), step));
  expect(await source.of(0)).not.toEqual(await source.of(1));
  await source.close();
});
