/**
 * Eigenvectors of symmetric matrices: all of them, or of a large matrix without negative
 * eigenvalues the leading ones, by subspace iteration (Halko, Martinsson and Tropp, 2011): a few of
 * thousands need no decomposition that is cubic in their number.
 */

import { yieldToEvents } from "../event-loop.ts";
import type { Tensor } from "../graph/index.ts";
import { at } from "../lookup.ts";
import { foldIn, key, normal } from "../random/index.ts";
import { batched, type Device } from "../runtime/index.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/** An eigenvector and its eigenvalue. */
export interface Eigenvector {
  readonly value: number;
  /** Of length 1. */
  readonly vector: Float64Array;
}

/**
 * All eigenvectors of a symmetric matrix `[n, n]`, by falling eigenvalue.
 * @throws Interrupted when the signal aborts.
 */
export async function allEigenvectors(
  symmetric: Float64Array,
  n: number,
  signal?: AbortSignal,
): Promise<Eigenvector[]> {
  const { values, vectors } = await symmetricEigen(symmetric, n, signal);
  return vectors.map((vector, i) => ({ value: at(values, i), vector })).sort((a, b) => b.value - a.value);
}

/**
 * An eigenvector with that one of its two signs, which are arbitrary, by which its largest entry is
 * positive.
 */
export function upright(vector: Float64Array): Float64Array {
  const peak = vector.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  return vector.map((x) => x * Math.sign(peak));
}

/** Options of `leadingEigenvectors`. */
export interface LeadingOptions {
  /** Rows of the matrix. */
  readonly size: number;
  /** How many eigenvectors. */
  readonly rank: number;
  /** The graph of rows `[n, size]` times the matrix. */
  product(rows: Tensor): Tensor;
  /** Iteration ends when the sum of the eigenvalues found grows by less than this share. */
  readonly settled: number;
  /** The products run on its CPU, so that the eigenvectors do not depend on the device. */
  readonly device: Device;
  readonly signal?: AbortSignal | undefined;
}

/** Vectors iterated beyond those that are wanted, which makes these settle sooner. */
const MORE = 20;
const MAX_ITERATIONS = 50;

/**
 * Eigenvectors by falling eigenvalue; fewer where the matrix has fewer that are not zero.
 * @throws Interrupted when the signal aborts.
 */
export async function leadingEigenvectors({
  size,
  rank,
  product,
  settled,
  device,
  signal,
}: LeadingOptions): Promise<Eigenvector[]> {
  const count = Math.min(rank + MORE, size);
  const products = batched(product, { from: size, to: size, batch: count, device: device.cpu() });
  try {
    return await iterated({ size, rank, settled, count, signal, times: products.run });
  } finally {
    await products.release();
  }
}

interface Iteration extends Omit<LeadingOptions, "product" | "device"> {
  /** Vectors of the subspace. */
  readonly count: number;
  times(rows: Float32Array): Promise<Float32Array>;
}

async function iterated({ size, rank, settled, count, signal, times }: Iteration): Promise<Eigenvector[]> {
  let basis = await orthonormal(
    Array.from({ length: count }, (_, k) => Float64Array.from(normal(foldIn(key(0), "subspace", k), size))),
    signal,
  );
  for (let iteration = 0, before = 0; ; iteration++) {
    const images = await timesMatrix(basis, times);
    // In the subspace: its own eigenvectors.
    const within = new Float64Array(basis.length ** 2);
    for (const [i, a] of basis.entries()) {
      await yieldToEvents(signal);
      within.set(
        images.map((b) => dot(a, b)),
        i * basis.length,
      );
    }
    const leading = (await allEigenvectors(within, basis.length, signal))
      .slice(0, rank)
      .filter(({ value }) => value > 0);
    const now = leading.reduce((sum, { value }) => sum + value, 0);
    if (now - before <= settled * now || iteration === MAX_ITERATIONS)
      return leading.map(({ value, vector }) => ({ value, vector: combined(basis, vector) }));
    before = now;
    basis = await orthonormal(images, signal);
  }
}

async function timesMatrix(basis: readonly Float64Array[], times: Iteration["times"]): Promise<Float64Array[]> {
  const size = at(basis, 0).length;
  const rows = new Float32Array(basis.length * size);
  for (const [k, v] of basis.entries()) rows.set(v, k * size);
  const images = await times(rows);
  return basis.map((_, k) => Float64Array.from(images.subarray(k * size, (k + 1) * size)));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function combined(basis: readonly Float64Array[], weights: ArrayLike<number>): Float64Array {
  const sum = new Float64Array(at(basis, 0).length);
  basis.forEach((b, k) => {
    const weight = at(weights, k);
    for (let j = 0; j < sum.length; j++) sum[j]! += weight * b[j]!;
  });
  return sum;
}

/**
 * Gram and Schmidt, twice each, so that rounding leaves nothing of earlier directions; what is
 * spanned already is left out.
 */
async function orthonormal(rows: readonly Float64Array[], signal: AbortSignal | undefined): Promise<Float64Array[]> {
  const kept: Float64Array[] = [];
  for (const v of rows) {
    await yieldToEvents(signal);
    const before = Math.sqrt(dot(v, v));
    for (let pass = 0; pass < 2; pass++)
      for (const b of kept) {
        const along = dot(v, b);
        for (let j = 0; j < v.length; j++) v[j]! -= along * b[j]!;
      }
    const length = Math.sqrt(dot(v, v));
    if (length > 1e-10 * before) kept.push(v.map((x) => x / length));
  }
  return kept;
}
