/**
 * Embeds vectors in the plane, to show where samples lie among originals: principal components,
 * t-SNE (van der Maaten and Hinton, 2008) and UMAP (McInnes, Healy and Melville, 2018). The last
 * two preserve neighbourhoods but not distances between groups, so they are no evidence by
 * themselves.
 */

import { yieldToEvents } from "../event-loop.ts";
import { at } from "../lookup.ts";
import { allEigenvectors } from "../numeric/index.ts";
import { foldIn, key } from "../random/index.ts";

/** How vectors are mapped to two dimensions. */
export interface EmbeddingOptions {
  readonly method: "tsne" | "pca" | "umap";
  /**
   * `[n, dimension]`, hundreds of vectors: time grows with n² (t-SNE) and with the cube of the
   * smaller of n and `dimension` (PCA).
   */
  readonly vectors: Float32Array;
  readonly dimension: number;
  /** Any integer from 0 to 2^53 − 1. PCA does not depend on it. */
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** Number of principal components between which t-SNE and UMAP measure distances, as is usual. */
const DIMENSIONS = 50;

/** Usual perplexity of t-SNE; with few points, a third of their number. */
const PERPLEXITY = 30;
const TSNE_STEPS = 1000;

/** Defaults of UMAP. */
const NEIGHBOURS = 15;
const MIN_DISTANCE = 0.1;
const UMAP_STEPS = 500;

/** Fewest points for t-SNE and UMAP: a perplexity of 2 takes seven. */
const FEWEST = 7;

/**
 * Components with less than this share of the largest variance are rounding errors and become 0.
 */
const NEGLIGIBLE = 1e-12;

/** Coordinates multiplied at a time, so that a block of hundreds of vectors fits in the cache. */
const BLOCK = 256;

/**
 * A point in the plane for every vector, `[n, 2]`. The same options give the same bytes on the same
 * engine.
 *
 * Vectors with a value that is not finite are left out: their points are NaN, and the others do not
 * change. If all vectors are equal, all points are at 0. Fewer than seven vectors are shown by
 * their principal components, whatever the method. Points of `pca` are centred, in units of the
 * vectors; each axis points towards its farthest point.
 * @throws RangeError if `vectors` is not a whole number of vectors of `dimension` values, or the
 *   seed is invalid.
 * @throws Interrupted when the signal aborts.
 */
export async function embed({ method, vectors, dimension, seed, signal }: EmbeddingOptions): Promise<Float32Array> {
  const n = vectors.length / dimension;
  if (!Number.isInteger(dimension) || dimension < 1 || !Number.isInteger(n))
    throw new RangeError(`${vectors.length} values are no vectors of ${dimension}`);
  const [word] = foldIn(key(seed), "embedding", method);
  const rows = Array.from({ length: n }, (_, i) => vectors.subarray(i * dimension, (i + 1) * dimension));
  const finite = rows.flatMap((row, i) => (row.every(Number.isFinite) ? [i] : []));
  const points = await place(
    method,
    finite.map((i) => at(rows, i)),
    { seed: word, signal },
  );
  const out = new Float32Array(2 * n).fill(Number.NaN);
  for (const [k, i] of finite.entries()) out.set(at(points, k), 2 * i);
  return out;
}

/** A point for each finite vector. */
async function place(
  method: EmbeddingOptions["method"],
  vectors: readonly Float32Array[],
  options: { readonly seed: number; readonly signal: AbortSignal | undefined },
): Promise<readonly ArrayLike<number>[]> {
  const { signal } = options;
  if (method === "pca" || vectors.length < FEWEST) return principalComponents(vectors, 2, signal);
  const near = at(vectors, 0).length <= DIMENSIONS ? vectors : await principalComponents(vectors, DIMENSIONS, signal);
  const squares = await squaredDistances(near, signal);
  return squares === undefined ? vectors.map(() => [0, 0]) : neighbourhoods(method, squares, options);
}

/** Squared distances divided by their mean; undefined if all are 0. */
async function squaredDistances(
  vectors: readonly ArrayLike<number>[],
  signal: AbortSignal | undefined,
): Promise<Float64Array[] | undefined> {
  const n = vectors.length;
  const squares = vectors.map(() => new Float64Array(n));
  let sum = 0;
  for (let i = 0; i < n; i++) {
    await yieldToEvents(signal);
    const a = at(vectors, i);
    for (let j = 0; j < i; j++) {
      const b = at(vectors, j);
      let square = 0;
      for (let c = 0; c < a.length; c++) square += (a[c]! - b[c]!) ** 2;
      squares[i]![j] = square;
      squares[j]![i] = square;
      sum += 2 * square;
    }
  }
  if (sum === 0) return undefined;
  const mean = sum / (n * (n - 1));
  return squares.map((row) => row.map((square) => square / mean));
}

async function neighbourhoods(
  method: "tsne" | "umap",
  squares: readonly Float64Array[],
  { seed, signal }: { readonly seed: number; readonly signal: AbortSignal | undefined },
): Promise<readonly ArrayLike<number>[]> {
  const { isWasmAvailable, setWasmEnabled, TSNE, UMAP } = await import("@saehrimnir/druidjs");
  // Where memory is limited, every step would try again in vain, which takes minutes.
  if (!isWasmAvailable()) setWasmEnabled(false);
  const n = squares.length;
  const common = { d: 2, seed, metric: "precomputed" } as const;
  if (method === "tsne") {
    const perplexity = Math.min(PERPLEXITY, (n - 1) / 3);
    return atLast(new TSNE(squares.map(fromNearest), { ...common, perplexity }).generator(TSNE_STEPS), signal);
  }
  const distances = squares.map((row) => row.map(Math.sqrt));
  const graph = { n_neighbors: Math.min(NEIGHBOURS, n - 1), min_dist: MIN_DISTANCE, _n_epochs: UMAP_STEPS };
  return atLast(new UMAP(distances, { ...common, ...graph }).generator(UMAP_STEPS), signal);
}

/** What an iteration of at least one step comes to. */
async function atLast<T>(steps: Iterable<T>, signal: AbortSignal | undefined): Promise<T> {
  let latest: { readonly points: T } | undefined;
  for (const points of steps) {
    latest = { points };
    await yieldToEvents(signal);
  }
  if (latest === undefined) throw new Error("an embedding takes at least one step");
  return latest.points;
}

/**
 * The squared distances of point i minus that to its nearest neighbour. This does not change the
 * neighbour probabilities of t-SNE, but keeps all of them from underflowing during the search for
 * their width when many points are equally far away.
 */
function fromNearest(row: Float64Array, i: number): Float64Array {
  const least = row.reduce((a, b, j) => (j === i ? a : Math.min(a, b)), Number.POSITIVE_INFINITY);
  return row.map((square, j) => (j === i ? 0 : square - least));
}

/**
 * Coordinates of every vector along the first `count` principal axes. Solves the eigenproblem of
 * the covariance of the coordinates or of the Gram matrix of the vectors, whichever is smaller:
 * their eigenvalues other than 0 are the same.
 */
async function principalComponents(
  vectors: readonly Float32Array[],
  count: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array[]> {
  const n = vectors.length;
  const points = vectors.map(() => new Float64Array(count));
  if (n < 2) return points;
  const first = at(vectors, 0);
  const d = first.length;
  // Relative to the first vector, so that a coordinate in which all are equal has variance 0.
  const mean = Float64Array.from(first);
  for (const vector of vectors) for (let c = 0; c < d; c++) mean[c]! += (vector[c]! - first[c]!) / n;
  const centred = (i: number, c: number) => at(at(vectors, i), c) - at(mean, c);
  const byCoordinate = d <= n;
  const [rows, length] = byCoordinate ? [d, n] : [n, d];
  const products = await crossProducts(rows, length, byCoordinate ? (c, i) => centred(i, c) : centred, signal);
  const found = await allEigenvectors(products, rows, signal);
  for (const [component, { value, vector: axis }] of found.slice(0, count).entries()) {
    if (!(value > NEGLIGIBLE * at(found, 0).value)) break;
    const along = vectors.map((_, i) =>
      byCoordinate ? axis.reduce((sum, weight, c) => sum + weight * centred(i, c), 0) : at(axis, i) * Math.sqrt(value),
    );
    // The sign of an eigenvector is arbitrary.
    const sign = Math.sign(along.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0));
    for (const [i, point] of points.entries()) point[component] = sign * at(along, i);
  }
  return points;
}

/** Σ_k x_ik x_jk of the rows of a matrix `[rows, length]`. */
async function crossProducts(
  rows: number,
  length: number,
  value: (row: number, k: number) => number,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  // A row is multiplied with four others at a time, which reads it once; rows of zeros fill the
  // last four.
  const padded = Math.ceil(rows / 4) * 4;
  const block = new Float64Array(padded * BLOCK);
  const sums = new Float64Array(rows * padded);
  for (let start = 0; start < length; start += BLOCK) {
    const width = Math.min(BLOCK, length - start);
    for (let i = 0; i < rows; i++) for (let k = 0; k < width; k++) block[i * BLOCK + k] = value(i, start + k);
    for (let i = 0; i < rows; i++) {
      await yieldToEvents(signal);
      for (let j = 0; j <= i; j += 4) {
        let s0 = 0;
        let s1 = 0;
        let s2 = 0;
        let s3 = 0;
        for (let k = 0, a = i * BLOCK, b = j * BLOCK; k < width; k++, a++, b++) {
          const x = block[a]!;
          s0 += x * block[b]!;
          s1 += x * block[b + BLOCK]!;
          s2 += x * block[b + 2 * BLOCK]!;
          s3 += x * block[b + 3 * BLOCK]!;
        }
        const at = i * padded + j;
        sums[at]! += s0;
        sums[at + 1]! += s1;
        sums[at + 2]! += s2;
        sums[at + 3]! += s3;
      }
    }
  }
  const symmetric = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      symmetric[i * rows + j] = sums[i * padded + j]!;
      symmetric[j * rows + i] = sums[i * padded + j]!;
    }
  }
  return symmetric;
}
