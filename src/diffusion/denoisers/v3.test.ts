import { expect, it } from "vitest";

import { onEachDevice } from "../../../test/support/devices.ts";
import { denoiserCase, expectPrediction, itIsPytorchsStep, trained } from "../../../test/support/pytorch-steps.ts";
import { countOf } from "../../nn/index.ts";

const options = { type: "v3", channels: [6, 8, 10, 12], kernel: 7 } as const;
const [name, count, latent] = ["v3 denoiser", 4, 12] as const;
const step = denoiserCase(options, count, latent);

onEachDevice("the revised paper's denoiser", (device) => {
  itIsPytorchsStep(name, step, device);

  it("predicts the noise that PyTorch's predicts, once trained", async () => {
    await expectPrediction(name, { options, state: await trained(name, step, device), count, latent }, device);
  });
});

it.each([
  [128, 2.46],
  [768, 3.2],
])("the denoiser of latents of %s numbers has as many parameters as published", (latent, millions) => {
  const { step } = denoiserCase({ type: "v3", channels: [64, 128, 256, 512], kernel: 7 }, 2, latent);
  expect(countOf(step.traced.parameters) / 1e6).toBeCloseTo(millions, 2);
});
