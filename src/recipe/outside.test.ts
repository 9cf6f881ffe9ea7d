import { describe, expect, it } from "vitest";

import { tinyRecipe } from "../../test/support/tiny-run.ts";
import { resolveRecipe } from "./load.ts";
import { outsideOf } from "./outside.ts";

describe("what a recipe reaches outside of its run", () => {
  it("is nothing when it trains a network on generated images", () => {
    expect(outsideOf(tinyRecipe({}))).toEqual([]);
  });

  it("is the run whose zoo it takes over, and the weights it starts from", () => {
    const recipe = tinyRecipe({});
    const other = { ...recipe, base: { ...recipe.base, weights: "w.pth" }, zoo: { ...recipe.zoo, reuse: "runs/a" } };
    expect(outsideOf(other)).toEqual([
      { key: "base.weights", value: "w.pth" },
      { key: "zoo.reuse", value: "runs/a" },
    ]);
  });

  it("is the command of a metric, and the checkpoints", () => {
    const tree = {
      name: "own",
      zoo: { kind: "files", files: ["a.pth", "b.pth"], heldOutFiles: "h.pth", unseenFiles: "u.pth", count: 4 },
      generator: "files",
      sample: { files: "s.pth" },
      preset: "small",
      autoencoder: { type: "linear", latent: 2 },
      measure: { command: "python eval.py {checkpoint}" },
    };
    expect(outsideOf(resolveRecipe(tree, "recipe"))).toEqual([
      { key: "measure.command", value: "python eval.py {checkpoint}" },
      { key: "zoo.files", value: "a.pth, b.pth" },
      { key: "zoo.heldOutFiles", value: "h.pth" },
      { key: "zoo.unseenFiles", value: "u.pth" },
      { key: "sample.files", value: "s.pth" },
    ]);
  });
});
