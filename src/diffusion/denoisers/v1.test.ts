import { it } from "vitest";

import { onEachDevice } from "../../../test/support/devices.ts";
import { denoiserCase, expectPrediction, itIsPytorchsStep, untrained } from "../../../test/support/pytorch-steps.ts";

const options = { type: "v1", channels: [6, 8, 10, 12], kernel: 3 } as const;
const [name, count, latent] = ["v1 denoiser", 4, 12] as const;
const step = denoiserCase(options, count, latent);

onEachDevice("the first paper's denoiser", (device) => {
  itIsPytorchsStep(name, step, device);

  it("predicts the noise that PyTorch's predicts", async () => {
    await expectPrediction(name, { options, state: untrained(name, step), count, latent }, device);
  });
});
