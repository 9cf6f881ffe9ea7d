import { describe, expect, it } from "vitest";

import fixture from "../../test/fixtures/diffusion.json" with { type: "json" };
import { DEVICE_TIMEOUT_MS, onEachDevice, slack } from "../../test/support/devices.ts";
import { fill, fillIntegers } from "../../test/support/fill.ts";
import { type Fixture, relativeError } from "../../test/support/fixtures.ts";
import { gradients, type Shape, sizeOf } from "../graph/index.ts";
import { sgd } from "../nn/index.ts";
import { key } from "../random/index.ts";
import { compile, type Data } from "../runtime/index.ts";
import { type StepOptions, trainer } from "../training/index.ts";
import {
  autoencoderStep,
  type ConvolutionalOptions,
  type DenoiserOptions,
  denoiserStep,
  noisePredictor,
  noiseSchedule,
  type TrainingOptions,
} from "./index.ts";

const expected = fixture as unknown as Fixture;
const STEPS = 1000;

const training = (batch: number): TrainingOptions => ({
  steps: 1,
  batch,
  lr: 0.1,
  optimiser: { type: "sgd", momentum: 0.9, nesterov: false, weightDecay: 0 },
  schedule: { type: "constant", warmup: 0 },
});

/** An autoencoder for vectors of length `dimension`, as in test/oracle/diffusion.py. */
const autoencoder = (
  network: ConvolutionalOptions,
  batch: number,
  dimension: number,
  mode: "add" | "blend",
  [parameters, latent]: [number, number],
) => ({
  step: autoencoderStep({ network, dimension, noise: { parameters, latent, mode }, training: training(batch) }),
  feeds: { v: fill("v", batch * dimension, -2, 2) },
});

const denoiser = (network: DenoiserOptions, batch: number, latent: number) => ({
  step: denoiserStep({
    network,
    schedule: noiseSchedule({ steps: STEPS, betaStart: 1e-4, betaEnd: 0.02 }),
    training: training(batch),
    ema: null,
    latent,
  }),
  feeds: { z: fill("z", batch * latent, -2, 2), t: fillIntegers("t", batch, STEPS) },
});

const mlp = { type: "mlp", width: 16, blocks: 2 } as const;
const v1 = { type: "v1", channels: [6, 8, 10, 12], kernel: 3 } as const;

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
};

/** Parameters filled by name, as the oracle does: norms about 1, embeddings within ±1, others within 1 / √fanIn. */
function parametersOf({ traced }: StepOptions, shapes: Readonly<Record<string, Shape>>): Map<string, Float32Array> {
  return new Map(
    traced.parameters.map(({ name, shape, kind }) => {
      if (kind === "norm") return [name, fill(name, sizeOf(shape), 0.5, 1.5)];
      const fanIn = kind === "embedding" ? 1 : sizeOf(shapes[name.replace(/bias$/, "weight")]!.slice(1));
      return [name, fill(name, sizeOf(shape), -(fanIn ** -0.5), fanIn ** -0.5)];
    }),
  );
}

const flatten = (parts: Iterable<Float32Array>): Float32Array => Float32Array.from([...parts].flatMap((p) => [...p]));

onEachDevice("the method", (device) => {
  describe.each(Object.entries(cases))("one training step of the %s", (name, { step, feeds }) => {
    const { shapes, ...arrays } = expected[name]!;
    const parameters = parametersOf(step, shapes);
    const noise = step.traced.noise.map((n) => ({
      ...n,
      draw: (_: unknown, length: number) => fill(n.name, length, -2, 2),
    }));

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
      const drawn = noise.map((n) => [n.name, n.draw(0, sizeOf(n.leaf.shape))]);
      const values = await program.run({ ...feeds, ...Object.fromEntries(parameters), ...Object.fromEntries(drawn) });
      await program.release();
      // Some gradients are all but zero, such as those of biases before an InstanceNorm: only rounding is left of them.
      const scale = Math.max(
        ...Object.entries(arrays).map(([what, v]) => (what.startsWith("gradient") ? Math.hypot(...v) : 0)),
      );
      for (const [what, value] of Object.entries(values))
        expect(relativeError(value as Float32Array, arrays[what]!, 0.01 * scale), what).toBeLessThan(
          1e-4 * slack(device),
        );
    });

    it("moves the parameters as PyTorch does", { timeout: DEVICE_TIMEOUT_MS }, async () => {
      const model = await trainer({
        ...step,
        traced: { ...step.traced, noise },
        optimiser: sgd({ momentum: 0.9 }),
        device,
      });
      const initial = flatten(parameters.values());
      model.start(initial);
      const loss = await model.advance(feeds, 0.1, key(0));
      expect(relativeError([loss], arrays.loss!)).toBeLessThan(1e-6 * slack(device));
      const moved = model.read("theta").map((value, i) => value - initial[i]!);
      expect(relativeError(moved, arrays.moved!)).toBeLessThan(1e-4 * slack(device));
      await model.release();
    });
  });

  describe("a noise predictor", () => {
    it.each([
      ["mlp denoiser", mlp, 5, 6],
      ["v1 denoiser", v1, 4, 12],
    ] as const)("predicts what the %s says", async (name, network, count, latent) => {
      const theta = flatten(parametersOf(cases[name]!.step, expected[name]!.shapes).values());
      const { predict, release } = await noisePredictor(network, theta, { steps: STEPS, count, latent, device });
      const predicted = await predict(fill("z", count * latent, -2, 2), 321);
      expect(relativeError(predicted, expected[name]!.predicted!)).toBeLessThan(2e-6 * slack(device));
      await release();
    });
  });
});
