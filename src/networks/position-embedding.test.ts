import { expect, it } from "vitest";

import fixture from "../../test/fixtures/position-embedding.json" with { type: "json" };
import { fill } from "../../test/support/fill.ts";
import { relativeError } from "../../test/support/fixtures.ts";
import { type Grid, resizePositions } from "./position-embedding.ts";

const WIDTH = 3;
const positionsOn = ([rows, columns]: Grid): Float32Array => fill("positions", (1 + rows * columns) * WIDTH);

it.each(Object.entries(fixture))("interpolates like timm: %s", (_, { old, new: wanted, resized }) => {
  const actual = resizePositions(
    positionsOn(old as unknown as Grid),
    old as unknown as Grid,
    wanted as unknown as Grid,
  );
  expect(relativeError(actual, resized)).toBeLessThan(1e-6);
});

it("changes nothing when the grid stays the same", () => {
  expect(resizePositions(positionsOn([4, 6]), [4, 6], [4, 6])).toEqual(positionsOn([4, 6]));
});
