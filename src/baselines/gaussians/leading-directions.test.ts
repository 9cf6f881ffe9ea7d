import { expect, it } from "vitest";

import { nodeDevice } from "../../runtime-node/index.ts";
import { meanOf } from "../vectors.ts";
import { leadingDirections } from "./leading-directions.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

/** Deviations ±3 along (1, 1)/√2 and ±1 along (1, −1)/√2 around (5, 7): variances 6 and 2/3. */
const [far, near] = [3 * Math.SQRT1_2, Math.SQRT1_2];
const vectors = {
  count: 4,
  dimension: 2,
  values: Float32Array.of(5 + far, 7 + far, 5 - far, 7 - far, 5 + near, 7 - near, 5 - near, 7 + near),
};
const directions = (rank: number) => leadingDirections(vectors, { mean: meanOf(vectors), rank, device });

it("finds directions of most variance, the greatest first, each as long as its standard deviation", async () => {
  const [first, second, ...others] = await directions(2);
  expect(others).toEqual([]);
  expect(Math.hypot(...first!)).toBeCloseTo(Math.sqrt(6), 3);
  expect(first![0]! / first![1]!).toBeCloseTo(1, 2);
  expect(Math.hypot(...second!)).toBeCloseTo(Math.sqrt(2 / 3), 3);
  expect(second![0]! / second![1]!).toBeCloseTo(-1, 2);
});

it("finds no more directions than the vectors span", async () => {
  expect(await directions(9)).toHaveLength(2);
});
