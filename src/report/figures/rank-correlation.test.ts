import { describe, expect, it } from "vitest";

import { rankCorrelation } from "./rank-correlation.ts";

describe("the rank correlation", () => {
  it("is 1 when y rises with x and -1 when it falls, however far", () => {
    expect(rankCorrelation([0, 1, 2, 3].map((x) => [x, x ** 3]))).toBeCloseTo(1);
    expect(rankCorrelation([0, 1, 2, 3].map((x) => [x, -Math.exp(x)]))).toBeCloseTo(-1);
  });

  it("gives equal values the mean of their ranks", () => {
    const points = [
      [1, 1],
      [1, 2],
      [2, 3],
    ] as const;
    // Ranks of x are 0.5, 0.5 and 2; of y 0, 1 and 2.
    expect(rankCorrelation(points)).toBeCloseTo(1.5 / Math.sqrt(1.5 * 2));
  });

  it("is not a number when nothing varies", () => {
    expect(rankCorrelation([0, 1].map((x) => [x, 1]))).toBeNaN();
  });
});
