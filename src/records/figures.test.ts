import { expect, it } from "vitest";

import { embedding, ensemblePoint, frontierPoint } from "./figures.ts";

const quantiles = { low: 0, median: 1, high: 2 };

it("an ensemble has an area under the ROC curve only where there is another data set", () => {
  const point = { size: 4, accuracy: { value: 0.9, low: 0.8, high: 1 }, nll: 0.1, brier: 0.2, ece: null };
  expect(ensemblePoint.parse(point)).toEqual({ ...point, ece: Number.NaN });
  expect(ensemblePoint.parse({ ...point, auroc: null }).auroc).toBeNaN();
});

it("a snapshot's loss on held-out networks is null where there are none", () => {
  const point = { step: 10, accuracy: quantiles, distance: quantiles, loss: { originals: null, heldOut: null } };
  expect(frontierPoint.parse(point).loss).toEqual({ originals: Number.NaN, heldOut: null });
});

it("an embedding is of points on a plane", () => {
  const of = (points: number[][]) => ({ method: "pca", space: "latents", groups: [{ name: "samples", points }] });
  expect(embedding.safeParse(of([[1, 2]])).success).toBe(true);
  expect(embedding.safeParse(of([[1, 2, 3]])).success).toBe(false);
});
