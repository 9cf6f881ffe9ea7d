import { expect, it } from "vitest";

import { foldIn, key, permutation } from "../random/index.ts";
import { networks, perceptrons } from "./hidden-units.fixture.ts";
import { reorder } from "./hidden-units.ts";
import { matchUnits } from "./unit-matching.ts";

it.each(perceptrons)("matching finds the order of shuffled units, of %s", async (_, units) => {
  const v = networks("one", 1, units);
  const shuffled = units.slice(0, -1).map(({ outputs }, l) => Int32Array.from(permutation(foldIn(key(3), l), outputs)));
  const other = reorder(v, units, shuffled);
  expect(reorder(other, units, await matchUnits(other, v, units))).toEqual(v);
});
