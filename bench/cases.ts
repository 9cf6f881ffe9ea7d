/** The work that is timed: each case prepares itself once and then gives a function that does it once. */

import { autoencoder, autoencoderStep, denoiserStep, noisePredictor, noiseSchedule } from "../src/diffusion/index.ts";
import { evaluator } from "../src/evaluation/index.ts";
import { optimiser } from "../src/nn/index.ts";
import { resolveRecipe } from "../src/pipeline/index.ts";
import { fold, integers, key, normal } from "../src/random/index.ts";
import type { Device } from "../src/runtime/index.ts";
import { type StepOptions, trainer } from "../src/training/index.ts";
import { classifier } from "../src/zoo/index.ts";

export interface Case {
  /** What one run does, in a few words. */
  readonly title: string;
  prepare(device: Device): Promise<{ run(): Promise<unknown>; release(): Promise<void> }>;
}

const images = { channels: 1, height: 32, width: 32, classes: 10 };
const cnn = classifier({ name: "cnn", channels: [16, 32, 15], kernel: 3, hidden: [20], colour: true }, images);
const D = cnn.layout.size;

/** The presets, as a recipe resolves them. */
const preset = (name: string) =>
  resolveRecipe(
    {
      name: "bench",
      data: { name: "glyphs", selection: 1 },
      network: { name: "cnn" },
      base: { epochs: 1, batch: 1, lr: 1, optimiser: "adam", schedule: "constant" },
      zoo: { count: 200 },
      preset: name,
    },
    "bench",
  );

const small = preset("small");
const v1 = preset("v1");
const schedule = noiseSchedule(small.diffusion.process);
const coder = small.autoencoder as Extract<typeof small.autoencoder, { type: "conv" }>;
const { latent } = autoencoder(coder, D);
/** The latent of the first paper's main experiment, 4 × 3. */
const V1_LATENT = 12;
const SAMPLES = 200;
const IMAGES = 250;

async function training(step: StepOptions, feeds: Record<string, Float32Array | Int32Array>, device: Device) {
  const run = await trainer({ ...step, device });
  run.initialise(key(1));
  return { run: () => run.advance(feeds, 1e-3, key(2)), release: () => run.release() };
}

const denoising = (recipe: typeof small, size: number) => (device: Device) => {
  const { denoiser: network, training: options, ema } = recipe.diffusion;
  const { batch } = options;
  const step = denoiserStep({ network, schedule, training: options, ema, latent: size });
  return training(step, { z: normal(key(3), batch * size), t: integers(key(4), batch, schedule.steps) }, device);
};

export const cases: Readonly<Record<string, Case>> = {
  cnn_medium_step: {
    title: "training step of the 10 853-parameter CNN, batch 128, AdamW",
    prepare: (device) =>
      training(
        { traced: cnn.loss(128), optimiser: optimiser({ type: "adamw", betas: [0.9, 0.999], weightDecay: 0.01 }) },
        { images: normal(key(3), 128 * 1024), labels: integers(key(4), 128, 10) },
        device,
      ),
  },
  autoencoder_small_step: {
    title: `training step of the autoencoder of preset small, D = ${D}, batch ${coder.training.batch}`,
    prepare: (device) =>
      training(
        autoencoderStep({ network: coder, noise: coder.noise, training: coder.training, dimension: D }),
        { v: normal(key(3), coder.training.batch * D) },
        device,
      ),
  },
  denoiser_small_step: {
    title: `training step of the denoiser of preset small, latent ${latent}, batch ${small.diffusion.training.batch}`,
    prepare: denoising(small, latent),
  },
  denoiser_v1_step: {
    title: `training step of the denoiser of preset v1, latent ${V1_LATENT}, batch ${v1.diffusion.training.batch}, EMA`,
    prepare: denoising(v1, V1_LATENT),
  },
  sample_small_step: {
    title: `one reverse-diffusion step of ${SAMPLES} samples, preset small`,
    async prepare(device) {
      const { denoiser: network } = small.diffusion;
      const traced = denoiserStep({ network, schedule, training: small.diffusion.training, ema: null, latent }).traced;
      const count = traced.parameters.reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0);
      const theta = normal(key(5), count).map((x) => x * 0.05);
      const { predict, release } = await noisePredictor(network, theta, {
        steps: schedule.steps,
        count: SAMPLES,
        latent,
        device,
      });
      const x = normal(key(6), SAMPLES * latent);
      return { run: () => predict(x, 500), release };
    },
  },
  evaluate_200: {
    title: `predictions of 200 checkpoints of the CNN on ${IMAGES} images`,
    async prepare(device) {
      const batch = 250;
      const judge = await evaluator({
        logits: cnn.logits(batch),
        batch,
        chosen: cnn.layout,
        frozen: new Map(),
        device,
      });
      const checkpoints = Array.from({ length: 200 }, (_, i) => normal(fold(key(7), i), D).map((x) => x * 0.1));
      const split = {
        count: IMAGES,
        images: new Uint8Array(IMAGES * 1024).map((_, i) => (i * 2654435761) >>> 24),
        labels: new Uint8Array(IMAGES),
      };
      const data = {
        ...images,
        name: "noise",
        classNames: [],
        mean: [0.5],
        std: [0.5],
        train: split,
        selection: split,
        test: split,
        sources: [],
      };
      return { run: () => judge.predict(data, split, checkpoints), release: () => judge.release() };
    },
  },
};
