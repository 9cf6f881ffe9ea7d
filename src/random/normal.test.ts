import { describe, expect, it } from "vitest";

import quantiles from "../../test/fixtures/quantiles.json" with { type: "json" };
import { normalOf, normalQuantile } from "./normal.ts";
import { integers, key } from "./random.ts";

const COUNT = 200_000;

describe("a normal number of a word", () => {
  it("inverts the distribution function to the last digits of float64", () => {
    for (const [word, expected] of quantiles as [number, number][]) {
      const error = Math.abs(normalQuantile((word + 0.5) / 2 ** 32) - expected);
      expect(error).toBeLessThanOrEqual(1e-15 * Math.abs(expected));
    }
  });

  it("equals the quantile in float32 for every word, with and without the table", () => {
    const exact = (word: number) => Math.fround(normalQuantile((word + 0.5) / 2 ** 32));
    const wrong = (word: number) => normalOf(word >>> 0) !== exact(word >>> 0);
    const borders = Array.from({ length: 1024 }, (_, i) => i * 2 ** 22).flatMap((word) => [word - 1, word, word + 1]);
    expect(borders.filter(wrong)).toEqual([]);
    const drawn = integers(key(12), COUNT, 2 ** 32);
    expect(drawn.filter(wrong)).toHaveLength(0);
  });
});
