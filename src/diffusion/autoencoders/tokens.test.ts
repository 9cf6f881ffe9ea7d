import { describe, expect, it } from "vitest";

import { onEachDevice } from "../../../test/support/devices.ts";
import { oneStep } from "../../../test/support/one-step.ts";
import { autoencoderCase, itIsPytorchsStep } from "../../../test/support/pytorch-steps.ts";
import { layoutOf } from "../../layout/index.ts";
import { adamw, countOf } from "../../nn/index.ts";
import { matrix } from "../../numeric/index.ts";
import { foldIn, key, normal } from "../../random/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { trainer } from "../../training/index.ts";
import { fitNormalisation } from "../normalisations/fit-normalisation.ts";
import { unnormalised } from "../normalisations/normalisation.ts";
import { perCoordinate } from "../normalisations/per-coordinate.ts";
import { autoencoderStep, type TrainingOptions } from "../training.ts";
import { networkCodec, varianceExplained } from "./codec.ts";
import { tokenAutoencoder } from "./tokens.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const training: TrainingOptions = {
  steps: 250,
  batch: 32,
  lr: 5e-3,
  optimiser: { type: "adamw", betas: [0.9, 0.999], weightDecay: 0 },
  schedule: { type: "constant", warmup: 0 },
};
const noise = { parameters: 0, latent: 0.1, mode: "add", target: "clean" } as const;
const options = { type: "tokens", chunk: 64, rank: 8, latent: 6 } as const;
const stepFor = (dimension: number) =>
  autoencoderStep({ network: tokenAutoencoder.build(options, dimension), noise, training });

onEachDevice("the autoencoder on tokens", (device) => {
  const network = tokenAutoencoder.build({ type: "tokens", chunk: 32, rank: 5, latent: 7 }, 150);
  itIsPytorchsStep("token autoencoder", autoencoderCase(network, 4, [0.01, 0.1]), device);
});

describe("an autoencoder on tokens", () => {
  it("grows in proportion to the vector", () => {
    const sizes = [1, 10, 100].map((tokens) => countOf(stepFor(64 * tokens).traced.parameters));
    expect((sizes[2]! - sizes[1]!) / (sizes[1]! - sizes[0]!)).toBeCloseTo(10, 6);
  });

  it("keeps what networks differ in, over chunks, of which the last is not full", async () => {
    const [K, D, factors] = [64, 300, 4];
    const along = normal(key(1), factors * D);
    const amounts = normal(key(2), K * factors);
    const vectors = Float32Array.from({ length: K * D }, (_, i) => {
      const [k, j] = [Math.floor(i / D), i % D];
      let value = 3;
      for (let f = 0; f < factors; f++) value += amounts[k * factors + f]! * along[f * D + j]!;
      return value;
    });
    const normalisation = await fitNormalisation(
      perCoordinate,
      matrix(vectors, D),
      layoutOf([{ name: "w", shape: [D] }]),
    );
    const unit = vectors.map((v, i) => (v - normalisation.mean[i % D]!) / normalisation.scale[i % D]!);
    const step = stepFor(D);
    const model = await trainer({ ...step, optimiser: adamw({ weightDecay: 0 }), device });
    model.initialise(key(3));
    for (let at = 0; at < training.steps; at++) {
      const rows = Array.from({ length: 32 }, (_, i) => (at * 32 + i * 7) % K);
      const v = Float32Array.from({ length: 32 * D }, (_, i) => unit[rows[Math.floor(i / D)]! * D + (i % D)]!);
      await oneStep(model, { v }, training.lr, foldIn(key(4), at));
    }
    const state = { theta: await model.read("theta"), buffers: new Float32Array() };
    await model.release();
    const codec = networkCodec({
      network: tokenAutoencoder.build(options, D),
      state,
      normalisation,
      batch: 32,
      device,
    });
    const decoded = await codec.decode(await codec.encode(vectors));
    await codec.release();
    expect(await varianceExplained(vectors, decoded, unnormalised(D))).toBeGreaterThan(0.95);
  });
});
