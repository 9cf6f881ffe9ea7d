import { describe, expect, it } from "vitest";

import { oldArguments, oldRecipe, renamedSince, renameRecipeKey } from "./canonical.ts";
import type { Renames } from "./renames.ts";

const renames: Renames = {
  recipeKeys: { measure: "metric", "measure.metric": "metric.name", "audit.rivals": "audit.baselines" },
  recipeValues: { "diffusion.choose": { "held-out": "validation" }, "audit.baselines": { kde: "kernel" } },
  flags: { "--evaluate": "--command" },
  files: [],
  keys: {},
  values: {},
  tensors: {},
  moves: [],
  oneSided: [],
};

describe("oldRecipe", () => {
  it("renames keys, sections and values back", () => {
    const recipe = {
      metric: { name: "loss", command: "x" },
      diffusion: { choose: "validation" },
      audit: { baselines: ["kernel", "swa"], draws: 3 },
    };
    expect(oldRecipe(recipe, renames)).toEqual({
      measure: { metric: "loss", command: "x" },
      diffusion: { choose: "held-out" },
      audit: { rivals: ["kde", "swa"], draws: 3 },
    });
    expect(recipe.metric.name).toBe("loss");
  });

  it("leaves a recipe alone that names nothing renamed", () => {
    expect(oldRecipe({ audit: { draws: 3 } }, renames)).toEqual({ audit: { draws: 3 } });
  });
});

describe("oldArguments", () => {
  it("renames flags, and the keys and values of overrides back", () => {
    const words = [
      "fit",
      "a=b/c",
      "--command",
      "x",
      "metric.name=loss",
      "audit.draws=3",
      "diffusion.choose=validation",
    ];
    expect(oldArguments(words, renames)).toEqual([
      ...["fit", "a=b/c", "--evaluate", "x", "measure.metric=loss", "audit.draws=3", "diffusion.choose=held-out"],
    ]);
  });
});

describe("renameRecipeKey", () => {
  it("takes the longest old path", () => {
    expect(renameRecipeKey(renames, "measure.metric")).toBe("metric.name");
    expect(renameRecipeKey(renames, "measure.timeout")).toBe("metric.timeout");
    expect(renameRecipeKey(renames, "measures")).toBe("measures");
  });
});

describe("renamedSince", () => {
  it("keeps everything when the version has no table", () => {
    expect(renamedSince(renames, undefined).recipeKeys).toEqual(renames.recipeKeys);
  });

  it("leaves out what the version renames itself", () => {
    const then = { ...renames, recipeKeys: { measure: "metric" }, flags: {} };
    expect(renamedSince(renames, then)).toEqual({
      recipeKeys: { "measure.metric": "metric.name", "audit.rivals": "audit.baselines" },
      recipeValues: { "diffusion.choose": {}, "audit.baselines": {} },
      flags: { "--evaluate": "--command" },
    });
  });
});
