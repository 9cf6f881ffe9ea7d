import { describe, expect, it } from "vitest";

import { quantile, upperMedian } from "./quantiles.ts";

describe("a quantile", () => {
  it("is interpolated between neighbours", () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((p) => quantile([1, 2, 4], p))).toEqual([1, 1.5, 2, 3, 4]);
    expect([0, 0.25, 0.5, 1].map((p) => quantile([0, 1, 2, 4], p))).toEqual([0, 0.75, 1.5, 4]);
  });

  it("is the value itself when there is only one", () => {
    expect(quantile([7], 0.3)).toBe(7);
  });

  it("is infinite between equal infinities", () => {
    expect(quantile([1, Infinity, Infinity], 0.75)).toBe(Infinity);
  });

  it("is not a number when there are no values", () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe("the upper median", () => {
  it("is the value in the middle of values in any order", () => {
    expect(upperMedian([3, 10, 2])).toBe(3);
  });

  it("is the greater of two in the middle", () => {
    expect(upperMedian([4, 1, 3, 2])).toBe(3);
  });

  it("is not a number when there are no values", () => {
    expect(upperMedian([])).toBeNaN();
  });
});
