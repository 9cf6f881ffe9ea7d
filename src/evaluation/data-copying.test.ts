import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { foldIn, key, normal, uniform } from "../random/index.ts";
import { type Copying, copying, mannWhitney, midRanks } from "./data-copying.ts";

/** Distances with many ties. */
const distances = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 30 });

/** The definition, pair by pair. */
const naive = (a: readonly number[], b: readonly number[]) =>
  a.flatMap((x) => b.map((y): number => (x > y ? 1 : x === y ? 0.5 : 0))).reduce((sum, u) => sum + u, 0);

describe("ranks", () => {
  it("are shared by equal values", () => {
    expect([...midRanks([30, 10, 20, 10])]).toEqual([4, 1.5, 3, 1.5]);
  });

  it("put what is not a number last, together", () => {
    expect([...midRanks([Number.NaN, Number.POSITIVE_INFINITY, 1, Number.NaN])]).toEqual([3.5, 2, 1, 3.5]);
  });
});

describe("the U of Mann and Whitney", () => {
  it("counts the pairs in which the first is greater, and half of the ties", () => {
    fc.assert(
      fc.property(distances, distances, (a, b) => {
        expect(mannWhitney(a, b)).toBe(naive(a, b));
      }),
    );
  });
});

describe("the data-copying statistic", () => {
  const zu = async (samples: readonly number[], heldOut: readonly number[]) =>
    (await copying({ samples, heldOut, key: key(1), rounds: 1 })).zu;

  it("is U less its mean and a half, in standard deviations, as published", async () => {
    // Of 6 pairs the samples lie farther in 2: (2 − (3 − ½)) / √(6 × 6 / 12).
    expect(await zu([1, 4], [2, 3, 5])).toBeCloseTo((2 - 2.5) / Math.sqrt(3), 12);
  });

  it("does not depend on the unit of distance, or on any other scale that keeps the order", async () => {
    const logarithms = (values: readonly number[]) => values.map((d) => Math.log(d + 1));
    await fc.assert(
      fc.asyncProperty(distances, distances, async (a, b) => {
        const options = { key: key(2), rounds: 20 };
        expect(await copying({ samples: logarithms(a), heldOut: logarithms(b), ...options })).toEqual(
          await copying({ samples: a, heldOut: b, ...options }),
        );
      }),
    );
  });

  it("changes sign with the groups, but for the correction of ½ on both sides", async () => {
    await fc.assert(
      fc.asyncProperty(distances, distances, async (a, b) => {
        const [n, m] = [a.length, b.length];
        expect((await zu(a, b)) + (await zu(b, a))).toBeCloseTo(1 / Math.sqrt((n * m * (n + m + 1)) / 12), 10);
      }),
    );
  });

  it("is as it is by chance where samples and held-out networks lie alike", async () => {
    const tests: Copying[] = [];
    for (let t = 0; t < 60; t++) {
      const all = uniform(foldIn(key(3), t), 80);
      const [samples, heldOut] = [all.subarray(0, 30), all.subarray(30)];
      tests.push(await copying({ samples, heldOut, key: foldIn(key(4), t), rounds: 200 }));
    }
    const p = tests.map((test) => test.p);
    expect(p.filter((x) => x <= 0.5).length / p.length).toBeGreaterThan(0.3);
    expect(p.filter((x) => x <= 0.5).length / p.length).toBeLessThan(0.7);
    const inside = tests.filter((test) => test.zu >= test.null.low && test.zu <= test.null.high);
    expect(inside.length / tests.length).toBeGreaterThan(0.75);
    for (const test of tests) expect(Math.abs(test.null.median)).toBeLessThan(0.5);
  });

  it("is far below chance for copies, and the least p that this number of rounds can give", async () => {
    const heldOut = normal(key(5), 40).map((x) => 10 + x);
    const { zu, null: chance, p } = await copying({ samples: new Float32Array(30), heldOut, key: key(6), rounds: 499 });
    expect(zu).toBeLessThan(-6);
    expect(zu).toBeLessThan(chance.low);
    expect(p).toBe(1 / 500);
  });

  it("is far above it for samples that miss the originals, finite or not", async () => {
    const heldOut = normal(key(7), 40).map((x) => 10 + x);
    for (const far of [1000, Number.POSITIVE_INFINITY, Number.NaN]) {
      const { zu, p } = await copying({ samples: new Float32Array(30).fill(far), heldOut, key: key(8), rounds: 99 });
      expect(zu).toBeGreaterThan(6);
      expect(p).toBe(1);
    }
  });

  it("of distances that are all equal says nothing", async () => {
    const { p, null: chance } = await copying({ samples: [0, 0], heldOut: [0, 0, 0], key: key(9), rounds: 50 });
    expect(p).toBe(1);
    expect(chance.low).toBe(chance.high);
  });

  it("needs samples and held-out networks", async () => {
    await expect(zu([], [1])).rejects.toThrow(RangeError);
    await expect(zu([1], [])).rejects.toThrow(RangeError);
  });
});
