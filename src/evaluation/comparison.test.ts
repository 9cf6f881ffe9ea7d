import { describe, expect, it } from "vitest";

import { compareDistance, compareIoU, liesNearMean, liesTogether } from "./comparison.ts";

describe("compareDistance", () => {
  it.each([
    [0, "less"],
    [0.79, "less"],
    [0.8, "same"],
    [1.25, "same"],
    [1.26, "more"],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
  ])("compares %f with the originals' own distance as %s", (distance, comparison) => {
    expect(compareDistance(distance)).toBe(comparison);
  });
});

describe("compareIoU", () => {
  it.each([
    [0.5, 0.4, "more", false],
    [0.44, 0.4, "same", false],
    [0.3, 0.4, "less", false],
    [0.97, 0.4, "more", true],
    [0.97, 0.93, "same", false],
    [Number.NaN, 0.4, null, false],
  ])("compares %f of samples with %f of originals as %s", (samples, originals, comparison, repeated) => {
    expect(compareIoU({ samples, originals })).toEqual({ comparison, repeated });
  });
});

describe("liesNearMean and liesTogether", () => {
  it("are false when a distance could not be computed", () => {
    expect([liesNearMean(Number.NaN), liesTogether(Number.NaN)]).toEqual([false, false]);
  });

  it("are true when samples are copies of one network", () => {
    expect([liesNearMean(0), liesTogether(0)]).toEqual([true, true]);
  });
});
