/**
 * Sampling for the figures: the first samples on their way from noise, and the draws of snapshots
 * of the denoiser.
 */

import { type Codec, denormalise, predictor, processOf, sampleLatents, timesOf } from "../../diffusion/index.ts";
import { throwIfAborted } from "../../errors.ts";
import { at } from "../../lookup.ts";
import { concatenate } from "../../numeric/index.ts";
import { foldIn } from "../../random/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { type ProgressItem, progressItem, sampleSnapshotItem } from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import type { StageContext } from "../context.ts";
import { denoiserOf, type FittedDenoiser, loadDenoiser, samplerOf, snapshotPath } from "../fit/generator-files.ts";
import type { GeneratorSetting } from "../fit/generator-index.ts";

/** Steps of the trajectory that are shown. */
export const PATH_STEPS = 25;

/** Networks drawn with the denoiser of each snapshot of the training. */
export const SNAPSHOT_SAMPLES = 50;

interface Walk {
  readonly denoiser: FittedDenoiser;
  readonly count: number;
  /** What progress is reported as. */
  readonly item: ProgressItem;
  /** Called after every step with the latents `[count, latent]`, in the autoencoder's units. */
  readonly onStep?: (index: number, latents: () => Float32Array) => void;
}

/**
 * Draws the latents of the first `count` samples with a denoiser, from the noise of the run's
 * samples.
 */
async function walk(
  context: StageContext,
  codec: Codec,
  { denoiser, count, item, onStep }: Walk,
): Promise<Float32Array> {
  const { recipe, signal } = context;
  const process = processOf(diffusionOf(recipe).process);
  const { latent, tokens } = codec;
  const { scale, state } = denoiser;
  const asked = await predictor(denoiserOf(context, tokens), state, {
    count,
    latent,
    device: nodeDevice(recipe.device),
  });
  try {
    const latents = await sampleLatents(samplerOf(context), {
      predict: asked.predict,
      process,
      count,
      latent,
      key: foldIn(context.key, "sample"),
      async onStep({ index, x, total }) {
        onStep?.(index, () => denormalise(scale, x));
        await context.progress(item, index, total);
        throwIfAborted(signal);
      },
    });
    return denormalise(scale, latents);
  } finally {
    await asked.release();
  }
}

/** The diffusion model of a recipe whose denoising is shown. */
function diffusionOf({ diffusion }: Pick<Recipe, "diffusion">) {
  if (diffusion === null) throw new Error("this recipe has no diffusion model");
  return diffusion;
}

type Setting = Pick<GeneratorSetting, "parts"> & { readonly recipe: Recipe };

/**
 * Steps of the sampler after which its samples are shown, and the diffusion times that these steps
 * leave.
 */
function shownSteps(setting: Setting): { index: number; time: number }[] {
  const visited = timesOf(samplerOf(setting), diffusionOf(setting.recipe).process);
  const count = Math.min(PATH_STEPS, visited.length);
  return Array.from({ length: count }, (_, i) => {
    const index = Math.round(((i + 1) * visited.length) / count);
    return { index, time: at(visited, index - 1) };
  });
}

/** The diffusion times at which the way of samples is shown, from the noisiest. */
export const pathTimes = (setting: Setting): number[] => shownSteps(setting).map(({ time }) => time);

/** The way of the first samples from noise to networks, `[times, starts, D]`. */
export async function denoisingPath(context: StageContext, codec: Codec, starts: number): Promise<Float32Array> {
  const shown = new Set(shownSteps(context).map(({ index }) => index));
  const kept: Float32Array[] = [];
  await walk(context, codec, {
    denoiser: await loadDenoiser(context.paths),
    count: starts,
    item: progressItem("follow-denoising"),
    onStep: (index, latents) => void (shown.has(index) && kept.push(latents())),
  });
  return codec.decode(concatenate(kept));
}

/**
 * Samples after those of the run, `[count − sample.count, D]`: as if the run had drawn `count`.
 */
export async function drawFurther(context: StageContext, codec: Codec, count: number): Promise<Float32Array> {
  const denoiser = await loadDenoiser(context.paths);
  const latents = await walk(context, codec, { denoiser, count, item: progressItem("draw-more-samples") });
  return codec.decode(latents.subarray(context.recipe.sample.count * codec.latent));
}

/** What the denoiser of a snapshot of the training draws: networks `[count, D]`. */
export async function drawAtSnapshot(
  context: StageContext,
  codec: Codec,
  step: number,
  count: number,
): Promise<Float32Array> {
  const denoiser = await loadDenoiser(context.paths, snapshotPath(context.paths, step));
  return codec.decode(await walk(context, codec, { denoiser, count, item: sampleSnapshotItem(step) }));
}
