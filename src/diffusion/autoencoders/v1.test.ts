import { expect, it } from "vitest";

import { onEachDevice } from "../../../test/support/devices.ts";
import { autoencoderCase, itIsPytorchsStep } from "../../../test/support/pytorch-steps.ts";
import { v1Autoencoder } from "./v1.ts";

const five = { type: "v1", encoder: 4, decoder: [8, 6, 4, 1], fold: 5 } as const;
const three = { type: "v1", encoder: 2, decoder: [8, 8, 8, 1], fold: 3 } as const;

onEachDevice("the first paper's autoencoder", (device) => {
  itIsPytorchsStep(
    "v1 autoencoder",
    autoencoderCase(v1Autoencoder.build(five, 2048), 2, [0.001, 0.5], { mode: "blend" }),
    device,
  );
  itIsPytorchsStep(
    "v1 autoencoder, small",
    autoencoderCase(v1Autoencoder.build(three, 155), 3, [0.01, 0.1], { mode: "blend" }),
    device,
  );
});

it("the first paper's autoencoder makes latents of the published size", () => {
  // A sequence of 4 × 625 positions becomes one of 499, 99, 19 and 3, of 4 channels.
  expect(v1Autoencoder.build(five, 2048).latent).toBe(12);
});

it("the first paper's autoencoder is refused vectors of which its stages leave one position or none", () => {
  expect(() => v1Autoencoder.build(five, 1250)).toThrow(
    "1250 generated parameters are too few for 4 stages of fold 5; lower autoencoder.fold, or use another autoencoder",
  );
  expect(v1Autoencoder.build(five, 1251).latent).toBe(8);
});
