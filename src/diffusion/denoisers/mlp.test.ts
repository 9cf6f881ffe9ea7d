import { it } from "vitest";

import { onEachDevice } from "../../../test/support/devices.ts";
import { denoiserCase, expectPrediction, itIsPytorchsStep, untrained } from "../../../test/support/pytorch-steps.ts";

const options = { type: "mlp", width: 16, blocks: 2 } as const;
const [name, count, latent] = ["mlp denoiser", 5, 6] as const;
const step = denoiserCase(options, count, latent);

onEachDevice("the residual denoiser", (device) => {
  itIsPytorchsStep(name, step, device);

  it("predicts the noise that PyTorch's predicts", async () => {
    await expectPrediction(name, { options, state: untrained(name, step), count, latent }, device);
  });
});
