import { expect, it } from "vitest";
import { AVERAGES, CROSSOVERS, GAUSSIANS, shownOf } from "./shown-baselines.ts";

const shown = (...names: readonly string[]) =>
  shownOf(
    names.map((name) => ({ name })),
    [CROSSOVERS, AVERAGES, GAUSSIANS],
  ).map(({ name }) => name);

it("shows of each kind the setting that comes first", () => {
  expect(shown("average:16", "matched-average:16", "crossover:2", "crossover:16", "pca-gaussian:50")).toEqual([
    "crossover:16",
    "matched-average:16",
    "pca-gaussian:50",
  ]);
});

it("shows another setting of the kind where that was not drawn", () => {
  expect(shown("average:4", "average:2", "crossover:3", "gaussian-latent", "pca-gaussian")).toEqual([
    "crossover:3",
    "average:4",
    "pca-gaussian",
  ]);
});

it("shows none of a kind that was not drawn", () => {
  expect(shown("noise:0.1")).toEqual([]);
});
