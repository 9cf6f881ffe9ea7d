import { expect, it } from "vitest";
import { straightWayOf } from "./straight-way.ts";

const way = (name: string, accuracies: readonly (readonly number[])[]) => ({
  name,
  family: "samples" as const,
  accuracies,
});

it("falls below the worse end where there is a barrier, and rises above it on a slope", () => {
  const barrier = way("barrier", [[0.9, 0.88, 0.86, 0.87, 0.91]]);
  const slope = way("slope", [[0.8, 0.84, 0.86, 0.88, 0.9]]);
  const { rows, places } = straightWayOf([barrier, slope], 1000);
  expect(places).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(rows.map(({ median }) => Number(median.toFixed(4)))).toEqual([-0.04, 0.04]);
});

it("is the mean at each place, and the spread of the changes over networks", () => {
  const [row] = straightWayOf(
    [
      way("three", [
        [0.5, 0.5, 0.5, 0.5, 0.5],
        [0.5, 0.6, 0.7, 0.7, 0.8],
        [0.8, 0.7, 0.6, 0.6, 0.8],
      ]),
    ],
    10,
  ).rows;
  expect(row?.networks).toBe(3);
  expect(row?.accuracy.map((a) => Number(a.toFixed(4)))).toEqual([0.6, 0.6, 0.6, 0.6, 0.7]);
  expect(row?.median).toBeCloseTo(0, 10);
  expect(row?.low).toBeCloseTo(-0.16, 10);
  expect(row?.high).toBeCloseTo(0.08, 10);
});

it("shows a group without networks as not known", () => {
  const [row] = straightWayOf([way("none", [])], 10).rows;
  expect(row).toMatchObject({ networks: 0, median: Number.NaN });
});
