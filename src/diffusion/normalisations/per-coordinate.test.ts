import { expect, it } from "vitest";

import { normalise } from "./normalisation.ts";
import { perCoordinate } from "./per-coordinate.ts";
import { column, D, fit, K, mean, rows, squares } from "./rows.fixture.ts";

it("gives every coordinate mean 0 and standard deviation 1", async () => {
  const normal = normalise(await fit(perCoordinate, rows), rows);
  for (let i = 0; i < D; i++) {
    expect(mean(column(i, normal))).toBeCloseTo(0, 5);
    expect(Math.sqrt(squares(column(i, normal)) / K)).toBeCloseTo(1, 5);
  }
});

it("only shifts a coordinate that never moves", async () => {
  const still = rows.map((x, i) => (i % D === 4 ? 0.1 : x));
  const fitted = await fit(perCoordinate, still);
  expect(fitted.scale[4]).toBe(1);
  expect(column(4, normalise(fitted, still))).toEqual([0, 0, 0, 0, 0]);
});
