import { expect, it } from "vitest";

import { problemWith, recipeWith } from "../recipe.fixture.ts";

it("a zoo is the checkpoints of each step of one training by default", () => {
  expect(recipeWith().zoo).toMatchObject({
    kind: "trajectory",
    count: 10,
    select: "all",
    every: "step",
    skip: 0,
    references: 3,
    batch: 128,
    lr: 1e-3,
    optimiser: { type: "adam" },
    schedule: { type: "constant" },
    batchNorm: "train",
    canonical: false,
  });
});

it("checkpoints lie a step, an epoch or some steps apart", () => {
  expect(recipeWith("zoo.every={steps: 5}").zoo.every).toEqual({ steps: 5 });
  expect(problemWith("zoo.every=steps")).toBe('zoo.every: expected step, epoch or { steps: N }, got "steps"');
});
