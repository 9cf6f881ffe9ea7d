import { describe, expect, it } from "vitest";

import { constant, matMul } from "../graph/index.ts";
import { key, normal } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { allEigenvectors, leadingEigenvectors, upright } from "./eigenvectors.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

/** B Bᵀ of a random B `[n, rank]`, `[n, n]`. */
function gram(n: number, rank: number): Float64Array {
  const b = normal(key(1), n * rank);
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += (b[i * rank + k] ?? 0) * (b[j * rank + k] ?? 0);
    return sum;
  });
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

describe("all eigenvectors of a symmetric matrix", () => {
  it("are orthonormal and solve A v = λ v, sorted by falling eigenvalue", async () => {
    const n = 6;
    const a = gram(n, n);
    const found = await allEigenvectors(a, n);
    expect(found.map(({ value }) => value)).toEqual(found.map(({ value }) => value).toSorted((x, y) => y - x));
    for (const [i, { value, vector }] of found.entries()) {
      for (const [j, other] of found.entries()) expect(dot(vector, other.vector)).toBeCloseTo(i === j ? 1 : 0, 8);
      for (let row = 0; row < n; row++)
        expect(dot(a.subarray(row * n, (row + 1) * n), vector)).toBeCloseTo(value * (vector[row] ?? 0), 6);
    }
  });
});

describe("the leading eigenvectors", () => {
  const n = 60;
  const options = (matrix: Float64Array, rank: number) => ({
    size: n,
    rank,
    settled: 1e-9,
    device,
    product: (rows: Parameters<typeof matMul>[0]) => matMul(rows, constant(Float32Array.from(matrix), [n, n])),
  });

  it("are those of the full decomposition, up to their signs", async () => {
    const a = gram(n, n);
    const found = await leadingEigenvectors(options(a, 3));
    const all = await allEigenvectors(a, n);
    expect(found).toHaveLength(3);
    for (const [i, { value, vector }] of found.entries()) {
      const expected = all[i] ?? { value: Number.NaN, vector };
      expect(value / expected.value).toBeCloseTo(1, 4);
      expect(Math.abs(dot(vector, expected.vector))).toBeCloseTo(1, 3);
    }
  });

  it("are no more than the rank of the matrix", async () => {
    const found = await leadingEigenvectors(options(gram(n, 2), 5));
    const largest = found[0]?.value ?? 0;
    expect(found.filter(({ value }) => value > 1e-6 * largest)).toHaveLength(2);
  });
});

it("an upright vector has a positive entry of largest size", () => {
  expect([...upright(Float64Array.of(1, -3, 2))]).toEqual([-1, 3, -2]);
  expect([...upright(Float64Array.of(1, 3, -2))]).toEqual([1, 3, -2]);
});
