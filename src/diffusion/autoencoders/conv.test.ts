import { expect, it } from "vitest";

import { onEachDevice } from "../../../test/support/devices.ts";
import { autoencoderCase, itIsPytorchsStep } from "../../../test/support/pytorch-steps.ts";
import { convAutoencoder } from "./conv.ts";

const two = { type: "conv", channels: [4, 6], kernel: 9, stride: 8, latent: 5 } as const;
const three = { type: "conv", channels: [3, 4, 6], kernel: 5, stride: 2, latent: 7 } as const;

onEachDevice("the convolutional autoencoder", (device) => {
  itIsPytorchsStep("conv autoencoder", autoencoderCase(convAutoencoder.build(two, 150), 4, [0.01, 0.1]), device);
  itIsPytorchsStep(
    "conv autoencoder of three stages",
    autoencoderCase(convAutoencoder.build(three, 61), 3, [0.01, 0]),
    device,
  );
});

it("the convolutional autoencoder is refused a latent wider than its vectors, and stages beyond all memory", () => {
  expect(() => convAutoencoder.build({ ...two, latent: 9 }, 8)).toThrow("is wider than the 8 generated parameters");
  const channels = new Array<number>(11).fill(1);
  expect(() => convAutoencoder.build({ ...two, channels }, 150)).toThrow("11 stages of stride 8 need 8589934592");
});
