import { expect, it } from "vitest";

import { presets } from "./presets.ts";
import { recipeWith } from "./recipe.fixture.ts";

it.each([
  ["small", ["coordinate", "conv", "mlp", "ddpm"]],
  ["tokens", ["coordinate", "tokens", "mlp", "ddpm"]],
  ["linear", ["none", "linear", "mlp", "ddpm"]],
  ["units", ["none", "units", "units", "heun"]],
  ["v1", ["none", "v1", "v1", "ddpm"]],
  ["v3", ["tensor", "v3", "v3", "ddpm"]],
  ["vae", ["tensor", "v3", undefined, "ddpm"]],
] as const)("%s chooses parts that fit one another", (preset, parts) => {
  const { normalisation, autoencoder, diffusion, sample } = recipeWith(`preset=${preset}`);
  expect([normalisation, autoencoder.type, diffusion?.denoiser.type, sample.sampler.type]).toEqual(parts);
});

it("the paper's presets have its process, and the prior of a variational autoencoder needs none", () => {
  for (const preset of ["v1", "v3"] as const)
    expect(presets[preset]).toMatchObject({
      diffusion: { process: { objective: "noise", steps: 1000, betaStart: 1e-4, betaEnd: 0.02 } },
    });
  expect(recipeWith("preset=vae")).toMatchObject({ diffusion: null, generator: "vae" });
});
