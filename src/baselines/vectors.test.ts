import { expect, it } from "vitest";

import { meanOf, repeated, row, varianceOf } from "./vectors.ts";

const vectors = { count: 3, dimension: 2, values: Float32Array.of(1, 10, 2, 10, 6, 40) };

it("a row is a view of one vector", () => {
  const second = row(vectors, 1);
  expect(second).toEqual(Float32Array.of(2, 10));
  expect(second.buffer).toBe(vectors.values.buffer);
});

it("repeats a vector, one copy after the other", () => {
  expect(repeated([1, 2], 3)).toEqual(Float32Array.of(1, 2, 1, 2, 1, 2));
});

it("takes the mean of all vectors, or of those from a start on", () => {
  expect([...meanOf(vectors)]).toEqual([3, 20]);
  expect([...meanOf(vectors, 1)]).toEqual([4, 25]);
});

it("takes the unbiased variance of each coordinate, which is 0 of a single vector", () => {
  expect([...varianceOf(vectors, meanOf(vectors))]).toEqual([(4 + 1 + 9) / 2, (100 + 100 + 400) / 2]);
  expect([...varianceOf({ ...vectors, count: 1 }, Float64Array.of(1, 10))]).toEqual([0, 0]);
});
