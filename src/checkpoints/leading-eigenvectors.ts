/**
 * The leading eigenvectors of a large symmetric matrix without negative eigenvalues, by subspace iteration (Halko, Martinsson and
 * Tropp, 2011): a few of thousands need no decomposition that is cubic in their number.
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

import { fold, key, normal } from "../random/index.ts";

export interface LeadingOptions {
  /** Rows of the matrix. */
  readonly size: number;
  /** How many eigenvectors. */
  readonly rank: number;
  /** Rows `[n, size]` times the matrix, in float32. */
  product(rows: Float32Array): Promise<Float32Array>;
  /** Iteration ends when the sum of the eigenvalues found grows by less than this share. */
  readonly settled: number;
}

export interface Eigenvector {
  readonly value: number;
  /** Of length 1. */
  readonly vector: Float64Array;
}

/** Vectors iterated beyond those that are wanted, which makes these settle sooner. */
const MORE = 20;
const MOST_ITERATIONS = 50;

/** How many rows a product is of, at most. */
export const subspaceOf = ({ size, rank }: Pick<LeadingOptions, "size" | "rank">): number =>
  Math.min(rank + MORE, size);

/** Eigenvectors by falling eigenvalue; fewer where the matrix has fewer that are not zero. */
export async function leadingEigenvectors({ size, rank, product, settled }: LeadingOptions): Promise<Eigenvector[]> {
  const count = subspaceOf({ size, rank });
  let basis = orthonormal(
    Array.from({ length: count }, (_, k) => Float64Array.from(normal(fold(key(0), "subspace", k), size))),
  );
  for (let iteration = 0, before = 0; ; iteration++) {
    const images = await timesMatrix(basis, product);
    // In the subspace: its own eigenvectors.
    const products = basis.map((a) => images.map((b) => dot(a, b)));
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(products), {
      assumeSymmetric: true,
    });
    const order = realEigenvalues.map((value, index) => ({ value, index })).sort((a, b) => b.value - a.value);
    const leading = order.slice(0, rank).filter(({ value }) => value > 0);
    const now = leading.reduce((sum, { value }) => sum + value, 0);
    if (now - before <= settled * now || iteration === MOST_ITERATIONS)
      return leading.map(({ value, index }) => ({
        value,
        vector: combined(basis, eigenvectorMatrix.getColumn(index)),
      }));
    before = now;
    basis = orthonormal(images);
  }
}

async function timesMatrix(
  basis: readonly Float64Array[],
  product: LeadingOptions["product"],
): Promise<Float64Array[]> {
  const size = basis[0]!.length;
  const rows = new Float32Array(basis.length * size);
  for (const [k, v] of basis.entries()) rows.set(v, k * size);
  const images = await product(rows);
  return basis.map((_, k) => Float64Array.from(images.subarray(k * size, (k + 1) * size)));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function combined(basis: readonly Float64Array[], weights: readonly number[]): Float64Array {
  const sum = new Float64Array(basis[0]!.length);
  basis.forEach((b, k) => {
    for (let j = 0; j < sum.length; j++) sum[j]! += weights[k]! * b[j]!;
  });
  return sum;
}

/** Gram and Schmidt, twice each, so that rounding leaves nothing of earlier directions; what is spanned already is left out. */
function orthonormal(rows: readonly Float64Array[]): Float64Array[] {
  const kept: Float64Array[] = [];
  for (const v of rows) {
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
