import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { quantile } from "../numeric/index.ts";
import { bernoulli, foldIn, type Key, key, normal } from "../random/index.ts";
import type { Interval } from "../records/index.ts";
import {
  accuracyInterval,
  meanDeviations,
  meanInterval,
  percentileInterval,
  quantiles,
  resample,
  shareInterval,
  wrongShare,
} from "./bootstrap.ts";
import { type Mistakes, mistakes } from "./similarity.ts";

const width = ({ low, high }: Interval) => high - low;
const meanOf = async (values: ArrayLike<number>, of: Key, rounds?: number) =>
  meanInterval(values, await resample(values.length, of, { ...(rounds && { rounds }) }));
const accuracyOf = async (group: Mistakes, of: Key) =>
  accuracyInterval(
    group,
    await resample(group.count, foldIn(of, "networks")),
    await resample(group.images, foldIn(of, "images")),
  );
const within = ({ low, high }: Interval, x: number) => low <= x && x <= high;

/** A group whose networks get images wrong independently with their own chance. */
const group = (seed: number, images: number, chances: readonly number[]) =>
  mistakes(
    chances.flatMap((p, k) => Array.from(bernoulli(foldIn(key(seed), k), images, 1 - p), (x) => (x > 0 ? 1 : 0))),
    new Uint8Array(images),
  );

describe("quantiles", () => {
  it("lie between neighbours", () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((p) => quantile([1, 2, 4], p))).toEqual([1, 1.5, 2, 3, 4]);
    expect(quantile([7], 0.3)).toBe(7);
  });

  it("take values in any order and leave them so", () => {
    const values = Float64Array.from({ length: 101 }, (_, i) => 100 - i);
    expect(quantiles(values)).toEqual({ low: 5, median: 50, high: 95 });
    expect(values[0]).toBe(100);
  });

  it("of infinite values are infinite, of none are not numbers", () => {
    const far = Number.POSITIVE_INFINITY;
    expect(quantiles([1, far, far])).toEqual({ low: far, median: far, high: far });
    expect(quantile([1, 2, far], 0.5)).toBe(2);
    expect(quantiles([])).toEqual({ low: Number.NaN, median: Number.NaN, high: Number.NaN });
  });
});

describe("the interval of a mean", () => {
  it("lies at the 2.5th and the 97.5th percentile of the replicates", () => {
    const replicates = Float64Array.from({ length: 1001 }, (_, i) => (i * 5) % 1001);
    expect(percentileInterval(3, replicates)).toEqual({ value: 3, low: 25, high: 975 });
  });

  it("is about 1.96 standard errors to each side", async () => {
    const interval = await meanOf(normal(key(1), 400), key(2));
    expect(Math.abs(width(interval) / (2 * 1.96 * (1 / 20)) - 1)).toBeLessThan(0.15);
  });

  it("holds the truth about as often as it says", async () => {
    const trials = 150;
    const hits: boolean[] = [];
    for (let t = 0; t < trials; t++) {
      const interval = await meanOf(normal(foldIn(key(3), t), 60), foldIn(key(4), t), 200);
      hits.push(within(interval, 0));
    }
    expect(hits.filter(Boolean).length / trials).toBeGreaterThan(0.88);
    expect(hits.filter(Boolean).length / trials).toBeLessThan(1);
  });

  it("of equal values is that value", async () => {
    expect(await meanOf([0.5, 0.5, 0.5], key(5))).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
  });

  it("is the same with the same key", async () => {
    const values = normal(key(6), 50);
    expect(await meanOf(values, key(7))).toEqual(await meanOf(values, key(7)));
    expect(await meanOf(values, key(7))).not.toEqual(await meanOf(values, key(8)));
  });
});

it("deviations of a contrast are the contrast of the deviations", async () => {
  const [a, b] = [normal(key(9), 100), normal(key(10), 100)];
  const drawn = await resample(100, key(11), { rounds: 50 });
  const contrast = meanDeviations(
    a.map((x, i) => x - b[i]!),
    drawn,
  );
  const [ofA, ofB] = [meanDeviations(a, drawn), meanDeviations(b, drawn)];
  contrast.forEach((x, round) => {
    expect(x).toBeCloseTo(ofA[round]! - ofB[round]!, 6);
  });
});

it("draws as many items as there are in each round", async () => {
  const { items, rounds, counts } = await resample(30, key(20), { rounds: 4 });
  expect([items, rounds, counts.length]).toEqual([30, 4, 120]);
  const each = [0, 1, 2, 3].map((round) => counts.subarray(round * 30, (round + 1) * 30));
  for (const drawn of each) expect(drawn.reduce((sum, count) => sum + count, 0)).toBe(30);
  expect(each[0]).not.toEqual(each[1]);
});

describe("the share of networks that get an image wrong", () => {
  const rows = fc
    .integer({ min: 1, max: 70 })
    .chain((images) =>
      fc.array(fc.array(fc.boolean(), { minLength: images, maxLength: images }), { minLength: 1, maxLength: 5 }),
    );

  it("is a mean over networks, over some where these are given", () => {
    fc.assert(
      fc.property(rows, fc.array(fc.nat(4), { minLength: 1 }), (all, some) => {
        const m = mistakes(
          all.flatMap((row) => row.map(Number)),
          new Uint8Array(all[0]!.length),
        );
        const chosen = some.map((row) => row % all.length);
        const [each, partial] = [wrongShare(m), wrongShare(m, chosen)];
        all[0]!.forEach((_, i) => {
          expect(each[i]).toBeCloseTo(all.filter((row) => row[i]).length / all.length, 12);
          expect(partial[i]).toBeCloseTo(chosen.filter((row) => all[row]![i]).length / chosen.length, 12);
        });
      }),
    );
  });
});

describe("the interval of a group's accuracy", () => {
  it("of one network is that of its images", async () => {
    const interval = await accuracyOf(group(12, 2000, [0.2]), key(13));
    const se = Math.sqrt((0.2 * 0.8) / 2000);
    expect(Math.abs(width(interval) / (2 * 1.96 * se) - 1)).toBeLessThan(0.15);
    expect(interval.value).toBeCloseTo(0.8, 1);
  });

  it("of networks that err alike does not shrink with their number", async () => {
    const one = group(14, 1000, [0.3]);
    const row = Array.from({ length: 1000 }, (_, i) => (one.bits[i >>> 5]! >>> (i & 31)) & 1);
    const many = mistakes(Array(20).fill(row).flat(), new Uint8Array(1000));
    expect(width(await accuracyOf(many, key(15)))).toBeCloseTo(width(await accuracyOf(one, key(15))), 9);
  });

  it("grows with the differences between networks", async () => {
    const alike = await accuracyOf(group(16, 500, Array(10).fill(0.3)), key(17));
    const unlike = await accuracyOf(group(16, 500, [0, 0, 0, 0, 0, 0.6, 0.6, 0.6, 0.6, 0.6]), key(17));
    expect(width(unlike)).toBeGreaterThan(3 * width(alike));
  });

  it("stays within 0 and 1", async () => {
    const { low, high } = await accuracyOf(group(18, 30, [0, 0.4, 0, 0, 0]), key(19));
    expect(high).toBeLessThanOrEqual(1);
    expect(low).toBeGreaterThanOrEqual(0);
    expect(await accuracyOf(group(18, 30, [0, 0]), key(19))).toEqual({ value: 1, low: 1, high: 1 });
  });
});

describe("the interval of a share", () => {
  it("is Wilson's", () => {
    // The roots of (p − x)² = z² x (1 − x) / n.
    const { value, low, high } = shareInterval(3, 20);
    expect(value).toBe(0.15);
    for (const x of [low, high]) expect((0.15 - x) ** 2).toBeCloseTo((1.959964 ** 2 * x * (1 - x)) / 20, 6);
    expect(low).toBeLessThan(0.15);
    expect(high).toBeGreaterThan(0.15);
  });

  it("holds its value and stays within 0 and 1", () => {
    fc.assert(
      fc.property(fc.nat(3000), fc.nat(3000), (a, b) => {
        const interval = shareInterval(Math.min(a, b), Math.max(a, b));
        expect(within(interval, interval.value)).toBe(true);
        expect(interval.low).toBeGreaterThanOrEqual(0);
        expect(interval.high).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("reaches from 0 to 1 where there were no trials", () => {
    expect(shareInterval(0, 0)).toEqual({ value: 0, low: 0, high: 1 });
  });
});
