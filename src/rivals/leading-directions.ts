/**
 * The leading principal directions of many vectors, by subspace iteration (Halko, Martinsson and Tropp, 2011): a few directions of
 * thousands of vectors need no decomposition that is cubic in their number.
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

import { constant, gemm, input, sub } from "../graph/index.ts";
import { fold, key, normal } from "../random/index.ts";
import { compile, type Program } from "../runtime/index.ts";
import type { Vectors } from "./vectors.ts";

/** Directions iterated beyond those that are wanted, which makes these settle sooner. */
const MORE = 20;
/** Iteration ends when what the wanted directions explain grows by less than this share. */
const SETTLED = 1e-3;
const MOST_ITERATIONS = 50;

/**
 * The directions of most variance, each times its standard deviation, the greatest first.
 * @param rank how many; fewer where the vectors span fewer.
 */
export async function leadingDirections(vectors: Vectors, mean: Float64Array, rank: number): Promise<Float64Array[]> {
  const { count: n, dimension: d } = vectors;
  const wanted = Math.min(rank, n - 1, d);
  const size = Math.min(wanted + MORE, n, d);
  let basis = orthonormal(
    Array.from({ length: size }, (_, k) => Float64Array.from(normal(fold(key(0), "subspace", k), d))),
  );
  const program = await productsOf(vectors, mean, basis.length);
  try {
    for (let iteration = 0, explained = 0; ; iteration++) {
      const { products, images } = await applied(program, vectors, basis);
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
      // The images span no more than the basis does, and where they span less zeros make up for it.
      explained = now;
      basis = filled(orthonormal(images), size, d);
    }
  } finally {
    await program.release();
  }
}

const filled = (rows: readonly Float64Array[], size: number, d: number): Float64Array[] =>
  Array.from({ length: size }, (_, k) => rows[k] ?? new Float64Array(d));

/** Of centred vectors C and a basis B: (B Cᵀ)(C Bᵀ), and the rows of B Cᵀ C. */
async function productsOf(
  { count, dimension }: Vectors,
  mean: Float64Array,
  size: number,
): Promise<Program<"products" | "images">> {
  const centred = sub(input("vectors", [count, dimension]), constant(Float32Array.from(mean), [dimension]));
  const along = gemm(centred, input("basis", [size, dimension]), { transB: true });
  const products = gemm(along, along, { transA: true });
  // Their result must not depend on where the program runs.
  return compile({ products, images: gemm(along, centred, { transA: true }) }, { name: "cpu", threads: 1 });
}

async function applied(
  program: Program<"products" | "images">,
  { values, dimension: d }: Vectors,
  basis: readonly Float64Array[],
) {
  const rows = new Float32Array(basis.length * d);
  for (const [k, b] of basis.entries()) rows.set(b, k * d);
  const found = await program.run({ vectors: values, basis: rows });
  const [products, images] = [found.products as Float32Array, found.images as Float32Array];
  return {
    products: Matrix.from1DArray(basis.length, basis.length, products),
    images: basis.map((_, k) => Float64Array.from(images.subarray(k * d, (k + 1) * d))),
  };
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
