import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { evenly, extremes, movingAverage } from "./fewer-points.ts";

const identity = (value: number) => value;
const long = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 50, maxLength: 300 });

describe("thinning", () => {
  it("takes evenly spaced elements, the ends among them", () => {
    expect(evenly([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
    expect(evenly([1, 2], 3)).toEqual([1, 2]);
  });

  it("keeps a spike that even spacing would miss, and the order", () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i === 501 ? 100 : Math.sin(i)));
    expect(extremes(values, identity, 20)).toContain(100);
    const steps = extremes(
      values.map((value, step) => ({ step, value })),
      ({ value }) => value,
      20,
    ).map(({ step }) => step);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });

  it("never keeps more than asked for, and always the least and the greatest", () => {
    fc.assert(
      fc.property(long, fc.integer({ min: 4, max: 40 }), (values, most) => {
        const kept = extremes(values, identity, most);
        expect(kept.length).toBeLessThanOrEqual(most);
        expect(Math.min(...kept)).toBe(Math.min(...values));
        expect(Math.max(...kept)).toBe(Math.max(...values));
      }),
    );
  });
});

describe("the moving average", () => {
  it("runs over as many values before as after, and stops where they run out", () => {
    expect(movingAverage([1, 2, 6, 4, 5], 1)).toEqual([3, 4, 5]);
    expect(movingAverage([1, 2], 1)).toEqual([]);
  });

  it("keeps to a straight line", () => {
    const line = Array.from({ length: 20 }, (_, i) => 3 * i);
    expect(movingAverage(line, 4)).toEqual(line.slice(4, -4));
  });
});
