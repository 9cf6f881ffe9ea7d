import { expect, it } from "vitest";

import { interval, quantiles, real, spread } from "./statistics.ts";

it("a number that JSON cannot hold was written as null, and is read as NaN", () => {
  expect(real.parse(JSON.parse(JSON.stringify(Number.POSITIVE_INFINITY)))).toBeNaN();
  expect(real.parse(0.5)).toBe(0.5);
  expect(real.safeParse("0.5").success).toBe(false);
});

it("summaries hold all of their numbers", () => {
  expect(interval.parse({ value: 1, low: null, high: 2 })).toEqual({ value: 1, low: Number.NaN, high: 2 });
  expect(quantiles.safeParse({ low: 1, high: 2 }).success).toBe(false);
  expect(spread.safeParse({ mean: 1, best: 1, median: 1 }).success).toBe(false);
});
