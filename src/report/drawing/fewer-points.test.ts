import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { extremes, movingAverage } from "./fewer-points.ts";

const identity = (value: number) => value;
const long = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 50, maxLength: 300 });

describe("the extremes of a curve", () => {
  it("keeps spikes and the order when a curve is long", () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i === 501 ? 100 : Math.sin(i)));
    expect(extremes(values, identity, 20)).toContain(100);
    const steps = extremes(
      values.map((value, step) => ({ step, value })),
      ({ value }) => value,
      20,
    ).map(({ step }) => step);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });

  it("keeps no more points than asked for, the least and the greatest among them", () => {
    fc.assert(
      fc.property(long, fc.integer({ min: 4, max: 40 }), (values, max) => {
        const kept = extremes(values, identity, max);
        expect(kept.length).toBeLessThanOrEqual(max);
        expect(Math.min(...kept)).toBe(Math.min(...values));
        expect(Math.max(...kept)).toBe(Math.max(...values));
      }),
    );
  });
});

describe("the moving average", () => {
  it("ends when its window reaches the ends of the values", () => {
    expect(movingAverage([1, 2, 6, 4, 5], 1)).toEqual([3, 4, 5]);
    expect(movingAverage([1, 2], 1)).toEqual([]);
  });

  it("is the line itself when the values lie on one", () => {
    const line = Array.from({ length: 20 }, (_, i) => 3 * i);
    expect(movingAverage(line, 4)).toEqual(line.slice(4, -4));
  });
});
