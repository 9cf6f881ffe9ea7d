/**
 * The leading principal directions of many vectors, by subspace iteration (Halko, Martinsson and Tropp, 2011): a few directions of
 * thousands of vectors need no decomposition that is cubic in their number.
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

import { fold, key, normal } from "../random/index.ts";
import { row, type Vectors } from "./vectors.ts";

/** Directions iterated beyond those that are wanted, which makes these settle sooner. */
const MORE = 20;
/** Iteration ends when what the wanted directions explain grows by less than this share. */
const SETTLED = 1e-3;
const MOST_ITERATIONS = 50;

/**
 * The directions of most variance, each times its standard deviation, the greatest first.
 * @param rank how many; fewer where the vectors span fewer.
 */
export function leadingDirections(vectors: Vectors, mean: Float64Array, rank: number): Float64Array[] {
  const { count: n, dimension: d } = vectors;
  const wanted = Math.min(rank, n - 1, d);
  const size = Math.min(wanted + MORE, n, d);
  let basis = orthonormal(
    Array.from({ length: size }, (_, k) => Float64Array.from(normal(fold(key(0), "subspace", k), d))),
  );
  for (let iteration = 0, explained = 0; ; iteration++) {
    const { products, images } = applied(vectors, mean, basis);
    // In the subspace: its own principal directions, and the variance along them.
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(products, { assumeSymmetric: true });
    const order = realEigenvalues.map((value, index) => ({ value, index })).sort((a, b) => b.value - a.value);
    const leading = order.slice(0, wanted);
    const now = leading.reduce((sum, { value }) => sum + value, 0);
    if (now - explained <= SETTLED * now || iteration === MOST_ITERATIONS)
      return leading
        .filter(({ value }) => value > 0)
        .map(({ value, index }) => {
          const direction = combined(basis, eigenvectorMatrix.getColumn(index));
          const deviation = Math.sqrt(value / (n - 1));
          return direction.map((x) => x * deviation);
        });
    explained = now;
    basis = orthonormal(images);
  }
}

/** Of centred vectors C and a basis B: (B Cᵀ)(C Bᵀ), and the rows of B Cᵀ C. */
function applied(vectors: Vectors, mean: Float64Array, basis: readonly Float64Array[]) {
  const d = mean.length;
  const size = basis.length;
  const products = Matrix.zeros(size, size);
  const images = basis.map(() => new Float64Array(d));
  const centred = new Float64Array(d);
  const along = new Float64Array(size);
  for (let i = 0; i < vectors.count; i++) {
    const v = row(vectors, i);
    for (let j = 0; j < d; j++) centred[j] = v[j]! - mean[j]!;
    basis.forEach((b, k) => {
      let dot = 0;
      for (let j = 0; j < d; j++) dot += b[j]! * centred[j]!;
      along[k] = dot;
      const image = images[k]!;
      for (let j = 0; j < d; j++) image[j]! += dot * centred[j]!;
    });
    for (let a = 0; a < size; a++)
      for (let b = 0; b < size; b++) products.set(a, b, products.get(a, b) + along[a]! * along[b]!);
  }
  return { products, images };
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
    const before = lengthOf(v);
    for (let pass = 0; pass < 2; pass++)
      for (const b of kept) {
        let dot = 0;
        for (let j = 0; j < v.length; j++) dot += v[j]! * b[j]!;
        for (let j = 0; j < v.length; j++) v[j]! -= dot * b[j]!;
      }
    const length = lengthOf(v);
    if (length > 1e-10 * before) kept.push(v.map((x) => x / length));
  }
  return kept;
}

function lengthOf(v: Float64Array): number {
  let sum = 0;
  for (const x of v) sum += x * x;
  return Math.sqrt(sum);
}
