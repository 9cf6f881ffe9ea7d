/** What the audit shows besides its verdict, of classifiers that can be run here. */
import { throwIfAborted } from "../../errors.ts";
import {
  accuracies,
  collageOf,
  type DistanceMeter,
  distanceUnit,
  type PlacedGroup,
  quantiles,
  trainingScale,
  type WorthGroup,
} from "../../evaluation/index.ts";
import { at } from "../../lookup.ts";
import { concatenate, evenly, matrix, rowsOf } from "../../numeric/index.ts";
import { foldIn } from "../../random/index.ts";
import type { Collage, Diversity, Family, StraightWay, TrainingScale } from "../../records/index.ts";
import { progressItem } from "../../run/index.ts";
import type { CanonicalSpace } from "../../symmetry/index.ts";
import type { StageContext } from "../context.ts";
import type { DrawnBaseline } from "./baselines.ts";
import type { AuditFigures, Gathered } from "./gathered.ts";
import { AVERAGES, CROSSOVERS, GAUSSIANS, NOISES, shownOf } from "./shown-baselines.ts";
import { straightWays, type WayStart } from "./straight-way.ts";
import type { TrainedNetworks } from "./trained.ts";

/** The evidence, as the record holds it. */
export type Evidence = Pick<AuditFigures, "collage" | "straightWay" | "trainingScale" | "diversity">;

/** What the evidence follows from. */
export interface EvidenceInput {
  readonly input: Gathered["input"];
  readonly meter: DistanceMeter;
  readonly baselines: readonly DrawnBaseline[];
  /** Networks `[n, D]`, in canonical form where there is one. */
  readonly formed: Readonly<Record<"originals" | "samples" | "heldOut", Float32Array>>;
  /** The canonical space, where hidden units are known. */
  readonly space: CanonicalSpace | undefined;
  /** Undefined where none were trained. */
  readonly training: TrainedNetworks | undefined;
}

/**
 * Gathers the evidence.
 * @throws Interrupted when the signal aborts.
 */
export async function evidenceOf(context: StageContext, found: EvidenceInput): Promise<Evidence> {
  return {
    collage: await collages(context, found),
    straightWay: await waysOf(context, found),
    trainingScale: await scaleOf(context, found),
    diversity: diversityOf(found),
  };
}

/** Networks of a group whose units are compared, at most. */
export const COLLAGED = 100;

/** Baselines whose units are compared, one of each kind, beside held-out networks and samples. */
const COLLAGED_KINDS = [CROSSOVERS, NOISES, AVERAGES, GAUSSIANS];
export const COLLAGED_GROUPS = 2 + COLLAGED_KINDS.length;

/** The nearest units of originals, of held-out networks, samples and a few baselines. */
async function collages(context: StageContext, { meter, baselines, formed }: EvidenceInput): Promise<Collage | null> {
  const { nearestUnits } = meter;
  const { size } = (await context.task()).chosen;
  if (nearestUnits === undefined || formed.heldOut.length === 0) return null;
  const groups = [
    { name: "held-out", family: "heldOut" as Family, vectors: async () => formed.heldOut },
    { name: "samples", family: "samples" as Family, vectors: async () => formed.samples },
    ...shownOf(baselines, COLLAGED_KINDS),
  ];
  const rows = [];
  for (const [i, { name, family, vectors }] of groups.entries()) {
    await context.progress(progressItem("compare-units"), i, groups.length);
    throwIfAborted(context.signal);
    const some = concatenate(evenly(rowsOf(matrix(await vectors(), size)), COLLAGED));
    rows.push({ name, family, nearest: await nearestUnits(some) });
  }
  return collageOf(at(rows, 0).nearest, rows);
}

/** The ways of samples, held-out networks, originals, averages and Gaussians. */
async function waysOf(
  context: StageContext,
  { input, baselines, formed, space }: EvidenceInput,
): Promise<StraightWay | null> {
  const { originals, samples, heldOut } = input;
  if (originals.test === undefined) return null;
  const startsOf = (
    name: string,
    family: Family,
    group: typeof samples | undefined,
    vectors: Float32Array,
  ): WayStart[] =>
    group?.index === undefined || group.test === undefined
      ? []
      : [{ name, family, vectors, index: group.index, test: group.test }];
  const groups = [
    ...startsOf("samples", "samples", samples, formed.samples),
    ...startsOf("held-out", "heldOut", heldOut, formed.heldOut),
    ...startsOf("originals", "originals", originals, formed.originals),
  ];
  for (const { name, family, vectors } of shownOf(baselines, [AVERAGES, GAUSSIANS])) {
    const group = input.baselines.find((baseline) => baseline.name === name);
    groups.push(...startsOf(name, family, group, await vectors()));
  }
  return straightWays(context, { groups, originals: { vectors: formed.originals, test: originals.test }, space });
}

/** The worth of samples, held-out networks, a few baselines and those that were trained. */
async function scaleOf(
  context: StageContext,
  { input, baselines, training }: EvidenceInput,
): Promise<TrainingScale | null> {
  if (training === undefined) return null;
  const shown = new Set(shownOf(baselines, [CROSSOVERS, AVERAGES, GAUSSIANS]).map(({ name }) => name));
  const groupOf = (name: string, family: Family, group: PlacedGroup | undefined): WorthGroup[] =>
    group?.test === undefined ? [] : [{ name, family, test: group.test, scores: [...accuracies(group.test)] }];
  return trainingScale({
    fresh: training.fresh,
    groups: [
      ...groupOf("samples", "samples", input.samples),
      ...groupOf("held-out", "heldOut", input.heldOut),
      ...input.baselines.flatMap((group) => (shown.has(group.name) ? groupOf(group.name, group.family, group) : [])),
      ...training.trained.flatMap((group) => groupOf(group.name, "trained", group)),
    ],
    key: foldIn(context.key, "audit", "training scale"),
    signal: context.signal,
  });
}

/** How far samples and held-out networks lie from the nearest other one. */
function diversityOf({ input: { originals, samples, heldOut } }: EvidenceInput): Diversity | null {
  if (samples.apart === undefined || heldOut?.apart === undefined) return null;
  const unit = distanceUnit(heldOut.standardised, originals.standardised);
  const spreadOf = (distances: ArrayLike<number>) =>
    quantiles(
      Array.from(distances)
        .filter(Number.isFinite)
        .map((distance) => distance / unit),
    );
  return { samples: spreadOf(samples.apart), heldOut: spreadOf(heldOut.apart) };
}
