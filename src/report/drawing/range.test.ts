import { describe, expect, it } from "vitest";

import { clamp, PERCENT, rangeAround, robustRange, span } from "./range.ts";

describe("the range of an axis", () => {
  it("holds all values when none is far out", () => {
    const [low, high] = robustRange(
      [
        [97, 97.2, 97.5],
        [98, 98.1, 98.2],
      ],
      PERCENT,
    );
    expect(low).toBeLessThan(97);
    expect(high).toBeGreaterThan(98.2);
  });

  it("leaves out a failed network when it would squeeze the others", () => {
    const [low] = robustRange([[10, 97, 97.1, 97.2, 97.3, 97.4, 97.5, 97.6]], PERCENT);
    expect(low).toBeGreaterThan(90);
  });

  it("shows failed networks when they are many", () => {
    const [low] = robustRange([[10, 11, 12, 97.3, 97.4, 97.5]], PERCENT);
    expect(low).toBeLessThan(10);
  });

  it("has a width when all values are equal, and stays within the limits", () => {
    expect(robustRange([[100, 100]], PERCENT)).toEqual([99.5, 100]);
    expect(robustRange([[0]], PERCENT)).toEqual([0, 0.5]);
  });
});

describe("the span of values", () => {
  it("leaves a margin, and ignores values when they are not finite", () => {
    expect(span([0, Number.NaN, 10, Number.POSITIVE_INFINITY], 0.1)).toEqual([-1, 11]);
    expect(span([Number.NaN])).toBeUndefined();
  });

  it("has a width when all values are equal", () => {
    for (const value of [0, 5]) {
      const [low, high] = span([value, value]) ?? [];
      expect(high).toBeGreaterThan(low ?? Infinity);
    }
  });
});

describe("the range around groups", () => {
  it("holds other groups when they are near, and not when they are far", () => {
    const [low] = rangeAround(
      [[97, 98]],
      [
        [96.5, 96.6],
        [10, 11],
      ],
      PERCENT,
    );
    expect(low).toBeLessThan(96.5);
    expect(low).toBeGreaterThan(90);
  });
});

it("clamps a value when it lies beyond the axis", () => {
  expect([-1, 0.5, 3].map((value) => clamp(value, [0, 2]))).toEqual([0, 0.5, 2]);
});
