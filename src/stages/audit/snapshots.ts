/** How samples come about: along the diffusion, and along the training of the denoiser. */

import { join } from "node:path";
import type { Codec } from "../../diffusion/index.ts";
import { accuracies, type DistanceMeter, type Mistakes, quantiles } from "../../evaluation/index.ts";
import { at } from "../../lookup.ts";
import type { FrontierPoint } from "../../records/index.ts";
import type { StageContext } from "../context.ts";
import { contentsOf } from "../fit/generator-index.ts";
import { pathTimes, type SampledGroup, SNAPSHOT_SAMPLES } from "../sample/denoising-trajectory.ts";
import { type DrawnGroup, openGroup } from "./baselines.ts";
import { drawMissing } from "./sampled-groups.ts";

/** Samples drawn for the audit. */
export interface SampledNetworks {
  /** The first samples at several times of the diffusion, from noise on, `[times, starts]`. */
  readonly path: { readonly starts: number; readonly times: number[]; readonly group: DrawnGroup } | undefined;
  /** Samples of the denoiser at each of its snapshots. */
  readonly snapshots: readonly DrawnGroup[];
  /** More samples than the run has, for the comparison with unseen networks. */
  readonly further: DrawnGroup | undefined;
}

/** Without an autoencoder nothing is drawn. */
export const NOT_SAMPLED: SampledNetworks = { path: undefined, snapshots: [], further: undefined };

/** Bytes that samples which are drawn for the audit may take in memory. */
const MAX_FURTHER_BYTES = 2 ** 30;

/**
 * Draws what can be drawn: no path without a denoiser, and no further samples of one training,
 * where the run has enough, or where networks are so large that memory is short.
 * @param options the training steps of the snapshots, and whether the zoo is one training.
 * @throws Interrupted when the signal aborts.
 */
export async function sampledNetworks(
  context: StageContext,
  codec: Codec,
  { steps, trajectory }: { readonly steps: readonly number[]; readonly trajectory: boolean },
): Promise<SampledNetworks> {
  const { recipe, paths: p } = context;
  const { denoiser } = contentsOf(context);
  const { count } = recipe.sample;
  const { compared } = recipe.audit;
  const planned = (name: string, file: string, group: SampledGroup) => ({
    name,
    file: join(p.baselines, `${file}.safetensors`),
    group,
  });
  const starts = Math.min(recipe.audit.trajectories, count);
  const path =
    denoiser && starts > 0 ? planned("denoising path", "denoising-path", { kind: "path", count: starts }) : undefined;
  const snapshots = steps.map((step) =>
    planned(`step ${step}`, `step-${step}`, { kind: "snapshot", step, count: Math.min(SNAPSHOT_SAMPLES, count) }),
  );
  const wantsFurther = denoiser && !trajectory && count < compared;
  const further =
    wantsFurther && 4 * compared * codec.dimension <= MAX_FURTHER_BYTES
      ? planned("further samples", "further-samples", { kind: "further", count: compared - count })
      : undefined;
  await drawMissing(
    context,
    codec,
    [path, ...snapshots, further].filter((group) => group !== undefined),
  );
  const opened = ({ name, file }: { readonly name: string; readonly file: string }) => openGroup(name, file);
  return {
    path: path && { starts, times: pathTimes(context), group: await opened(path) },
    snapshots: await Promise.all(snapshots.map(opened)),
    further: further && (await opened(further)),
  };
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
