import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Layout, layoutOf } from "../layout/index.ts";
import { foldIn, key, normal } from "../random/index.ts";
import type { Device } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { distanceMeter, nearest, tensorScale } from "./nearest-distance.ts";

const device: Device = nodeDevice({ name: "cpu", threads: 1 });

interface Rows {
  readonly from: Float32Array;
  readonly to: Float32Array;
  readonly dimension: number;
  readonly scale?: Float32Array;
  readonly skip?: (from: number, to: number) => boolean;
}

/** The definition in float64: distances of row `i` to every row that counts. */
function distancesOf({ from, to, dimension, scale, skip }: Rows, i: number): { j: number; d: number }[] {
  return Array.from({ length: to.length / dimension }, (_, j) => {
    let sum = 0;
    for (let k = 0; k < dimension; k++)
      sum += ((from[i * dimension + k]! - to[j * dimension + k]!) * (scale?.[k] ?? 1)) ** 2;
    return { j, d: Math.sqrt(sum) };
  }).filter(({ j }) => !skip?.(i, j));
}

const find = (rows: Rows, neighbours = 0) => nearest({ ...rows, neighbours, device });

/** Rows of ordinary numbers, some of them repeated, around an origin of any size. */
const problems = fc
  .record({
    n: fc.integer({ min: 1, max: 6 }),
    m: fc.integer({ min: 1, max: 8 }),
    dimension: fc.integer({ min: 1, max: 20 }),
    neighbours: fc.integer({ min: 0, max: 3 }),
    seed: fc.nat(),
    origin: fc.constantFrom(0, 1, 300),
    scaled: fc.boolean(),
  })
  .map(({ n, m, dimension, neighbours, seed, origin, scaled }) => {
    const draw = (name: string, count: number) => normal(foldIn(key(seed), name), count);
    return {
      rows: {
        from: draw("from", n * dimension).map((x) => x + origin),
        to: draw("to", m * dimension).map((x) => x + origin),
        dimension,
        ...(scaled && { scale: draw("scale", dimension).map((x) => Math.abs(x)) }),
      } satisfies Rows,
      neighbours,
    };
  });

describe("the nearest", () => {
  it("is that of the definition in float64, and next the nearest that is no neighbour of it", async () => {
    await fc.assert(
      fc.asyncProperty(problems, async ({ rows, neighbours }) => {
        const { distance, index, next } = await find(rows, neighbours);
        for (const [i, got] of distance.entries()) {
          const all = distancesOf(rows, i);
          const least = Math.min(...all.map(({ d }) => d));
          expect(got).toBe(Math.fround(least));
          expect(Math.fround(all[index[i]!]!.d)).toBe(got);
          const others = all.filter(({ j }) => Math.abs(j - index[i]!) > neighbours).map(({ d }) => d);
          const beyond = Math.min(...others);
          if (others.length === 0) expect(next[i]).toBe(Number.POSITIVE_INFINITY);
          else {
            // A float32 product is off by a share of the squared distances, not of the least of
            // them.
            const longest = Math.max(...all.map(({ d }) => d));
            expect(Math.abs(next[i]! ** 2 - beyond ** 2)).toBeLessThan(1e-4 * longest ** 2 + 1e-12);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ["more rows than are multiplied at a time", 600, 3, 4],
    ["more coordinates than are multiplied at a time", 2, 3, 33_000],
  ])("is the same with %s", async (_, n, m, dimension) => {
    const rows = { from: normal(key(1), n * dimension), to: normal(key(2), m * dimension), dimension };
    const { distance, index } = await find(rows);
    for (const i of new Set([0, 1, Math.floor(n / 2), n - 1])) {
      const all = distancesOf(rows, i);
      const least = all.reduce((a, b) => (b.d < a.d ? b : a));
      expect(distance[i]).toBe(Math.fround(least.d));
      expect(index[i]).toBe(least.j);
    }
  });

  it.each([0, 1, 1000, 1e6])("of a copy is at exactly 0, %f away from the origin as well", async (origin) => {
    const dimension = 500;
    const to = normal(key(3), 12 * dimension).map((x) => origin + x);
    const from = to.slice(3 * dimension, 9 * dimension);
    const { distance, index } = await find({ from, to, dimension });
    expect([...distance]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...index]).toEqual([3, 4, 5, 6, 7, 8]);
  });

  it("is found and measured where a hair keeps it from being a copy, far from the origin", async () => {
    const dimension = 100;
    const to = normal(key(4), 8 * dimension).map((x) => 1000 + x);
    const from = to.slice(5 * dimension, 6 * dimension);
    from[7]! += 2 ** -13;
    const { distance, index } = await find({ from, to, dimension });
    expect(distance[0]).toBe(2 ** -13);
    expect(index[0]).toBe(5);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "of a row with a coordinate of %f is none, and other rows do not mind",
    async (value) => {
      const from = Float32Array.of(1, 2, 3, value, 5, 6);
      const { distance, index, next } = await find({ from, to: Float32Array.of(1, 2, 5, 6, 0, 9), dimension: 2 });
      const none = Number.POSITIVE_INFINITY;
      expect([...distance]).toEqual([0, none, 0]);
      expect([...index]).toEqual([0, -1, 1]);
      expect(next[1]).toBe(none);
      expect(next[0]).toBeCloseTo(Math.hypot(4, 4), 4);
    },
  );

  it("is none of those that are skipped, and none at all where all are", async () => {
    const to = Float32Array.of(0, 10, 25);
    const rows = { from: to, to, dimension: 1 };
    const others = await find({ ...rows, skip: (i, j) => i === j });
    expect([...others.distance]).toEqual([10, 10, 15]);
    expect([...others.index]).toEqual([1, 0, 1]);
    const none = await find({ ...rows, skip: (i) => i === 1 });
    expect([...none.distance]).toEqual([0, Number.POSITIVE_INFINITY, 0]);
    expect([...none.index]).toEqual([0, -1, 2]);
  });

  it("finds a next one that is neither skipped nor a neighbour", async () => {
    const to = Float32Array.of(0, 1, 2, 3, 4);
    const rows = { from: Float32Array.of(2), to, dimension: 1 };
    for (const [neighbours, beyond] of [
      [0, 1],
      [1, 2],
      [2, Number.POSITIVE_INFINITY],
    ] as const)
      expect((await find(rows, neighbours)).next[0]).toBeCloseTo(beyond, 5);
    const skipping = await find({ ...rows, skip: (_, j) => j === 0 || j === 2 }, 1);
    // 1 is the first of the nearest; 3 is the least far of those that are not beside it.
    expect(skipping.next[0]).toBeCloseTo(1, 5);
  });

  it("counts coordinates as much as they are scaled", async () => {
    const rows = { from: Float32Array.of(0, 0), to: Float32Array.of(3, 0, 0, 5), dimension: 2 };
    expect([...(await find(rows)).index]).toEqual([0]);
    const scaled = await find({ ...rows, scale: Float32Array.of(1, 0.5) });
    expect([...scaled.index]).toEqual([1]);
    expect([...scaled.distance]).toEqual([2.5]);
  });
});

describe("the scale of tensors", () => {
  const layout = layoutOf([
    { name: "a", shape: [3] },
    { name: "b", shape: [2, 2] },
    { name: "c", shape: [1] },
  ]);

  it("gives every tensor that moves a mean squared deviation of 1", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 2, max: 12 }), async (seed, n) => {
        const values = normal(key(seed), n * layout.size);
        values.forEach((_, i) => {
          values[i]! *= 10 ** ((i % layout.size) - 4);
          values[i]! += 5;
        });
        const scale = await tensorScale(values, layout);
        for (const { offset, size } of layout.entries) {
          const own = scale.subarray(offset, offset + size);
          expect(new Set(own).size).toBe(1);
          let squares = 0;
          for (let i = offset; i < offset + size; i++) {
            const column = Array.from({ length: n }, (_, k) => values[k * layout.size + i]!);
            const mean = column.reduce((a, b) => a + b, 0) / n;
            for (const x of column) squares += ((x - mean) * own[0]!) ** 2;
          }
          expect(squares / (n * size)).toBeCloseTo(1, 4);
        }
      }),
    );
  });

  it("leaves out a tensor that never moves, whatever its values and however many the originals", async () => {
    for (const n of [1, 2, 3, 7, 10, 200]) {
      const still = Float32Array.of(0.1, -0.7, 1 / 3, 1000.1);
      const values = normal(key(n), n * layout.size);
      for (let k = 0; k < n; k++) values.set(still, k * layout.size + 3);
      expect([...(await tensorScale(values, layout)).subarray(3, 7)], `${n} originals`).toEqual([0, 0, 0, 0]);
    }
  });
});

const flatLayout = (size: number): Layout => layoutOf([{ name: "w", shape: [size] }]);

/**
 * A walk in which every step goes its own way: the squared distance of two places is the number of
 * steps between them.
 */
function walk(n: number): Float32Array {
  const places = new Float32Array(n * n);
  for (let i = 0; i < n; i++) places.fill(1, i * n, i * n + i);
  return places;
}

describe("a meter of distances", () => {
  const meter = (originals: Float32Array, size: number, trajectory: boolean) =>
    distanceMeter({ originals, layout: flatLayout(size), trajectory, device });

  it("takes those on a walk for neighbours that lie half as far as any two, in the mean of their squares", async () => {
    // Any two of 40 are (40 + 1) / 3 steps apart in the mean; 7 is the first lag of half of it.
    expect((await meter(walk(40), 40, true)).neighbours).toBe(7);
  });

  it("takes only the next for neighbours where they are as far as any two", async () => {
    expect((await meter(normal(key(5), 40 * 30), 30, true)).neighbours).toBe(1);
  });

  it("takes at most a quarter of a trajectory for neighbours", async () => {
    // On a line the squared distance grows with the square of the lag, so the half comes late.
    const line = Float32Array.from({ length: 40 }, (_, i) => i);
    expect((await meter(line, 1, true)).neighbours).toBe(10);
  });

  it("knows no neighbours among originals that are no trajectory", async () => {
    expect((await meter(walk(40), 40, false)).neighbours).toBe(0);
  });

  it("leaves out an original's neighbours, and itself where there is no trajectory", async () => {
    const along = await meter(walk(40), 40, true);
    for (const d of along.originals.raw) expect(d).toBe(Math.fround(Math.sqrt(8)));
    const alone = await meter(walk(40), 40, false);
    for (const d of alone.originals.raw) expect(d).toBe(1);
  });

  it("measures any networks against all originals, as they are and in units of each tensor's spread", async () => {
    const layout = layoutOf([
      { name: "a", shape: [1] },
      { name: "b", shape: [1] },
    ]);
    // Spreads of 1 and of 100.
    const originals = Float32Array.of(-1, -100, 1, 100, -1, 100, 1, -100);
    const { measure } = await distanceMeter({ originals, layout, trajectory: false, device });
    const { raw, standardised } = await measure(Float32Array.of(-1, -100, 3, 100, 1, 150));
    expect([...raw]).toEqual([0, 2, 50]);
    expect(standardised[0]).toBe(0);
    expect(standardised[1]).toBeCloseTo(2, 5);
    expect(standardised[2]).toBeCloseTo(0.5, 5);
  });

  it("finds copies alone with their original and averages with all of them", async () => {
    const [n, size] = [40, 300];
    const originals = normal(key(6), n * size);
    const { measure } = await meter(originals, size, false);
    const copy = originals.slice(0, size);
    const nearCopy = originals.slice(size, 2 * size).map((x, i) => x + 0.02 * Math.sin(i));
    const average = new Float32Array(size);
    for (let i = 0; i < n * size; i++) average[i % size]! += originals[i]! / n;
    const { isolation } = await measure(Float32Array.from([...copy, ...nearCopy, ...average]));
    expect(isolation[0]).toBe(0);
    expect(isolation[1]).toBeGreaterThan(0);
    expect(isolation[1]).toBeLessThan(0.05);
    expect(isolation[2]).toBeGreaterThan(0.9);
    expect(isolation[2]).toBeLessThanOrEqual(1);
  });

  it("does not take a copy's neighbours on a trajectory for company", async () => {
    const [n, steps] = [40, walk(40)];
    const nearCopy = steps.slice(20 * n, 21 * n);
    nearCopy[n - 1]! += 0.1;
    const along = await meter(steps, n, true);
    const alone = await meter(steps, n, false);
    // The nearest that is no neighbour is 8 steps away, the nearest other one a step.
    expect((await along.measure(nearCopy)).isolation[0]).toBeCloseTo(0.1 / Math.sqrt(8.01), 3);
    expect((await alone.measure(nearCopy)).isolation[0]).toBeCloseTo(0.1 / Math.sqrt(1.01), 3);
  });
});
