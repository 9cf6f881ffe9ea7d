import { expect, it } from "vitest";

import { problemWith, recipeWith } from "../recipe.fixture.ts";

it("draws 200 samples from the diffusion model of the preset by default", () => {
  expect(recipeWith()).toMatchObject({
    preset: "small",
    normalisation: "coordinate",
    autoencoder: { type: "conv", gate: 0.2 },
    diffusion: { snapshots: 0, choose: "last" },
    generator: "diffusion",
    sample: { count: 200, sampler: { type: "ddpm" } },
  });
});

it.each([
  [
    "autoencoder.type=convv",
    'autoencoder.type: unknown value "convv". Did you mean conv? Known: conv, v1, v3, tokens, linear, units',
  ],
  ["autoencoder.kernel=4", "autoencoder.kernel: expected an odd number (got 4)"],
  ["diffusion.process.betaStart=0.5", "diffusion.process.betaEnd: must not lie below betaStart (0.5) (got 0.02)"],
  [
    "sample.sampler={type: ddim, steps: 2000}",
    "sample.sampler.steps: more steps than the diffusion has (T = 1000); lower it or raise diffusion.process.steps (got 2000)",
  ],
  [
    "sample.sampler={type: heun}",
    'sample.sampler.type: a denoiser of noise (diffusion.process.objective: noise) is not followed; use ddpm or ddim (got "heun")',
  ],
  [
    "diffusion.process.objective=flwo",
    'diffusion.process.objective: unknown value "flwo". Did you mean flow? Known: noise, flow',
  ],
  [
    "diffusion=null",
    "diffusion: the generator diffusion needs one; use another preset, or generator: vae (got nothing)",
  ],
  [
    "generator=vae",
    'autoencoder.type: the generator vae needs a variational autoencoder; use preset: vae (got "conv")',
  ],
  [
    "generator=files",
    "sample.files: missing: say which networks another generator made, as in sample.files='samples/*.pth' (got nothing)",
  ],
  [
    "sample.files=c.pth",
    'sample.files: only the generator files takes them; use generator: files, or leave them out (got "c.pth")',
  ],
  [
    "diffusion.choose=held-out",
    'diffusion.choose: choosing by held-out networks needs snapshots to choose from (diffusion.snapshots of at least 2) and at least 6 such networks (zoo.heldOut) (got "held-out")',
  ],
  [
    "sample.guidance={from: 0.6, to: 0.5}",
    'sample.guidance.to: must lie beyond from (0.6) (got 0.5); sample.guidance: needs a snapshot from before the end of the denoiser\'s training (diffusion.snapshots of at least 2); or use null (got {"from":0.6,"to":0.5})',
  ],
  [
    "sample.guidance={weight: 3}",
    'sample.guidance: needs a snapshot from before the end of the denoiser\'s training (diffusion.snapshots of at least 2); or use null (got {"weight":3})',
  ],
  [
    "autoencoder={type: units}",
    'diffusion.denoiser.type: tokens of units (autoencoder.type: units) need a denoiser of units, which does not mind their order; use preset: units (got "mlp"); diffusion.standardise: tokens of units are standardised already, the same for all units of a layer; use false (got true)',
  ],
])("refuses parts that do not fit: %s", (change, message) => {
  expect(problemWith(change)).toBe(message);
});
