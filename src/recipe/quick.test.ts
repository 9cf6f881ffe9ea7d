import { afterEach, describe, expect, it, vi } from "vitest";

import { findRecipe } from "./catalogue.ts";
import { loadRecipe, requireNetwork } from "./load.ts";
import { quick } from "./quick.ts";
import { recipeWith } from "./recipe.fixture.ts";

describe("a recipe at the size of a laptop", () => {
  afterEach(() => void vi.unstubAllEnvs());

  it("keeps the kinds of its parts, and says what stands in for what is not here", async () => {
    vi.stubEnv("PDIFF_DATA", "/nowhere");
    const whole = requireNetwork(await loadRecipe(await findRecipe("food101_vitbase")), "a test");
    const { recipe, notices } = quick(whole);
    expect(recipe.name).toBe("food101_vitbase-quick");
    expect(recipe.network).toEqual(whole.network);
    expect([recipe.autoencoder.type, recipe.diffusion?.denoiser.type]).toEqual(["v3", "v3"]);
    expect(recipe.data).toMatchObject({ name: "glyphs", size: 64 });
    expect(recipe.base).not.toHaveProperty("weights");
    expect(notices.join("\n")).toMatch(/food-101 is not here: glyphs.*\n.*from scratch/);
  });

  it("has little data, few checkpoints, few steps and small batches", () => {
    const { recipe, notices } = quick(recipeWith("zoo.count=300", "base.epochs=9", "autoencoder.latent=200"));
    expect(recipe).toMatchObject({
      name: "small-quick",
      quick: true,
      data: { name: "glyphs", train: 500, selection: 100, test: 300 },
      base: { epochs: 1, batch: 32 },
      zoo: { count: 20, heldOut: 5, references: 0, batch: 32 },
      autoencoder: { latent: 64, training: { steps: 40, batch: 16 } },
      diffusion: { training: { steps: 40, batch: 16 } },
      sample: { count: 20 },
      audit: { baselines: ["noise:0.05", "average:4", "gaussian"], draws: 4 },
    });
    expect(notices).toEqual(["little data, few steps, narrow layers, and no gate to pass: this only shows the way"]);
  });

  it("keeps what is small already", () => {
    const small = recipeWith("zoo.count=4", "data.train=120", "data.test=30", "sample.count=3");
    expect(quick(small).recipe).toMatchObject({
      data: { train: 120, selection: 100, test: 30 },
      zoo: { count: 4, heldOut: 1 },
      sample: { count: 3 },
    });
  });
});
