import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";

import { key, normal } from "../random/index.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/** B Bᵀ of a random B `[n, rank]`, `[n, n]`. */
function gram(n: number, rank: number): Float64Array {
  const b = Float64Array.from(normal(key(n), n * rank));
  const product = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < rank; k++) sum += b[i * rank + k]! * b[j * rank + k]!;
      product[i * n + j] = sum;
      product[j * n + i] = sum;
    }
  return product;
}

describe("the decomposition of a symmetric matrix", () => {
  it.each([
    ["of one row", 1, 1],
    ["of two rows", 2, 2],
    ["of full rank", 37, 37],
    ["of many rows", 150, 150],
    ["of low rank, with many eigenvalues near 0", 60, 4],
  ])("gives the bits of JAMA's when the matrix is %s", async (_, n, rank) => {
    const symmetric = gram(n, rank);
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(Matrix.from1DArray(n, n, symmetric), {
      assumeSymmetric: true,
    });
    const { values, vectors } = await symmetricEigen(symmetric, n);
    expect([...values]).toEqual(realEigenvalues);
    expect(vectors.map((vector) => [...vector])).toEqual(vectors.map((_, i) => eigenvectorMatrix.getColumn(i)));
  });

  it("gives the unit vectors when the matrix is diagonal", async () => {
    const { values, vectors } = await symmetricEigen(Float64Array.of(3, 0, 0, 0, -1, 0, 0, 0, 2), 3);
    expect([...values]).toEqual([-1, 2, 3]);
    expect(vectors.map((vector) => [...vector])).toEqual([
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ]);
  });

  it("finds nothing when the matrix is empty", async () => {
    expect(await symmetricEigen(new Float64Array(), 0)).toEqual({ values: new Float64Array(), vectors: [] });
  });

  it("ends with NaN when the matrix holds NaN", async () => {
    const { values } = await symmetricEigen(Float64Array.of(1, Number.NaN, Number.NaN, 1), 2);
    expect([...values]).toEqual([Number.NaN, Number.NaN]);
  });

  it("throws when the signal aborts", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    await expect(symmetricEigen(gram(2000, 2), 2000, controller.signal)).rejects.toThrow("stopped");
  });
});
