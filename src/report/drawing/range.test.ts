import { describe, expect, it } from "vitest";

import { percentRange, quantile, rangeAround, span } from "./range.ts";

describe("quantiles", () => {
  it("interpolate between neighbours", () => {
    expect([0, 0.25, 0.5, 1].map((p) => quantile([0, 1, 2, 4], p))).toEqual([0, 0.75, 1.5, 4]);
    expect(quantile([7], 0.25)).toBe(7);
  });
});

describe("the range of an axis", () => {
  it("holds all values where none is far out", () => {
    const [low, high] = percentRange([
      [97, 97.2, 97.5],
      [98, 98.1, 98.2],
    ]);
    expect(low).toBeLessThan(97);
    expect(high).toBeGreaterThan(98.2);
  });

  it("leaves out a failed network that would squeeze the others into a corner", () => {
    const [low] = percentRange([[10, 97, 97.1, 97.2, 97.3, 97.4, 97.5, 97.6]]);
    expect(low).toBeGreaterThan(90);
  });

  it("shows failures where they are many", () => {
    const [low] = percentRange([[10, 11, 12, 97.3, 97.4, 97.5]]);
    expect(low).toBeLessThan(10);
  });

  it("has a width where all values are equal, and stays within 0 and 100 %", () => {
    expect(percentRange([[100, 100]])).toEqual([99.5, 100]);
    expect(percentRange([[0]])).toEqual([0, 0.5]);
  });
});

describe("the span of values", () => {
  it("leaves a margin, and does without values that are not finite", () => {
    expect(span([0, Number.NaN, 10, Number.POSITIVE_INFINITY], 0.1)).toEqual([-1, 11]);
    expect(span([Number.NaN])).toBeUndefined();
  });

  it("is never of no width", () => {
    for (const value of [0, 5]) {
      const [low, high] = span([value, value])!;
      expect(high).toBeGreaterThan(low);
    }
  });
});

describe("the range around groups", () => {
  it("holds others that are near, and not those that are far", () => {
    const [low] = rangeAround(
      [[97, 98]],
      [
        [96.5, 96.6],
        [10, 11],
      ],
    );
    expect(low).toBeLessThan(96.5);
    expect(low).toBeGreaterThan(90);
  });
});
