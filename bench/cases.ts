/** The cases that are timed: each prepares itself once and returns a function that runs it once. */

import type { Split } from "../src/data/index.ts";
import { batchFiller } from "../src/data/index.ts";
import {
  autoencoderStep,
  type ConvOptions,
  convAutoencoder,
  denoiser,
  denoiserStep,
  denoisers,
  predictor,
  processOf,
  type TrainedOptions,
  type V3Options,
  v3Autoencoder,
} from "../src/diffusion/index.ts";
import { evaluator } from "../src/evaluation/index.ts";
import { type Cost, cost, sizeOf } from "../src/graph/index.ts";
import { restrict, select } from "../src/layout/index.ts";
import { type NetworkOptions, network as taskNetwork } from "../src/networks/index.ts";
import { type OptimiserOptions, optimiser } from "../src/nn/index.ts";
import { foldIn, integers, key, noiseOf, normal } from "../src/random/index.ts";
import { resolveRecipe } from "../src/recipe/index.ts";
import type { Device } from "../src/runtime/index.ts";
import { noiseAhead } from "../src/runtime-node/index.ts";
import { type StepOptions, stepsInRun, trainer, trainingStep } from "../src/training/index.ts";
import { classifier } from "../src/zoo/index.ts";

export interface Case {
  /** What one run does, in a few words. */
  readonly title: string;
  prepare(device: Device): Promise<Prepared>;
}

/** A case that is ready to be timed. */
export interface Prepared {
  run(): Promise<unknown>;
  /** How many times a run does the work; 1 by default. */
  readonly times?: number;
  release(): Promise<void>;
  /** Numbers that every device should give: the losses of the first steps, or the results. */
  check?(): Promise<ArrayLike<number>>;
  /** What it costs by its shapes; absent where it is more than one graph. */
  readonly cost?: Cost;
}

const images = { channels: 1, height: 32, width: 32, classes: 10 };
const cnn = classifier(
  taskNetwork({ name: "cnn", channels: [16, 32, 15], kernel: 3, hidden: [20], colour: true }),
  images,
);
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
const v3 = preset("v3");
const schedule = processOf(small.diffusion!.process);
const coder = small.autoencoder as unknown as ConvOptions & TrainedOptions;
const { latent } = convAutoencoder.build(coder, D);
const v3Coder = v3.autoencoder as unknown as V3Options & TrainedOptions;
/** What the revised paper generates of ResNet-18. */
const V3_D = 2048;
/** The latent of the first paper's main experiment, 4 × 3. */
const V1_LATENT = 12;
const SAMPLES = 200;
const IMAGES = 1000;

async function training(step: StepOptions, feeds: Record<string, Float32Array | Int32Array>, device: Device) {
  const run = await trainer({ ...step, device });
  run.initialise(key(1));
  const { state, loss } = trainingStep(step);
  const order = { kinds: run.noise, key: key(2) };
  const ahead = noiseAhead({ ...order, steps: Number.POSITIVE_INFINITY, ahead: run.most });
  let done = 0;
  const steps = async (count: number) => {
    const began = performance.now();
    for (const last = done + count; done < last; done++) {
      const noise = device.threads === 1 ? noiseOf(order.kinds, order.key, done) : await ahead.of(done);
      run.queue({ ...feeds, ...noise }, 1e-3);
    }
    await run.advance();
    return (performance.now() - began) / 1000;
  };
  // As in a training: several steps at once, with data and noise prepared beforehand.
  await steps(1);
  const times = stepsInRun(await steps(1), run);
  return {
    run: () => steps(times),
    times,
    async check() {
      run.initialise(key(1));
      for (let step = 0; step < Math.min(4, run.most); step++)
        run.queue({ ...feeds, ...noiseOf(order.kinds, order.key, step) }, 1e-3);
      const losses = (await run.advance()).flat();
      while (losses.length < 4) {
        run.queue({ ...feeds, ...noiseOf(order.kinds, order.key, losses.length) }, 1e-3);
        losses.push(...(await run.advance()).flat());
      }
      return losses;
    },
    async release() {
      await ahead.close();
      await run.release();
    },
    // As it is written, whichever way is faster.
    cost: cost([loss, ...Object.values(state).map((slot) => slot.next)], "anywhere"),
  };
}

const adamw: OptimiserOptions = { type: "adamw", betas: [0.9, 0.999], weightDecay: 5e-4 };
const sgd: OptimiserOptions = { type: "sgd", momentum: 0.9, nesterov: false, weightDecay: 5e-4 };

interface NetworkStep {
  readonly network: NetworkOptions;
  readonly batch: number;
  readonly size: number;
  readonly optimiser?: OptimiserOptions;
  /** What trains; all by default. */
  readonly selection?: string;
}

/** A training step of a task network on colour images of 100 classes. */
export const networkStep =
  ({ network, batch, size, optimiser: rule = adamw, selection = "all" }: NetworkStep) =>
  async (device: Device) => {
    const net = classifier(taskNetwork(network), { channels: 3, height: size, width: size, classes: 100 });
    const traced = net.loss(batch);
    const chosen = new Set(select(net.layout, selection).map((e) => e.name));
    const still = [...traced.parameters, ...traced.buffers].filter((d) => !chosen.has(d.name));
    const frozen = new Map(
      still.map((d) => {
        const length = sizeOf(d.shape);
        return [d.name, "initial" in d ? d.initial : d.initialise(foldIn(key(8), d.name), length)];
      }),
    );
    const feeds = { images: normal(key(3), batch * 3 * size * size), labels: integers(key(4), batch, 100) };
    return training({ traced, optimiser: optimiser(rule), frozen }, feeds, device);
  };

const vit = { patch: 16, dropout: 0, attentionDropout: 0, dropPath: 0 };
const convnext = { patch: 4, dropPath: 0, layerScale: 1e-6 };

/** The steps whose memory is bounded: what fits a laptop of 16 GB. */
export const memorySteps: Readonly<Record<string, NetworkStep>> = {
  resnet18: { network: { name: "resnet18", stem: "imagenet" }, batch: 32, size: 224 },
  vit_tiny: { network: { name: "vit_tiny_patch16_224", ...vit }, batch: 32, size: 224 },
  resnet50: { network: { name: "resnet50", stem: "imagenet" }, batch: 16, size: 224 },
  convnext_tiny: { network: { name: "convnext_tiny", ...convnext }, batch: 16, size: 224 },
  vit_base: { network: { name: "vit_base_patch16_224", ...vit }, batch: 8, size: 224 },
  convnext_base: { network: { name: "convnext_base", ...convnext }, batch: 8, size: 224 },
};

const denoising = (recipe: typeof small, size: number) => (device: Device) => {
  const { denoiser: asked, training: options, ema } = recipe.diffusion!;
  const network = denoiser(asked, schedule, denoisers);
  const { batch } = options;
  const step = denoiserStep({ network, process: schedule, training: options, ema, latent: size });
  return training(step, { z: normal(key(3), batch * size), t: integers(key(4), batch, schedule.steps) }, device);
};

/** A step of the sampler: the noise predicted for all samples, and the next, less noisy ones. */
const sampling = (recipe: typeof small, size: number) => async (device: Device) => {
  const { denoiser: asked, training: options, process } = recipe.diffusion!;
  const rule = processOf(process);
  const network = denoiser(asked, rule, denoisers);
  const { traced } = denoiserStep({ network, process: rule, training: options, ema: null, latent: size });
  const drawn = (declared: readonly { readonly shape: readonly number[] }[]) =>
    normal(
      key(5),
      declared.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    ).map((x) => x * 0.05);
  const state = { theta: drawn(traced.parameters), buffers: drawn(traced.buffers).map((x) => x * x + 0.5) };
  const { predict, release } = await predictor(network, state, {
    count: SAMPLES,
    latent: size,
    device,
  });
  const x = normal(key(6), SAMPLES * size);
  return {
    check: () => predict(x, 500),
    async run() {
      const noise = await predict(x, 500);
      const fresh = normal(key(7), x.length);
      return x.map((value, i) => 1.01 * value - 0.1 * noise[i]! + 0.05 * fresh[i]!);
    },
    release,
  };
};

/** A ResNet-18 whose checkpoints differ in the last two normalisations; all else is drawn once. */
export function lastNorms(stem: "imagenet" | "cifar", shape: typeof images) {
  const network = classifier(taskNetwork({ name: "resnet18", stem }), shape);
  const { layout } = network;
  const frozen = new Map(
    layout.entries.map(({ name, size }) => [
      name,
      name.endsWith("running_var")
        ? new Float32Array(size).fill(1)
        : normal(foldIn(key(8), name), size).map((x) => x / 50),
    ]),
  );
  return { network, chosen: restrict(layout, new Set(select(layout, "last-norms:2").map((e) => e.name))), frozen };
}

/** Predictions of checkpoints that differ in the last two normalisations of a ResNet-18. */
const evaluation = (count: number) => async (device: Device) => {
  const size = { channels: 3, height: 224, width: 224 };
  const batch = 64;
  const { network, chosen, frozen } = lastNorms("imagenet", { ...size, classes: 100 });
  const predictor = await evaluator({
    openImages: batchFiller,
    logits: network.logits(batch),
    batch,
    chosen,
    frozen,
    device,
  });
  const checkpoints = Array.from({ length: count }, (_, i) => normal(foldIn(key(9), i), chosen.size));
  const bytes = Uint8Array.from(integers(key(3), batch * 3 * 224 * 224, 256));
  const split: Split = { count: batch, pixels: { type: "memory", ...size, bytes }, labels: new Uint8Array(batch) };
  const half = [0.5, 0.5, 0.5];
  const preparation = { ...size, view: null, augmentation: null, mean: half, std: half };
  return { run: () => predictor.predict(preparation, split, checkpoints), release: () => predictor.release() };
};

/** Predictions of checkpoints of the CNN that share nothing. */
export const cnnEvaluation =
  ({ checkpoints: count, images: shown }: { readonly checkpoints: number; readonly images: number }) =>
  async (device: Device) => {
    const batch = 25; // as a run shows them to a network of this size
    const predictor = await evaluator({
      openImages: batchFiller,
      logits: cnn.logits(batch),
      batch,
      chosen: cnn.layout,
      frozen: new Map(),
      device,
    });
    const checkpoints = Array.from({ length: count }, (_, i) => normal(foldIn(key(7), i), D).map((x) => x * 0.1));
    const bytes = new Uint8Array(shown * 1024).map((_, i) => (i * 2654435761) >>> 24);
    const split: Split = {
      count: shown,
      labels: new Uint8Array(shown),
      pixels: { type: "memory", ...images, bytes },
    };
    const preparation = { ...images, view: null, augmentation: null, mean: [0.5], std: [0.5] };
    return { run: () => predictor.predict(preparation, split, checkpoints), release: () => predictor.release() };
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
  resnet18_32_step: {
    title: "training step of ResNet-18 with the CIFAR stem at 32 × 32, batch 64, SGD",
    prepare: networkStep({ network: { name: "resnet18", stem: "cifar" }, batch: 64, size: 32, optimiser: sgd }),
  },
  resnet18_224_tune: {
    title: "fine-tuning step of the last two normalisations of ResNet-18 at 224 × 224, batch 32, AdamW",
    prepare: networkStep({
      network: { name: "resnet18", stem: "imagenet" },
      batch: 32,
      size: 224,
      selection: "last-norms:2",
    }),
  },
  vit_tiny_step: {
    title: "training step of ViT-Tiny at 224 × 224, batch 8, AdamW",
    prepare: networkStep({ network: { name: "vit_tiny_patch16_224", ...vit }, batch: 8, size: 224 }),
  },
  convnext_tiny_step: {
    title: "training step of ConvNeXt-Tiny at 224 × 224, batch 4, AdamW",
    prepare: networkStep({ network: { name: "convnext_tiny", ...convnext }, batch: 4, size: 224 }),
  },
  ae_small_step: {
    title: `training step of the autoencoder of preset small, D = ${D}, batch ${coder.training.batch}`,
    prepare: (device) =>
      training(
        autoencoderStep({ network: convAutoencoder.build(coder, D), ...coder }),
        { v: normal(key(3), coder.training.batch * D) },
        device,
      ),
  },
  denoiser_small_step: {
    title: `training step of the denoiser of preset small, latent ${latent}, batch ${small.diffusion!.training.batch}`,
    prepare: denoising(small, latent),
  },
  denoiser_v1_step: {
    title: `training step of the denoiser of preset v1, latent ${V1_LATENT}, batch ${v1.diffusion!.training.batch}, EMA`,
    prepare: denoising(v1, V1_LATENT),
  },
  ae_v3_step: {
    title: `training step of the autoencoder of preset v3, D = ${V3_D}, batch ${v3Coder.training.batch}`,
    prepare: (device) =>
      training(
        autoencoderStep({ network: v3Autoencoder.build(v3Coder, V3_D), ...v3Coder }),
        { v: normal(key(3), v3Coder.training.batch * V3_D) },
        device,
      ),
  },
  denoiser_v3_step: {
    title: `training step of the denoiser of preset v3, latent ${v3Coder.latent}, batch ${v3.diffusion!.training.batch}`,
    prepare: denoising(v3, v3Coder.latent),
  },
  sample_small_step: {
    title: `one reverse-diffusion step of ${SAMPLES} samples, preset small`,
    prepare: sampling(small, latent),
  },
  sample_v3_200: {
    title: `one reverse-diffusion step of ${SAMPLES} samples, preset v3`,
    prepare: sampling(v3, v3Coder.latent),
  },
  resnet18_224_eval: {
    title: "8 checkpoints of the last two normalisations of ResNet-18 on 64 images of 224 × 224",
    prepare: evaluation(8),
  },
  resnet18_224_eval_200: {
    title: "200 such checkpoints; PyTorch's time is 25 times that of 8",
    prepare: evaluation(200),
  },
  evaluate_200: {
    title: `predictions of 200 checkpoints of the CNN on ${IMAGES} images`,
    prepare: cnnEvaluation({ checkpoints: 200, images: IMAGES }),
  },
};
