import { describe, expect, it } from "vitest";

import { spread } from "./statistics.ts";

describe("the spread of accuracies", () => {
  it("has mean, best, median and standard deviation", () => {
    const { mean, best, median, sd } = spread([0.9, 0.5, 0.7, 0.6]);
    expect(mean).toBeCloseTo(0.675, 12);
    expect(best).toBe(0.9);
    expect(median).toBeCloseTo(0.65, 12);
    expect(sd).toBeCloseTo(Math.sqrt((0.225 ** 2 + 0.175 ** 2 + 0.025 ** 2 + 0.075 ** 2) / 4), 12);
  });

  it("takes the middle one of an odd number as the median", () => {
    expect(spread([0.1, 0.9, 0.2]).median).toBe(0.2);
  });

  it("of one network is that network", () => {
    expect(spread([0.4])).toEqual({ mean: 0.4, best: 0.4, median: 0.4, sd: 0 });
  });

  it("leaves its input in order", () => {
    const values = [0.3, 0.1, 0.2];
    spread(values);
    expect(values).toEqual([0.3, 0.1, 0.2]);
  });
});
