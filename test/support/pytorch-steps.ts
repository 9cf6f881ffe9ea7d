/**
 * Trainings of autoencoders and denoisers of which test/oracle/diffusion.py made one step in
 * PyTorch.
 */
import { describe, expect, it } from "vitest";

import type { AutoencoderNetwork } from "../../src/diffusion/autoencoders/network.ts";
import { type DenoiserOptions, denoiser } from "../../src/diffusion/denoisers/denoisers.ts";
import { predictor } from "../../src/diffusion/denoisers/predictor.ts";
import { noiseSchedule } from "../../src/diffusion/process.ts";
import type { NetworkState } from "../../src/diffusion/trained-state.ts";
import {
  autoencoderStep,
  denoiserStep,
  type NoiseAugmentation,
  type TrainingOptions,
} from "../../src/diffusion/training.ts";
import type { TokenShape } from "../../src/diffusion/unit-tokens.ts";
import { gradients, type Shape, sizeOf } from "../../src/graph/index.ts";
import { sgd } from "../../src/nn/index.ts";
import { key } from "../../src/random/index.ts";
import { compile, type Data, type Device } from "../../src/runtime/index.ts";
import { type StepOptions, trainer } from "../../src/training/index.ts";
import fixture from "../fixtures/diffusion.json" with { type: "json" };
import units from "../fixtures/diffusion-units.json" with { type: "json" };
import revised from "../fixtures/diffusion-v3.json" with { type: "json" };
import { DEVICE_TIMEOUT_MS, slack } from "./devices.ts";
import { fill, fillIntegers } from "./fill.ts";
import { type Fixture, relativeError } from "./fixtures.ts";
import { oneStep } from "./one-step.ts";

/** What PyTorch computed, by the name of the case. */
export const pytorch = { ...fixture, ...revised, ...units } as unknown as Fixture;

/** Times of the diffusion. */
export const STEPS = 1000;

/** One step of gradient descent with momentum. */
export const oneStepOf = (batch: number): TrainingOptions => ({
  steps: 1,
  batch,
  lr: 0.1,
  optimiser: { type: "sgd", momentum: 0.9, nesterov: false, weightDecay: 0 },
  schedule: { type: "constant", warmup: 0 },
});

/** A training step and what it is fed. */
export interface StepCase {
  readonly step: StepOptions;
  readonly feeds: Readonly<Record<string, Data>>;
}

/** The step of an autoencoder, with noise `parameters` and `latent` that is added by default. */
export function autoencoderCase(
  network: AutoencoderNetwork,
  batch: number,
  [parameters, latent]: readonly [number, number],
  { mode = "add", target = "clean" }: Partial<NoiseAugmentation> = {},
): StepCase {
  return {
    step: autoencoderStep({ network, noise: { parameters, latent, mode, target }, training: oneStepOf(batch) }),
    feeds: { v: fill("v", batch * network.dimension, -2, 2) },
  };
}

/** The step of a denoiser of vectors. */
export const denoiserCase = (options: DenoiserOptions, batch: number, latent: number): StepCase => ({
  step: denoiserStep({
    network: denoiser(options, { steps: STEPS }),
    process: noiseSchedule({ steps: STEPS, betaStart: 1e-4, betaEnd: 0.02 }),
    training: oneStepOf(batch),
    ema: null,
    latent,
  }),
  feeds: { z: fill("z", batch * latent, -2, 2), t: fillIntegers("t", batch, STEPS) },
});

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

/** Tests that a training step is PyTorch's, to rounding. */
export function itIsPytorchsStep(name: string, { step, feeds }: StepCase, device: Device): void {
  describe(`one training step of the ${name}`, () => {
    const { shapes, ...arrays } = pytorch[name]!;
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
}

/** The state before the training step. */
export const untrained = (name: string, { step }: StepCase): NetworkState => ({
  theta: flatten(parametersOf(step, pytorch[name]!.shapes).values()),
  buffers: new Float32Array(),
});

/**
 * The state after the training step, for which the fixtures hold what is computed in evaluation.
 */
export async function trained(name: string, { step, feeds }: StepCase, device: Device): Promise<NetworkState> {
  const model = await trainer({ ...step, optimiser: sgd({ momentum: 0.9 }), device });
  model.start(flatten(parametersOf(step, pytorch[name]!.shapes).values()));
  await oneStep(model, { ...feeds, ...recordedNoise(step) }, 0.1, key(0));
  const state = { theta: await model.read("theta"), buffers: await model.read("buffers") };
  await model.release();
  return state;
}

/** What a denoiser is asked with a state. */
export interface Asked {
  readonly options: DenoiserOptions;
  readonly tokens?: TokenShape;
  readonly state: NetworkState;
  readonly count: number;
  readonly latent: number;
}

/** Expects that a denoiser predicts what PyTorch's does. */
export async function expectPrediction(
  name: string,
  { options, tokens, state, count, latent }: Asked,
  device: Device,
): Promise<void> {
  const { predict, release } = await predictor(denoiser(options, { steps: STEPS, tokens }), state, {
    count,
    latent,
    device,
  });
  const predicted = await predict(fill("z", count * latent, -2, 2), 321);
  expect(relativeError(predicted, pytorch[name]!.predicted!)).toBeLessThan(1e-5 * slack(device));
  await release();
}
