import { describe, expect, it } from "vitest";

import { onEachDevice, slack } from "../../../test/support/devices.ts";
import { fill } from "../../../test/support/fill.ts";
import { relativeError } from "../../../test/support/fixtures.ts";
import { autoencoderCase, itIsPytorchsStep, pytorch, trained } from "../../../test/support/pytorch-steps.ts";
import { countOf } from "../../nn/index.ts";
import { unnormalised } from "../normalisations/normalisation.ts";
import { networkCodec } from "./codec.ts";
import { v3Autoencoder } from "./v3.ts";

const options = { type: "v3", channels: [4, 6, 5], kernel: 7, latent: 5, kl: 0, batchNorm: "running" } as const;
const deep = { ...options, channels: [3, 4, 6, 4, 2], kernel: 5, latent: 7 };
const vae = { ...options, kl: 1 };

const [plainNetwork, deepNetwork, vaeNetwork] = [
  v3Autoencoder.build(options, 150),
  v3Autoencoder.build(deep, 64),
  v3Autoencoder.build(vae, 100),
];
const DEEP = "v3 autoencoder of five stages, noisy target";
const [plainCase, deepCase, vaeCase] = [
  autoencoderCase(plainNetwork, 4, [0.01, 0.1]),
  autoencoderCase(deepNetwork, 3, [0.5, 0.1], { target: "noisy" }),
  autoencoderCase(vaeNetwork, 4, [0, 0]),
];

onEachDevice("the revised paper's autoencoder", (device) => {
  itIsPytorchsStep("v3 autoencoder", plainCase, device);
  itIsPytorchsStep(DEEP, deepCase, device);
  itIsPytorchsStep("vae", vaeCase, device);

  it.each([
    ["v3 autoencoder", plainNetwork, plainCase, 4],
    [DEEP, deepNetwork, deepCase, 3],
    ["vae", vaeNetwork, vaeCase, 4],
  ] as const)("codes by its running statistics once trained: %s", async (name, network, step, batch) => {
    const state = await trained(name, step, device);
    const { dimension } = network;
    const codec = networkCodec({ network, state, normalisation: unnormalised(dimension), batch, device });
    const latents = await codec.encode(fill("v", batch * dimension, -2, 2));
    expect(relativeError(latents, pytorch[name]!.encoded!)).toBeLessThan(1e-5 * slack(device));
    expect(relativeError(await codec.decode(latents), pytorch[name]!.decoded!)).toBeLessThan(1e-5 * slack(device));
    await codec.release();
  });

  it("codes by the batch's statistics where the published code is to be followed", async () => {
    const network = v3Autoencoder.build({ ...options, batchNorm: "batch" }, 150);
    const state = await trained("v3 autoencoder", plainCase, device);
    const codec = networkCodec({ network, state, normalisation: unnormalised(150), batch: 4, device });
    const { encoded, ...arrays } = pytorch["v3 autoencoder"]!;
    const seen = await codec.encode(fill("v", 4 * 150, -2, 2));
    expect(relativeError(seen, arrays["encoded in training"]!)).toBeLessThan(1e-5 * slack(device));
    const made = await codec.decode(Float32Array.from(encoded!));
    expect(relativeError(made, arrays["decoded in training"]!)).toBeLessThan(1e-5 * slack(device));
    const vectors = fill("v", 7 * 150, -2, 2);
    const latents = await codec.encode(vectors);
    // Batches of four and of the three that are left; each decoded alone.
    expect(latents.slice(20)).toEqual(await codec.encode(vectors.slice(4 * 150)));
    expect(latents.slice(20)).not.toEqual((await codec.encode(vectors.slice(3 * 150))).slice(5));
    const decoded = await codec.decode(latents);
    expect(decoded.slice(6 * 150)).toEqual(await codec.decode(latents.slice(6 * 5)));
    await codec.release();
  });
});

describe("the autoencoders of the revised paper", () => {
  // The published code has both heads; the one for the variance is only trained in a variational
  // autoencoder.
  const coder = (latent: number) => ({ ...vae, channels: [64, 128, 256, 256, 32], latent });
  it.each([
    ["ResNet-18", 2048, 128, 2.2],
    ["ResNet-50", 5120, 128, 2.99],
    ["ViT-Tiny", 768, 128, 1.87],
    ["ViT-Base and ConvNeXt-Tiny", 3072, 128, 2.46],
    ["ConvNeXt-Base", 4096, 128, 2.73],
    ["ConvNet-mini", 24_262, 768, 40.2],
    ["ResNet-mini", 25_138, 768, 41.5],
    ["MLP-mini", 66_970, 768, 105.8],
    ["ConvNeXt-mini", 74_970, 768, 118.1],
    ["ViT-mini", 80_714, 768, 127],
  ])("have the published number of parameters for %s", (_, dimension, latent, millions) => {
    const { step } = autoencoderCase(v3Autoencoder.build(coder(latent), dimension), 2, [0, 0]);
    expect(countOf(step.traced.parameters) / 1e6).toBeCloseTo(millions, millions > 10 ? 1 : 2);
  });
});
