/**
 * Sampling for the audit: the first samples on their way from noise, the draws of snapshots of the
 * denoiser, and further samples. Each group can be drawn by any process.
 */

import { type Codec, timesOf } from "../../diffusion/index.ts";
import { throwIfAborted } from "../../errors.ts";
import { at } from "../../lookup.ts";
import { concatenate } from "../../numeric/index.ts";
import { foldIn } from "../../random/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { type ProgressItem, progressItem, sampleSnapshotItem } from "../../run/index.ts";
import { generatorKey, type StageContext } from "../context.ts";
import { samplerOf } from "../fit/generator-files.ts";
import type { GeneratorSetting } from "../fit/generator-index.ts";
import { drawingCost, secondsOf } from "../step-cost.ts";
import { openLatents } from "./latent-source.ts";

/** Steps of the trajectory that are shown. */
export const PATH_STEPS = 25;

/** Networks drawn with the denoiser of each snapshot of the training. */
export const SNAPSHOT_SAMPLES = 50;

/** What drawing needs to know of a run. */
export type SampledContext = Pick<StageContext, "recipe" | "parts" | "paths" | "signal" | "key" | "progress">;

interface Walk {
  /** The step of the training whose denoiser is asked; by default the run's own, guided or not. */
  readonly snapshot?: number | undefined;
  /** The place of the first of these samples among all that the run could draw. */
  readonly first: number;
  readonly count: number;
  /** What progress is reported as. */
  readonly item: ProgressItem;
  /** Called after every step with the latents `[count, latent]`, in the autoencoder's units. */
  readonly onStep?: (index: number, latents: () => Float32Array) => void;
}

/** Draws the latents of `count` samples, from the noise of the run's samples. */
async function walk(
  context: SampledContext,
  codec: Codec,
  { snapshot, first, count, item, onStep }: Walk,
): Promise<Float32Array> {
  const { latent, tokens } = codec;
  const source = await openLatents(context, { count, latent, tokens }, snapshot);
  try {
    return await source.draw({
      first,
      key: foldIn(generatorKey(context.recipe), "sample"),
      async onStep({ index, x, total }) {
        onStep?.(index, () => source.latentsOf(x));
        await context.progress(item, index, total);
        throwIfAborted(context.signal);
      },
    });
  } finally {
    await source.release();
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

/** Samples that the audit looks at. */
export type SampledGroup =
  /** The way of the first samples from noise to networks. */
  | { readonly kind: "path"; readonly count: number }
  /** Draws of the denoiser after some steps of its training. */
  | { readonly kind: "snapshot"; readonly step: number; readonly count: number }
  /** Samples after those of the run: as if the run had drawn `count` more. */
  | { readonly kind: "further"; readonly count: number };

/** What progress of a group is reported as. */
export function sampledItem(group: SampledGroup): ProgressItem {
  switch (group.kind) {
    case "path":
      return progressItem("follow-denoising");
    case "snapshot":
      return sampleSnapshotItem(group.step);
    case "further":
      return progressItem("draw-more-samples");
    default:
      return group satisfies never;
  }
}

/**
 * Draws a group of samples as networks `[count, D]`; a path `[times, count, D]`.
 * @throws Interrupted when the signal aborts.
 */
export async function drawSampled(context: SampledContext, codec: Codec, group: SampledGroup): Promise<Float32Array> {
  const { count } = group;
  const item = sampledItem(group);
  if (group.kind !== "path") {
    const first = group.kind === "further" ? context.recipe.sample.count : 0;
    const snapshot = group.kind === "snapshot" ? group.step : undefined;
    return codec.decode(await walk(context, codec, { snapshot, first, count, item }));
  }
  const shown = new Set(shownSteps(context).map(({ index }) => index));
  const kept: Float32Array[] = [];
  const onStep: Walk["onStep"] = (index, latents) => void (shown.has(index) && kept.push(latents()));
  await walk(context, codec, { first: 0, count, item, onStep });
  return codec.decode(concatenate(kept));
}

/** Seconds that drawing takes one core, about. */
export function secondsToDraw(context: Setting, { latent, tokens }: Codec, count: number): number {
  const { calls, models, draw } = drawingCost(context.recipe, context.parts, { latent, tokens, count });
  return models * calls * secondsOf(draw);
}
