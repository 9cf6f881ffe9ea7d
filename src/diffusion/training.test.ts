import { describe, expect, it } from "vitest";

import fixture from "../../test/fixtures/diffusion.json" with { type: "json" };
import units from "../../test/fixtures/diffusion-units.json" with { type: "json" };
import revised from "../../test/fixtures/diffusion-v3.json" with { type: "json" };
import { DEVICE_TIMEOUT_MS, onEachDevice, slack } from "../../test/support/devices.ts";
import { fill, fillIntegers } from "../../test/support/fill.ts";
import { type Fixture, relativeError } from "../../test/support/fixtures.ts";
import { oneStep } from "../../test/support/one-step.ts";
import { gradients, type Shape, sizeOf } from "../graph/index.ts";
import { countOf, sgd } from "../nn/index.ts";
import { key } from "../random/index.ts";
import { compile, type Data } from "../runtime/index.ts";
import { type StepOptions, trainer } from "../training/index.ts";
import { networkCodec } from "./autoencoders/codec.ts";
import { type ConvOptions, convAutoencoder } from "./autoencoders/conv.ts";
import { type TokenOptions, tokenAutoencoder } from "./autoencoders/tokens.ts";
import { type V1Options, v1Autoencoder } from "./autoencoders/v1.ts";
import { type V3Options, v3Autoencoder } from "./autoencoders/v3.ts";
import { type DenoiserOptions, denoiser as denoiserOf } from "./denoisers/denoisers.ts";
import { predictor } from "./denoisers/predictor.ts";
import { unnormalised } from "./normalisations/normalisation.ts";
import { flowPath, noiseSchedule } from "./process.ts";
import type { NetworkState } from "./trained-state.ts";
import { autoencoderStep, denoiserStep, type TrainingOptions } from "./training.ts";
import { sizeOfTokens, type TokenShape } from "./unit-tokens.ts";

const expected = { ...fixture, ...revised, ...units } as unknown as Fixture;
const STEPS = 1000;

const training = (batch: number): TrainingOptions => ({
  steps: 1,
  batch,
  lr: 0.1,
  optimiser: { type: "sgd", momentum: 0.9, nesterov: false, weightDecay: 0 },
  schedule: { type: "constant", warmup: 0 },
});

type NetworkOptions = ConvOptions | TokenOptions | V1Options | V3Options;

/** The network of an autoencoder. */
function networkOf(options: NetworkOptions, dimension: number) {
  switch (options.type) {
    case "conv":
      return convAutoencoder.build(options, dimension);
    case "tokens":
      return tokenAutoencoder.build(options, dimension);
    case "v1":
      return v1Autoencoder.build(options, dimension);
    case "v3":
      return v3Autoencoder.build(options, dimension);
  }
}

/** An autoencoder for vectors of length `dimension`, as in test/oracle/diffusion.py. */
const autoencoder = (
  options: NetworkOptions,
  batch: number,
  dimension: number,
  mode: "add" | "blend",
  [parameters, latent]: [number, number],
  target: "clean" | "noisy" = "clean",
) => ({
  step: autoencoderStep({
    network: networkOf(options, dimension),
    noise: { parameters, latent, mode, target },
    training: training(batch),
  }),
  feeds: { v: fill("v", batch * dimension, -2, 2) },
});

const denoiser = (options: DenoiserOptions, batch: number, latent: number) => ({
  step: denoiserStep({
    network: denoiserOf(options, { steps: STEPS }),
    process: noiseSchedule({ steps: STEPS, betaStart: 1e-4, betaEnd: 0.02 }),
    training: training(batch),
    ema: null,
    latent,
  }),
  feeds: { z: fill("z", batch * latent, -2, 2), t: fillIntegers("t", batch, STEPS) },
});

/**
 * Tokens of one layer's units, and of two layers' with edges between them; one of no unit in each.
 */
const oneLayer: TokenShape = {
  groups: [
    { count: 5, width: 9 },
    { count: 1, width: 3 },
  ],
  edges: [],
};
const twoLayers: TokenShape = {
  groups: [
    { count: 4, width: 6 },
    { count: 3, width: 8 },
    { count: 1, width: 3 },
  ],
  edges: [{ count: 12, width: 1 }],
};

const unitDenoiser = (options: DenoiserOptions, batch: number, tokens: TokenShape) => {
  const latent = sizeOfTokens(tokens);
  return {
    step: denoiserStep({
      network: denoiserOf(options, { steps: STEPS, tokens }),
      process: flowPath({ steps: STEPS, uniform: 1 }),
      training: training(batch),
      ema: null,
      latent,
      weight: fill("weight", latent, 0.1, 2),
    }),
    feeds: { z: fill("z", batch * latent, -2, 2), t: fillIntegers("t", batch, STEPS) },
  };
};

const oneLayerNetwork = { type: "units", width: 8, blocks: 2, heads: 2 } as const;
const twoLayerNetwork = { type: "units", width: 8, blocks: 2, heads: 4 } as const;

const mlp = { type: "mlp", width: 16, blocks: 2 } as const;
const v1 = { type: "v1", channels: [6, 8, 10, 12], kernel: 3 } as const;

const v3 = { type: "v3", channels: [6, 8, 10, 12], kernel: 7 } as const;
const v3Coder = { type: "v3", channels: [4, 6, 5], kernel: 7, latent: 5, kl: 0, batchNorm: "running" } as const;
const deep = { ...v3Coder, channels: [3, 4, 6, 4, 2], kernel: 5, latent: 7 };
const vae = { ...v3Coder, kl: 1 };

const cases: Readonly<Record<string, { step: StepOptions; feeds: Record<string, Data> }>> = {
  "conv autoencoder": autoencoder(
    { type: "conv", channels: [4, 6], kernel: 9, stride: 8, latent: 5 },
    4,
    150,
    "add",
    [0.01, 0.1],
  ),
  "conv autoencoder of three stages": autoencoder(
    { type: "conv", channels: [3, 4, 6], kernel: 5, stride: 2, latent: 7 },
    3,
    61,
    "add",
    [0.01, 0],
  ),
  "v1 autoencoder": autoencoder(
    { type: "v1", encoder: 4, decoder: [8, 6, 4, 1], fold: 5 },
    2,
    2048,
    "blend",
    [0.001, 0.5],
  ),
  "v1 autoencoder, small": autoencoder(
    { type: "v1", encoder: 2, decoder: [8, 8, 8, 1], fold: 3 },
    3,
    155,
    "blend",
    [0.01, 0.1],
  ),
  "mlp denoiser": denoiser(mlp, 5, 6),
  "v1 denoiser": denoiser(v1, 4, 12),
  "v3 autoencoder": autoencoder(v3Coder, 4, 150, "add", [0.01, 0.1]),
  "v3 autoencoder of five stages, noisy target": autoencoder(deep, 3, 64, "add", [0.5, 0.1], "noisy"),
  vae: autoencoder(vae, 4, 100, "add", [0, 0]),
  "token autoencoder": autoencoder({ type: "tokens", chunk: 32, rank: 5, latent: 7 }, 4, 150, "add", [0.01, 0.1]),
  "v3 denoiser": denoiser(v3, 4, 12),
  "unit denoiser": unitDenoiser(oneLayerNetwork, 4, oneLayer),
  "unit denoiser of two layers": unitDenoiser(twoLayerNetwork, 3, twoLayers),
};

/**
 * Parameters filled by name, as the oracle does: norms about 1, embeddings within ±1, others within
 * 1 / √fanIn.
 */
function parametersOf({ traced }: StepOptions, shapes: Readonly<Record<string, Shape>>): Map<string, Float32Array> {
  return new Map(
    traced.parameters.map(({ name, shape, kind }) => {
      if (kind === "norm") return [name, fill(name, sizeOf(shape), 0.5, 1.5)];
      const fanIn = kind === "embedding" ? 1 : sizeOf(shapes[name.replace(/bias$/, "weight")]!.slice(1));
      return [name, fill(name, sizeOf(shape), -(fanIn ** -0.5), fanIn ** -0.5)];
    }),
  );
}

/** Noise as the oracle has it. */
const recordedNoise = ({ traced }: StepOptions): Record<string, Float32Array> =>
  Object.fromEntries(traced.noise.map(({ name, leaf }) => [name, fill(name, sizeOf(leaf.shape), -2, 2)]));

const flatten = (parts: Iterable<Float32Array>): Float32Array => Float32Array.from([...parts].flatMap((p) => [...p]));

onEachDevice("the method", (device) => {
  describe.each(Object.entries(cases))("one training step of the %s", (name, { step, feeds }) => {
    const { shapes, ...arrays } = expected[name]!;
    const parameters = parametersOf(step, shapes);
    const noise = recordedNoise(step);

    it("has the parameters that the description says", () => {
      expect(step.traced.parameters.map((p) => [p.name, [...p.shape]])).toEqual(Object.entries(shapes));
    });

    it("has PyTorch's loss and gradients", { timeout: DEVICE_TIMEOUT_MS }, async () => {
      const { parameters: declared, outputs } = step.traced;
      const results = gradients(
        outputs.loss,
        declared.map((p) => p.leaf),
      );
      const named = results.map((g, i) => [`gradient ${declared[i]!.name}`, g]);
      const program = await compile({ loss: outputs.loss, ...Object.fromEntries(named) }, device);
      const values = await program.run({ ...feeds, ...Object.fromEntries(parameters), ...noise });
      await program.release();
      // Some gradients are nearly zero, such as those of biases before an InstanceNorm: only
      // rounding remains.
      const scale = Math.max(
        ...Object.entries(arrays).map(([what, v]) => (what.startsWith("gradient") ? Math.hypot(...v) : 0)),
      );
      for (const [what, value] of Object.entries(values))
        expect(relativeError(value as Float32Array, arrays[what]!, 0.01 * scale), what).toBeLessThan(
          1e-4 * slack(device),
        );
    });

    it("moves the parameters as PyTorch does", { timeout: DEVICE_TIMEOUT_MS }, async () => {
      const model = await trainer({ ...step, optimiser: sgd({ momentum: 0.9 }), device });
      const initial = flatten(parameters.values());
      model.start(initial);
      const loss = await oneStep(model, { ...feeds, ...noise }, 0.1, key(0));
      expect(relativeError([loss], arrays.loss!)).toBeLessThan(1e-6 * slack(device));
      const moved = (await model.read("theta")).map((value, i) => value - initial[i]!);
      expect(relativeError(moved, arrays.moved!)).toBeLessThan(1e-4 * slack(device));
      if (arrays.statistics !== undefined)
        expect(relativeError(await model.read("buffers"), arrays.statistics)).toBeLessThan(1e-5 * slack(device));
      await model.release();
    });
  });

  /**
   * The state after the training step, for which the fixtures hold what is computed in evaluation.
   */
  async function trained(name: string): Promise<NetworkState> {
    const { step, feeds } = cases[name]!;
    const model = await trainer({ ...step, optimiser: sgd({ momentum: 0.9 }), device });
    model.start(flatten(parametersOf(step, expected[name]!.shapes).values()));
    await oneStep(model, { ...feeds, ...recordedNoise(step) }, 0.1, key(0));
    const state = { theta: await model.read("theta"), buffers: await model.read("buffers") };
    await model.release();
    return state;
  }

  describe("a noise predictor", () => {
    const untrained = (name: string): NetworkState => ({
      theta: flatten(parametersOf(cases[name]!.step, expected[name]!.shapes).values()),
      buffers: new Float32Array(),
    });
    it.each([
      ["mlp denoiser", mlp, 5, 6, untrained],
      ["v1 denoiser", v1, 4, 12, untrained],
      ["v3 denoiser", v3, 4, 12, trained],
      ["unit denoiser", oneLayerNetwork, 4, 48, untrained, oneLayer],
      ["unit denoiser of two layers", twoLayerNetwork, 3, 63, untrained, twoLayers],
    ] as const)("predicts what the %s says", async (name, network, count, latent, stateOf, tokens?: TokenShape) => {
      const state = await stateOf(name);
      const { predict, release } = await predictor(denoiserOf(network, { steps: STEPS, tokens }), state, {
        count,
        latent,
        device,
      });
      const predicted = await predict(fill("z", count * latent, -2, 2), 321);
      expect(relativeError(predicted, expected[name]!.predicted!)).toBeLessThan(1e-5 * slack(device));
      await release();
    });
  });

  describe("a trained autoencoder with batch normalisation", () => {
    it.each([
      ["v3 autoencoder", v3Coder, 4, 150],
      ["v3 autoencoder of five stages, noisy target", deep, 3, 64],
      ["vae", vae, 4, 100],
    ] as const)("codes by its running statistics: %s", async (name, options, batch, dimension) => {
      const state = await trained(name);
      const network = networkOf(options, dimension);
      const codec = networkCodec({ network, state, normalisation: unnormalised(dimension), batch, device });
      const latents = await codec.encode(fill("v", batch * dimension, -2, 2));
      expect(relativeError(latents, expected[name]!.encoded!)).toBeLessThan(1e-5 * slack(device));
      expect(relativeError(await codec.decode(latents), expected[name]!.decoded!)).toBeLessThan(1e-5 * slack(device));
      await codec.release();
    });

    it("codes by the batch's statistics where the published code is to be followed", async () => {
      const network = networkOf({ ...v3Coder, batchNorm: "batch" }, 150);
      const state = await trained("v3 autoencoder");
      const codec = networkCodec({ network, state, normalisation: unnormalised(150), batch: 4, device });
      const { encoded, ...arrays } = expected["v3 autoencoder"]!;
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

  describe("the networks of the revised paper", () => {
    const parameters = (step: StepOptions) => countOf(step.traced.parameters);
    const channels = [64, 128, 256, 256, 32];
    // The published code has both heads; the one for the variance is only trained in a variational
    // autoencoder.
    const coder = (latent: number) => ({ ...vae, channels, latent });
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
      const { step } = autoencoder(coder(latent), 2, dimension, "add", [0, 0]);
      expect(parameters(step) / 1e6).toBeCloseTo(millions, millions > 10 ? 1 : 2);
    });

    it.each([
      [128, 2.46],
      [768, 3.2],
    ])("predict the noise of latents of %s numbers with as many as published", (latent, millions) => {
      const { step } = denoiser({ type: "v3", channels: [64, 128, 256, 512], kernel: 7 }, 2, latent);
      expect(parameters(step) / 1e6).toBeCloseTo(millions, 2);
    });
  });
});
