import { describe, expect, it } from "vitest";

import { add, mul } from "../graph/index.ts";
import { compile, type Feeds } from "../runtime/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import type { StepOptions } from "../training/index.ts";
import type { AutoencoderNetwork } from "./autoencoders/network.ts";
import type { Denoiser } from "./denoisers/denoiser.ts";
import { flowPath, noiseSchedule, type Process } from "./process.ts";
import { autoencoderStep, denoiserStep, type NoiseAugmentation } from "./training.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const training = {
  steps: 1,
  batch: 1,
  lr: 0.1,
  optimiser: { type: "sgd", momentum: 0, nesterov: false, weightDecay: 0 },
  schedule: { type: "constant", warmup: 0 },
} as const;

async function lossOf(step: StepOptions, feeds: Feeds): Promise<number> {
  const program = await compile({ loss: step.traced.outputs.loss }, device);
  const { loss } = await program.run(feeds);
  await program.release();
  return Number(loss![0]);
}

describe("the loss of an autoencoder", () => {
  /** Decodes a latent to half of it; each number of a vector is a number of its latent. */
  const halving: AutoencoderNetwork = {
    latent: 2,
    dimension: 2,
    encode: (_, v) => ({ mean: v }),
    decode: (_, z) => mul(z, 0.5),
  };
  const v = Float32Array.of(2, -1);
  const loss = (noise: Partial<NoiseAugmentation>, network = halving, feeds: Feeds = {}) =>
    lossOf(
      autoencoderStep({
        network,
        noise: { parameters: 0, latent: 0, mode: "add", target: "clean", ...noise },
        training,
      }),
      { v, ...feeds },
    );

  it("is the mean squared error of the reconstruction", async () => {
    expect(await loss({})).toBeCloseTo((1 ** 2 + 0.5 ** 2) / 2, 6);
  });

  it("is taken to the clean vectors, or to those with their noise", async () => {
    // The encoder sees (3, −1), and half of that is decoded.
    const feeds = { "noise.parameters": Float32Array.of(2, 0) };
    expect(await loss({ parameters: 0.5 }, halving, feeds)).toBeCloseTo((0.5 ** 2 + 0.5 ** 2) / 2, 6);
    const noisy = await loss({ parameters: 0.5, target: "noisy" }, halving, feeds);
    expect(noisy).toBeCloseTo((1.5 ** 2 + 0.5 ** 2) / 2, 6);
  });

  it("blends noise in and bounds latents as the first paper's code", async () => {
    // The encoder sees (2, −0.5), whose latent is bounded to (1, −0.5).
    const feeds = { "noise.parameters": Float32Array.of(2, 0) };
    expect(await loss({ parameters: 0.5, mode: "blend" }, halving, feeds)).toBeCloseTo((1.5 ** 2 + 0.75 ** 2) / 2, 6);
  });

  it("has the divergence of latents with a variance from a standard normal", async () => {
    const variational = {
      ...halving,
      kl: 0.1,
      encode: (...[, v]: Parameters<AutoencoderNetwork["encode"]>) => ({
        mean: v,
        logVariance: add(mul(v, 0), Math.log(4)),
      }),
    };
    // Latents are (2, −1) + 2 (1, 0).
    const error = (0 ** 2 + 0.5 ** 2) / 2;
    const divergence = 0.5 * (2 ** 2 + 1 ** 2 + 2 * (4 - Math.log(4) - 1));
    const found = await loss({}, variational, { "noise.latent": Float32Array.of(1, 0) });
    expect(found).toBeCloseTo(error + 0.1 * divergence, 5);
  });
});

describe("the loss of a denoiser", () => {
  const [z, noise] = [Float32Array.of(1, 2), Float32Array.of(3, -1)];
  const nothing: Denoiser = (_, x) => mul(x, 0);
  const loss = (network: Denoiser, process: Process, weight?: Float32Array) =>
    lossOf(denoiserStep({ network, process, training, ema: null, latent: 2, weight }), {
      z,
      noise,
      t: Int32Array.of(1),
    });
  const schedule = noiseSchedule({ steps: 2, betaStart: 0.19, betaEnd: 0.36 });
  const path = flowPath({ steps: 5, uniform: 1, location: 0, preconditioned: false });

  it("is the mean squared error of the noise, or of the velocity", async () => {
    expect(await loss(nothing, schedule)).toBeCloseTo((3 ** 2 + 1 ** 2) / 2, 5);
    expect(await loss(nothing, path)).toBeCloseTo((2 ** 2 + 3 ** 2) / 2, 5);
  });

  it("is of latents with as much noise as the process has at their time", async () => {
    const echo: Denoiser = (_, x) => x;
    // ᾱ = 0.81 × 0.64 = 0.72².
    const [signal, strength] = [0.72, Math.sqrt(1 - 0.72 ** 2)];
    const off = [0, 1].map((i) => signal * z[i]! + strength * noise[i]! - noise[i]!);
    expect(await loss(echo, schedule)).toBeCloseTo((off[0]! ** 2 + off[1]! ** 2) / 2, 5);
    // A quarter of the way: (1.5, 1.25), of velocity (2, −3).
    expect(await loss(echo, path)).toBeCloseTo((0.5 ** 2 + 4.25 ** 2) / 2, 5);
  });

  it("counts each number of a latent by its weight", async () => {
    expect(await loss(nothing, path, Float32Array.of(2, 0.5))).toBeCloseTo((2 * 2 ** 2 + 0.5 * 3 ** 2) / 2, 5);
  });
});
