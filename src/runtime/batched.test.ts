import { afterAll, expect, it } from "vitest";

import { add, reduceMax, reduceSum } from "../graph/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { batched } from "./batched.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const made: string[] = [];

/** The sum of each row, in batches of two. */
const sums = batched(
  (rows) => {
    made.push(rows.shape.join("x"));
    return reduceSum(rows, { axes: [1], keepDims: true });
  },
  { from: 3, to: 1, batch: 2, device },
);

/** The sum of each row and the largest number of its batch. */
const withLargest = batched((rows) => add(reduceSum(rows, { axes: [1], keepDims: true }), reduceMax(rows)), {
  from: 1,
  to: 1,
  batch: 2,
  filled: false,
  device,
});
afterAll(() => Promise.all([sums.release(), withLargest.release()]));

it("runs any number of rows through a graph of fixed size, compiled when it is first needed", async () => {
  expect(made).toEqual([]);
  expect(await sums.run(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9))).toEqual(Float32Array.of(6, 15, 24));
  expect(await sums.run(Float32Array.of(1, 1, 1))).toEqual(Float32Array.of(3));
  expect(await sums.run(new Float32Array())).toEqual(new Float32Array());
  expect(made).toEqual(["2x3"]);
});

it("leaves the last batch as it is where its rows depend on one another", async () => {
  // Filled up with zeros, the largest number of the last batch would be 0.
  expect(await withLargest.run(Float32Array.of(-1, -2, -5))).toEqual(Float32Array.of(-2, -3, -10));
});
