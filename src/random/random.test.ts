import fc from "fast-check";
import { describe, expect, it } from "vitest";

import quantiles from "../../test/fixtures/quantiles.json" with { type: "json" };
import { bernoulli, foldIn, integers, type Key, key, normal, permutation, uniform } from "./random.ts";

const COUNT = 200_000;

const mean = (xs: ArrayLike<number>, of = (x: number) => x): number => {
  let sum = 0;
  for (let i = 0; i < xs.length; i++) sum += of(xs[i]!);
  return sum / xs.length;
};

/** Correlation of two samples of one distribution with mean `centre` and variance `variance`. */
const correlation = (a: Float32Array, b: Float32Array, centre: number, variance: number): number =>
  a.reduce((sum, x, i) => sum + (x - centre) * (b[i]! - centre), 0) / a.length / variance;

/** Five standard errors of a mean of COUNT draws with this standard deviation. */
const within = (deviation: number): number => (5 * deviation) / Math.sqrt(COUNT);

describe("key", () => {
  it("gives different keys for seeds up to 2^53 − 1", () => {
    expect(key(0)).toEqual([0, 0]);
    expect(key(2 ** 32)).toEqual([0, 1]);
    expect(key(Number.MAX_SAFE_INTEGER)).toEqual([0xffffffff, 0x1fffff]);
  });

  it("throws for anything that is not a seed", () => {
    for (const seed of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => key(seed)).toThrow(RangeError);
  });
});

describe("fold", () => {
  const root = key(1);

  it("gives every name its own key, and every order of names", () => {
    const names: (string | number)[][] = [
      [],
      [""],
      ["", ""],
      ["a"],
      ["b"],
      ["a", "b"],
      ["b", "a"],
      ["ab"],
      ["a", 1],
      [1, "a"],
      ["a1"],
      ["1"],
      [1],
      [0],
      [0, 0],
      [2 ** 32 - 1],
      ["é"],
      ["e"],
    ];
    const keys = names.map((path) => foldIn(root, ...path).join());
    expect(new Set(keys).size).toBe(names.length);
  });

  it("is fold after fold", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.nat())), fc.array(fc.oneof(fc.string(), fc.nat())), (a, b) => {
        expect(foldIn(foldIn(root, ...a), ...b)).toEqual(foldIn(root, ...a, ...b));
      }),
    );
  });

  it("refuses numbers that are no whole ones below 2^32", () => {
    for (const name of [-1, 0.5, 2 ** 32, Number.NaN]) expect(() => foldIn(root, name)).toThrow(RangeError);
  });

  it("gives independent streams", () => {
    const streams = [root, foldIn(root, 0), foldIn(root, 1), foldIn(root, "a"), foldIn(key(2), 0)].map((k) =>
      uniform(k, COUNT),
    );
    for (const [i, a] of streams.entries())
      for (const b of streams.slice(i + 1)) expect(Math.abs(correlation(a, b, 1 / 2, 1 / 12))).toBeLessThan(within(1));
  });
});

describe("every kind of draw", () => {
  const draws: Readonly<Record<string, (k: Key, length: number) => ArrayLike<number>>> = {
    uniform,
    normal,
    bernoulli: (k, length) => bernoulli(k, length, 0.3),
    integers: (k, length) => integers(k, length, 1000),
  };

  it.each(Object.entries(draws))("%s: a longer draw starts with the shorter one", (_, draw) => {
    const long = Array.from(draw(key(5), 103));
    for (const length of [0, 1, 3, 4, 5, 102]) expect(Array.from(draw(key(5), length))).toEqual(long.slice(0, length));
  });

  it("never changes: recipes promise the same bytes for the same seed", () => {
    const k = foldIn(key(42), "noise", 7);
    expect(k).toEqual([1088777192, 1514731560]);
    expect(uniform(k, 4)).toEqual(
      Float32Array.of(0.7251270413398743, 0.3067929744720459, 0.1717841625213623, 0.927899956703186),
    );
    expect(normal(k, 4)).toEqual(
      Float32Array.of(0.5981408953666687, -0.5049613118171692, -0.9471381902694702, 1.4603277444839478),
    );
    expect(bernoulli(k, 8, 0.5)).toEqual(Float32Array.of(2, 0, 0, 2, 2, 2, 2, 2));
    expect(integers(k, 6, 10)).toEqual(Int32Array.of(7, 1, 8, 5, 1, 7));
    expect(permutation(k, 8)).toEqual(Int32Array.of(1, 5, 3, 2, 0, 6, 7, 4));
    expect(uniform(key(2 ** 40 + 3), 2)).toEqual(Float32Array.of(0.33531153202056885, 0.6923869848251343));
  });
});

describe("uniform", () => {
  it("is spread evenly over [0, 1)", () => {
    const draws = uniform(key(3), COUNT);
    expect(draws.every((u) => u >= 0 && u < 1)).toBe(true);
    expect(Math.abs(mean(draws) - 1 / 2)).toBeLessThan(within(Math.sqrt(1 / 12)));
    for (const edge of [0.1, 0.25, 0.5, 0.9])
      expect(Math.abs(mean(draws, (u) => Number(u < edge)) - edge)).toBeLessThan(within(0.5));
    expect(Math.abs(correlation(draws.subarray(1), draws.subarray(0, -1), 1 / 2, 1 / 12))).toBeLessThan(within(1));
  });
});

describe("bernoulli", () => {
  it.each([0, 0.1, 0.5, 0.9])("of rate %d drops that part and keeps the mean", (rate) => {
    const draws = bernoulli(key(4), COUNT, rate);
    const kept = Math.fround(1 / (1 - rate));
    expect(draws.every((x) => x === 0 || x === kept)).toBe(true);
    expect(Math.abs(mean(draws, (x) => Number(x === 0)) - rate)).toBeLessThan(within(0.5));
  });
});

describe("integers", () => {
  it.each([1, 2, 7, 1000, 2 ** 31])("below %d are spread evenly", (bound) => {
    const draws = integers(key(6), COUNT, bound);
    expect(draws.every((n) => n >= 0 && n < bound)).toBe(true);
    expect(Math.abs(mean(draws) - (bound - 1) / 2)).toBeLessThan(within(bound / Math.sqrt(12)) + 1e-9);
    if (bound > 1000) return;
    const counts = new Array<number>(bound).fill(0);
    for (const n of draws) counts[n]!++;
    for (const count of counts) expect(Math.abs(count / COUNT - 1 / bound)).toBeLessThan(within(1 / Math.sqrt(bound)));
  });
});

describe("permutation", () => {
  it("has every number once", () => {
    for (const length of [0, 1, 2, 5, 1000])
      expect(permutation(key(7), length).toSorted()).toEqual(Int32Array.from({ length }, (_, i) => i));
  });

  it("draws every order equally often", () => {
    const counts = new Map<string, number>();
    const rounds = 24_000;
    for (let i = 0; i < rounds; i++) {
      const order = permutation(foldIn(key(8), i), 4).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values()) expect(Math.abs(count - rounds / 24)).toBeLessThan(5 * Math.sqrt(rounds / 24));
  });
});

describe("normal", () => {
  it("is finite at the end of its range", () => {
    // The fourth word of this seed's stream happens to be 0.
    expect(uniform(key(1343428), 4)[3]).toBe(0);
    expect(normal(key(1343428), 4)[3]).toBe(Math.fround(quantiles[0]![1]!));
  });

  it("has the moments and quantiles of the standard normal distribution", () => {
    const draws = normal(key(9), COUNT);
    // The k-th even moment is 1 · 3 · 5 …, the standard deviation of the fourth power √(105 − 9).
    expect(Math.abs(mean(draws))).toBeLessThan(within(1));
    expect(Math.abs(mean(draws, (z) => z ** 2) - 1)).toBeLessThan(within(Math.sqrt(2)));
    expect(Math.abs(mean(draws, (z) => z ** 3))).toBeLessThan(within(Math.sqrt(15)));
    expect(Math.abs(mean(draws, (z) => z ** 4) - 3)).toBeLessThan(within(Math.sqrt(96)));
    for (const [z, p] of [
      [-2.326347874, 0.01],
      [-0.67448975, 0.25],
      [0, 0.5],
      [1.281551566, 0.9],
      [3.090232306, 0.999],
    ] as const)
      expect(Math.abs(mean(draws, (draw) => Number(draw < z)) - p)).toBeLessThan(within(Math.sqrt(p * (1 - p))));
  });
});
