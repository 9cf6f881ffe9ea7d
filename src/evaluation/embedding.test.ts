import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { foldIn, key, normal } from "../random/index.ts";
import { type EmbeddingOptions, embed } from "./embedding.ts";

const METHODS = ["pca", "tsne", "umap"] as const;

/**
 * Vectors `[n, d]` in `count` clusters, one after the other, that are far apart compared with their
 * width.
 */
function clusters(n: number, d: number, count: number): Float32Array {
  const centres = normal(foldIn(key(1), "centres"), count * d);
  return normal(foldIn(key(1), "members"), n * d).map((x, at) => {
    const [i, c] = [Math.floor(at / d), at % d];
    return 0.3 * x + 3 * centres[(i % count) * d + c]!;
  });
}

/** Share of points whose nearest other point belongs to the same cluster. */
function purity(points: Float32Array, count: number): number {
  const n = points.length / 2;
  let same = 0;
  for (let i = 0; i < n; i++) {
    let [nearest, least] = [-1, Number.POSITIVE_INFINITY];
    for (let j = 0; j < n; j++) {
      const distance = Math.hypot(points[2 * i]! - points[2 * j]!, points[2 * i + 1]! - points[2 * j + 1]!);
      if (j !== i && distance < least) [nearest, least] = [j, distance];
    }
    if (nearest % count === i % count) same++;
  }
  return same / n;
}

const place = (method: EmbeddingOptions["method"], vectors: Float32Array, dimension: number, seed = 1) =>
  embed({ method, vectors, dimension, seed });

const bytes = (points: Float32Array) => Buffer.from(points.buffer).toString("hex");

describe.each(METHODS)("an embedding by %s", (method) => {
  it("keeps clusters together, in few dimensions and in many", async () => {
    for (const d of [4, 64, 300]) expect(purity(await place(method, clusters(90, d, 3), d), 3)).toBe(1);
  });

  it("is the same, to the byte, for the same seed", async () => {
    const vectors = clusters(60, 64, 3);
    const once = await place(method, vectors, 64);
    await place(method, clusters(40, 8, 2), 8, 5);
    expect(bytes(await place(method, vectors, 64))).toBe(bytes(once));
    const other = bytes(await place(method, vectors, 64, 2));
    if (method === "pca") expect(other).toBe(bytes(once));
    else expect(other).not.toBe(bytes(once));
  });

  it("shows vectors that are all equal at 0", async () => {
    for (const d of [1, 5, 64]) {
      expect(await place(method, new Float32Array(20 * d).fill(0.7), d)).toEqual(new Float32Array(40));
    }
  });

  it("leaves out vectors that are not finite, as if they were not there", async () => {
    const vectors = clusters(30, 6, 3);
    const broken = Float32Array.of(...vectors.subarray(0, 60), ...[1, Number.NaN, 1, 1, 1, 1], ...vectors.subarray(60));
    broken[6 * 30] = Number.NEGATIVE_INFINITY;
    const kept = Float32Array.of(...vectors.subarray(0, 6 * 29));
    const points = await place(method, broken, 6);
    expect([...points.subarray(20, 22), ...points.subarray(60)]).toEqual(new Array(4).fill(Number.NaN));
    expect([...points.subarray(0, 20), ...points.subarray(22, 60)]).toEqual([...(await place(method, kept, 6))]);
  });

  it("has a finite point for every vector, however few or alike", async () => {
    // Whole numbers of a small range: many vectors are equal, and many pairs equally far.
    const vectors = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 1 })), {
      maxLength: 24,
    });
    const scale = fc.constantFrom(1e-15, 1, 1e15);
    await fc.assert(
      fc.asyncProperty(vectors, scale, async (rows, factor) => {
        const flat = Float32Array.from(rows.flat(), (value) => factor * value);
        const points = await place(method, flat, 2);
        expect(points).toHaveLength(2 * rows.length);
        expect(points.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it("has finite points for vectors that are all equally far from one another", async () => {
    const corners = Float32Array.from({ length: 80 * 80 }, (_, at) => (Math.floor(at / 80) === at % 80 ? 1 : 0));
    expect((await place(method, corners, 80)).every(Number.isFinite)).toBe(true);
  });

  it("refuses values that do not make whole vectors", async () => {
    await expect(place(method, new Float32Array(7), 2)).rejects.toThrow("7 values are no vectors of 2");
  });
});

describe("neighbourhoods", () => {
  it.each(["tsne", "umap"] as const)("of %s do not depend on the vectors' unit", async (method) => {
    const vectors = clusters(50, 8, 3);
    const small = vectors.map((x) => x / 2 ** 40);
    expect(bytes(await place(method, small, 8))).toBe(bytes(await place(method, vectors, 8)));
  });

  it.each(["tsne", "umap"] as const)("of %s keep two heaps of equal vectors apart", async (method) => {
    const heaps = Float32Array.from({ length: 60 * 3 }, (_, at) => Math.floor(at / 3) % 2);
    expect(purity(await place(method, heaps, 3), 2)).toBe(1);
  });
});

describe("principal components", () => {
  it("of vectors in a plane keep all distances", async () => {
    const flat = normal(key(3), 40 * 2);
    const [u, v] = [
      [0.6, 0, 0.8, 0],
      [0, 1, 0, 0],
    ] as const;
    const vectors = Float32Array.from({ length: 40 * 4 }, (_, at) => {
      const [i, c] = [Math.floor(at / 4), at % 4];
      return 5 + 2 * flat[2 * i]! * u[c]! + flat[2 * i + 1]! * v[c]!;
    });
    const points = await place("pca", vectors, 4);
    for (let i = 1; i < 40; i++) {
      const expected = Math.hypot(2 * (flat[2 * i]! - flat[0]!), flat[2 * i + 1]! - flat[1]!);
      expect(Math.hypot(points[2 * i]! - points[0]!, points[2 * i + 1]! - points[1]!)).toBeCloseTo(expected, 4);
    }
  });

  it("are centred, uncorrelated and the first is the wider", async () => {
    const points = await place("pca", clusters(50, 10, 3), 10);
    const [xs, ys] = [0, 1].map((c) => Array.from({ length: 50 }, (_, i) => points[2 * i + c]!)) as [
      number[],
      number[],
    ];
    const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    const ones = new Array<number>(50).fill(1);
    const size = dot(xs, xs);
    expect(Math.abs(dot(xs, ones)) / Math.sqrt(size)).toBeLessThan(1e-5);
    expect(Math.abs(dot(xs, ys)) / size).toBeLessThan(1e-5);
    expect(size).toBeGreaterThan(dot(ys, ys));
  });

  it("are the same by the Gram matrix as by covariances: coordinates of zeros change nothing", async () => {
    const vectors = clusters(30, 10, 3);
    const padded = Float32Array.from({ length: 30 * 700 }, (_, at) =>
      at % 700 >= 690 ? vectors[Math.floor(at / 700) * 10 + (at % 700) - 690]! : 0,
    );
    const expected = await place("pca", vectors, 10);
    for (const [i, x] of (await place("pca", padded, 700)).entries()) expect(x).toBeCloseTo(expected[i]!, 4);
  });

  it("show vectors on a line on the first axis", async () => {
    const points = await place("pca", Float32Array.of(0, 0, 3, 4, 6, 8), 2);
    expect([...points].map((x) => Number(x.toFixed(5)))).toEqual(
      points[0]! > 0 ? [5, 0, 0, 0, -5, 0] : [-5, 0, 0, 0, 5, 0],
    );
    expect(points.filter((_, at) => at % 2 === 1)).toEqual(new Float32Array(3));
  });

  it("stand in for neighbourhoods of fewer than seven vectors", async () => {
    const vectors = clusters(6, 5, 2);
    for (const method of METHODS) expect(await place(method, vectors, 5)).toEqual(await place("pca", vectors, 5));
  });
});
