import { expect, it } from "vitest";

import { problemWith, recipeWith } from "../recipe.fixture.ts";

it("samples are compared with the baselines of the literature by default", () => {
  const { evaluate, audit } = recipeWith();
  expect(evaluate).toEqual({ batch: 1000, reconstructions: 50 });
  expect(audit).toMatchObject({ draws: 100, fineTuned: { count: 20, steps: 10 }, embeddings: ["tsne"] });
  expect(audit.baselines).toEqual(expect.arrayContaining(["noise:0.05", "average:16", "swag", "kde-latent"]));
  expect(audit.baselines).toEqual(expect.arrayContaining(["pair-average", "local-average:8", "effect-gaussian:35"]));
  expect(audit.trained).toEqual({ count: 20, steps: 100 });
});

it("baselines can be chosen, and are named in full", () => {
  expect(recipeWith("audit.baselines=[noise, swag]").audit.baselines).toEqual(["noise:0.05", "swag"]);
});

it("networks that are trained for scale can be left out", () => {
  expect(recipeWith("audit.trained.count=0").audit.trained.count).toBe(0);
  expect(problemWith("audit.trained.steps=0")).toBe("audit.trained.steps: expected at least 1, got 0");
});

it("an audit needs three draws of each baseline", () => {
  expect(problemWith("audit.draws=2")).toBe("audit.draws: expected at least 3, got 2");
});
