import { describe, expect, it } from "vitest";

import { batched } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { deep, networks, normalised, shallow } from "../symmetry/hidden-units.fixture.ts";
import { parametersOf } from "../symmetry/index.ts";
import { fromTokens, partsOf, sizeOfTokens, toTokens, unitTokens } from "./unit-tokens.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

describe.each([
  ["one hidden layer", shallow],
  ["two hidden layers", deep],
  ["two hidden layers, normalised", normalised],
] as const)("tokens of %s", (_, units) => {
  const D = parametersOf(units);

  it("hold every parameter once, and are undone exactly", async () => {
    expect(sizeOfTokens(unitTokens(units))).toBe(D);
    const v = networks("some", 3, units);
    const [there, back] = [
      batched((x) => toTokens(x, units), { from: D, to: D, batch: 50, device }),
      batched((x) => fromTokens(x, units), { from: D, to: D, batch: 50, device }),
    ];
    const tokens = await there.run(v);
    expect(new Set(tokens)).toEqual(new Set(v));
    expect(await back.run(tokens)).toEqual(v);
    await there.release();
    await back.release();
  });
});

it("a token holds the weights, the bias and the normalisation of one unit, an edge what two units share", () => {
  // Inputs 7, hidden units 5 and 4, outputs 3.
  const groups = [
    { count: 5, width: 7 + 1 },
    { count: 4, width: 1 + 3 },
    { count: 1, width: 3 },
  ];
  const edges = [{ count: 5 * 4, width: 1 }];
  expect(unitTokens(deep)).toEqual({ groups, edges });
  expect(partsOf(unitTokens(deep))).toEqual([...groups, ...edges]);
  expect(unitTokens(normalised).groups.map(({ width }) => width)).toEqual([7 + 1 + 2, 1 + 2 + 3, 3]);
});
