import { describe, expect, it } from "vitest";

import { autosize } from "./autosize.ts";

const facts = { parameters: 5000, count: 40, heldOut: 10, tensors: 3 };

describe("the sizes of a generator", () => {
  it("keep all directions in which few checkpoints differ, and choose the snapshot by held-out networks", () => {
    const { recipe, choices } = autosize(facts);
    expect(recipe).toEqual({
      preset: "linear",
      normalisation: "none",
      autoencoder: { latent: 39 },
      diffusion: {
        denoiser: { type: "mlp", width: 256, blocks: 3 },
        training: { steps: 3000, batch: 32 },
        snapshots: 8,
        choose: "held-out",
      },
    });
    expect(choices.map(({ key }) => key)).toEqual([
      "autoencoder.type",
      "autoencoder.latent",
      "normalisation",
      "diffusion.denoiser",
      "diffusion.training",
      "diffusion.choose",
    ]);
    // 3000 steps of 32 of 40 checkpoints.
    expect(choices[4]!.reason).toContain("about 2400 times");
  });

  it("are bounded where checkpoints are many, which are trained on twice as long", () => {
    expect(autosize({ ...facts, count: 2000, heldOut: 5 }).recipe).toMatchObject({
      normalisation: "tensor",
      autoencoder: { latent: 256 },
      diffusion: { denoiser: { width: 512 }, training: { steps: 6000, batch: 128 }, snapshots: 0, choose: "last" },
    });
    expect(autosize({ ...facts, count: 2000, tensors: 1 }).recipe.normalisation).toBe("none");
  });

  it("have no more latents than there are parameters, and batches of 16 at least", () => {
    expect(autosize({ ...facts, parameters: 3, count: 6 }).recipe).toMatchObject({
      autoencoder: { latent: 3 },
      diffusion: { training: { batch: 16 } },
    });
  });

  it("leave an autoencoder of your own to its own defaults", () => {
    const { recipe, choices } = autosize({ ...facts, autoencoder: { type: "mine", description: "my own" } });
    expect(recipe.autoencoder).toEqual({ type: "mine" });
    expect(recipe).not.toHaveProperty("normalisation");
    expect(choices[0]).toEqual({ key: "autoencoder.type", value: "mine", reason: "my own" });
  });
});
