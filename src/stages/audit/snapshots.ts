/** How samples come about: along the diffusion, and along the training of the denoiser. */

import { join } from "node:path";
import type { Codec } from "../../diffusion/index.ts";
import { accuracies, type DistanceMeter, type Mistakes, quantiles } from "../../evaluation/index.ts";
import { at } from "../../lookup.ts";
import type { FrontierPoint } from "../../records/index.ts";
import type { StageContext } from "../context.ts";
import { contentsOf } from "../fit/generator-index.ts";
import {
  denoisingPath,
  drawAtSnapshot,
  drawFurther,
  pathTimes,
  SNAPSHOT_SAMPLES,
} from "../sample/denoising-trajectory.ts";
import { type DrawnGroup, drawnGroup } from "./baselines.ts";

/**
 * The first samples at several times of the diffusion, from noise on, as networks
 * `[times, starts]`; undefined without a denoiser.
 */
export async function pathNetworks(context: StageContext, codec: Codec) {
  const { recipe, paths: p } = context;
  const starts = Math.min(recipe.audit.trajectories, recipe.sample.count);
  if (!contentsOf(context).denoiser || starts === 0) return undefined;
  const times = pathTimes(context);
  const group = await drawnGroup(
    "denoising path",
    join(p.baselines, "denoising-path.safetensors"),
    codec.dimension,
    () => denoisingPath(context, codec, starts),
  );
  return { starts, times, group };
}

/** Samples of the denoiser at each of its snapshots. */
export async function snapshotNetworks(
  context: StageContext,
  codec: Codec,
  steps: readonly number[],
): Promise<DrawnGroup[]> {
  const { recipe, paths: p } = context;
  const count = Math.min(SNAPSHOT_SAMPLES, recipe.sample.count);
  const groups = [];
  for (const step of steps) {
    const file = join(p.baselines, `step-${step}.safetensors`);
    groups.push(
      await drawnGroup(`step ${step}`, file, codec.dimension, () => drawAtSnapshot(context, codec, step, count)),
    );
  }
  return groups;
}

/** Bytes that samples which are drawn for the audit may take in memory. */
const MAX_FURTHER_BYTES = 2 ** 30;

/**
 * More samples than the run has, for the comparison with unseen networks; undefined where the run
 * has enough, where there is no denoiser, and where networks are so large that memory is short.
 */
export async function furtherSamples(context: StageContext, codec: Codec): Promise<DrawnGroup | undefined> {
  const { recipe, paths: p } = context;
  const { compared } = recipe.audit;
  const bytes = 4 * compared * codec.dimension;
  if (!contentsOf(context).denoiser || recipe.sample.count >= compared || bytes > MAX_FURTHER_BYTES) return undefined;
  return drawnGroup("further samples", join(p.baselines, "further-samples.safetensors"), codec.dimension, () =>
    drawFurther(context, codec, compared),
  );
}

/** `[starts][times]` from `[times, starts]`. */
export const byStart = (values: ArrayLike<number>, starts: number): number[][] =>
  Array.from({ length: starts }, (_, start) => Array.from(values).filter((_, i) => i % starts === start));

/** What the frontier follows from. */
export interface FrontierInput {
  readonly meter: DistanceMeter;
  readonly snapshots: readonly DrawnGroup[];
  /** The unit of distances. */
  readonly unit: number;
  test(name: string): Mistakes;
  readonly losses: readonly { readonly step: number; readonly loss: { originals: number; heldOut: number | null } }[];
}

/** Accuracy and distance of samples at each snapshot of the denoiser. */
export async function frontierOf({ meter, snapshots, unit, test, losses }: FrontierInput): Promise<FrontierPoint[]> {
  const points = [];
  for (const [i, { name, vectors }] of snapshots.entries()) {
    const { standardised } = await meter.measure(await vectors());
    points.push({
      ...at(losses, i),
      accuracy: quantiles(accuracies(test(name))),
      distance: quantiles(standardised.map((d) => d / unit)),
    });
  }
  return points;
}
