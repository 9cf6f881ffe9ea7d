/**
 * The statistics of the audit: from the scores of networks and their distances to the originals to
 * a verdict, for any metric. Classifiers that can be run here also have predictions, so shared
 * mistakes count as well. docs/method.md defines each quantity. The protocol follows the critique
 * of Zeng et al. (arXiv 2506.07998) and adds held-out networks, an acceptance threshold, and
 * baselines at the same distance.
 */

import { quantile } from "../../numeric/index.ts";
import { foldIn } from "../../random/index.ts";
import type { Audit, Copies, Metric, Pull } from "../../records/index.ts";
import { choice } from "../best-of-n.ts";
import { quantiles, type Resamples, resample, shareInterval } from "../bootstrap.ts";
import { liesNearMean, liesTogether } from "../comparison.ts";
import { type CopyGroup, countCopies, DUPLICATE, greatestWith } from "../copies.ts";
import { nearness } from "../data-copying.ts";
import { pullOf, seenShare } from "../seen-unseen.ts";
import { accuracies, type Mistakes } from "../similarity.ts";
import { similarityByCount } from "../similarity-by-count.ts";
import { finite, mean } from "../statistics.ts";
import { describeGroup, type GroupScale, type NamedGroup } from "./audit-group.ts";
import type { AuditedGroup, AuditInput, PlacedGroup } from "./audit-input.ts";
import { remarksOf } from "./audit-remarks.ts";
import { excessOf } from "./excess.ts";
import { verdictByParameters, verdictOnFailures } from "./parameter-verdict.ts";
import { isSignificant, verdictOf } from "./verdict.ts";
import { phrasesOf } from "./verdict-phrases.ts";

/** The part of the audit's record that follows from scores and distances. */
export type AuditStatistics = Pick<
  Audit,
  | "verdict"
  | "metric"
  | "acceptanceThreshold"
  | "neighbours"
  | "groups"
  | "excess"
  | "copying"
  | "averaging"
  | "collapse"
  | "performance"
  | "choice"
  | "similarityByCount"
  | "remarks"
>;

/** The metric of classifiers that can be run here. */
export const ACCURACY: Metric = {
  name: "accuracy",
  unit: "fraction",
  higherIsBetter: true,
  reason: "it is the share of test images that are classified correctly",
};

/** Adds the scores of classifiers, which are their accuracies on the test split. */
export const classified = <Splits extends { readonly test: Mistakes; readonly selection?: Mistakes }>(
  splits: Splits,
): Splits & { readonly scores: readonly number[] } => ({ ...splits, scores: [...accuracies(splits.test)] });

/** The acceptance threshold: what 95 % of held-out networks reach. Greater scores are better. */
export const acceptanceThresholdOf = (heldOut: ArrayLike<number>): number =>
  quantile(Float64Array.from(heldOut).sort(), 0.05);

/**
 * The unit of distances: the median of held-out networks; that of the originals where there are
 * none, or all are copies.
 */
export function distanceUnit(heldOut: ArrayLike<number> | undefined, originals: ArrayLike<number>): number {
  const medians = [heldOut ?? [], originals].map((distances) => quantiles(finite(distances)).median);
  return medians.find((median) => median > 0) ?? 1;
}

/**
 * Audits the samples of a run. Every group is compared with the originals.
 * @throws Interrupted when the signal aborts.
 */
export async function auditNetworks(input: AuditInput): Promise<AuditStatistics> {
  const { metric, originals, heldOut, samples, key, neighbours, signal } = input;
  const utility = utilityOf(metric);
  const distances = scaleOf(input);
  const failed = metric === null ? undefined : verdictOnFailures(input, metric.name);
  const threshold = failed === undefined ? thresholdOf(input, utility) : undefined;
  const images =
    originals.test === undefined ? undefined : await resample(originals.test.images, foldIn(key, "images"), { signal });
  const scale = { ...distances, images, metric, utility, threshold: threshold?.onTest, key, signal };
  const present = namedGroups(input);
  const groups: AuditStatistics["groups"][number][] = [];
  for (const group of present) groups.push(await describeGroup(group, originals, scale));

  const { isolation, ...statistic } = await nearness(samples, heldOut ?? originals, foldIn(key, "copying"), signal);
  const copying = {
    ...statistic,
    nearer: statistic.zu < 0 && isSignificant(statistic.p),
    farthest: farthestOf(samples.standardised, heldOut?.standardised),
    copies: await copiesOf(input, distances.radius),
    radius: distances.radius / distances.unit,
    pull: pullTowards(input),
  };
  const collapse = collapseOf(input);
  const performance = threshold === undefined ? undefined : performanceOf(input, threshold, utility);
  const averaging = averagingOf(input, groups);
  const excess = threshold === undefined ? [] : await excessOf(input, { utility, chance: threshold.chance, images });
  // Without a metric there are no scores to count.
  const countOf = (group: AuditedGroup | undefined) =>
    (metric === null ? group?.standardised : group?.scores)?.length ?? 0;
  const counts = { originals: countOf(originals), heldOut: countOf(heldOut), samples: countOf(samples) };
  const position = { collapse, nearMean: averaging.nearMean };
  const verdict =
    failed ??
    (metric === null || threshold === undefined
      ? verdictByParameters(input.originalsDiffer, { ...copying, ...position, counts, signature: averaging.signature })
      : verdictOf(
          {
            counts,
            originalsDiffer: input.originalsDiffer,
            acceptanceThreshold: threshold.value,
            chance: threshold.chance,
            chanceKnown: threshold.chanceKnown,
            medianSample: quantiles(threshold.samples).median,
            ...copying,
            isolation,
            excess: excess.filter(({ reaches }) => reaches),
            averagingSignature: averaging.signature,
            ...position,
            performance: performance ?? { samples: shareInterval(0, 1), heldOut: 0, gap: 0 },
            findsMovedCopies: input.byUnits || samples.test !== undefined,
          },
          phrasesOf(metric),
        ));
  return {
    verdict,
    metric,
    acceptanceThreshold:
      threshold === undefined
        ? null
        : {
            value: utility(threshold.value),
            heldOut: known(heldOut?.scores ?? []).length,
            chance: threshold.chanceKnown ? utility(threshold.chance) : null,
            cleared: threshold.cleared,
          },
    neighbours,
    groups,
    excess,
    copying,
    collapse,
    performance: performance ?? null,
    averaging,
    choice: images === undefined ? [] : await choicesOf(input, images),
    similarityByCount:
      originals.test === undefined
        ? null
        : await similarityByCount(
            originals.test,
            present.flatMap(({ name, family, group }) =>
              COUNTED.has(family) && group.test !== undefined ? [{ name, test: group.test }] : [],
            ),
            foldIn(key, "against count"),
            signal,
          ),
    remarks: remarksOf(input),
  };
}

/** Families whose similarity to ever more originals is recorded. */
const COUNTED: ReadonlySet<NamedGroup["family"]> = new Set(["originals", "heldOut", "references", "samples"]);

/** Turns scores so that greater is better, and back. */
const utilityOf = (metric: Metric | null) => (score: number) => (metric?.higherIsBetter === false ? -score : score);

/** All groups with networks, in the order of the table. */
function namedGroups(input: AuditInput): NamedGroup[] {
  const all: readonly (Omit<NamedGroup, "group"> & { readonly group: AuditedGroup | undefined })[] = [
    { name: "originals", family: "originals", group: input.originals },
    { name: "held-out", family: "heldOut", group: input.heldOut },
    { name: "references", family: "references", group: input.references },
    { name: "samples", family: "samples", group: input.samples },
    { name: "shuffled", family: "references", group: input.shuffled },
    { name: "reconstructions", family: "reconstructions", group: input.reconstructions },
    { name: "fine-tuned", family: "fineTuned", group: input.fineTuned },
    ...input.baselines.map((group) => ({ name: group.name, family: group.family, group })),
    ...(input.trained ?? []).map((group) => ({ name: group.name, family: "trained" as const, group })),
  ];
  return all.flatMap(({ name, family, group }) =>
    group === undefined || group.scores.length === 0 ? [] : [{ name, family, group }],
  );
}

/**
 * The unit of distances, how far apart originals lie, and within which radius a sample is a copy.
 */
function scaleOf({ originals, heldOut }: AuditInput): Pick<GroupScale, "unit" | "ownDistance"> & { radius: number } {
  const unit = distanceUnit(heldOut?.standardised, originals.standardised);
  // Where an original was given twice, its distance of 0 does not say how far apart networks are.
  const apart = finite(originals.standardised).filter((d) => d > 0);
  const ownDistance = apart.length > 0 ? quantiles(apart).median : unit;
  const heldOutDistance = heldOut === undefined ? ownDistance : quantiles(finite(heldOut.standardised)).median;
  return { unit, ownDistance, radius: DUPLICATE * Math.min(heldOutDistance, ownDistance) };
}

/**
 * The acceptance threshold and the scores of samples, turned so that greater is better. Predictions
 * are compared with it on the selection split; `onTest` is therefore shifted by the difference of
 * held-out networks between the two splits. Undefined if nothing sets a threshold.
 */
function thresholdOf(input: AuditInput, utility: (score: number) => number) {
  const { originals, heldOut, samples, shuffled } = input;
  const utilities = (group: AuditedGroup | undefined) => known(group?.scores ?? []).map(utility);
  const given = originals.selection === undefined ? utilities(heldOut) : accuracies(originals.selection);
  const value = input.acceptanceThreshold ?? (given.length === 0 ? undefined : acceptanceThresholdOf(given));
  if (input.metric === null || value === undefined) return undefined;
  const lost = utilities(shuffled);
  // Where no shuffled network has a score, the worst network that has one takes their place.
  const chance =
    input.chance ?? (lost.length > 0 ? quantiles(lost).median : Math.min(...utilities(samples), ...utilities(heldOut)));
  const selected =
    samples.selection === undefined
      ? samples.scores.map((score) => (score === null ? null : utility(score)))
      : [...accuracies(samples.selection)];
  const shift =
    heldOut?.test === undefined || heldOut.selection === undefined
      ? 0
      : mean(accuracies(heldOut.test)) - mean(accuracies(heldOut.selection));
  return {
    value,
    onTest: value + shift,
    chance,
    chanceKnown: input.chance !== undefined || lost.length > 0,
    samples: selected.map((v) => v ?? chance),
    cleared: shareInterval(selected.filter((v) => v !== null && v >= value).length, selected.length),
  };
}

/**
 * Samples that repeat an original. Held-out networks cannot; nor can originals that were trained
 * separately, each beside all others.
 */
async function copiesOf(
  { originals, heldOut, samples, separate, signal }: AuditInput,
  radius: number,
): Promise<Copies> {
  const groupOf = async (group: PlacedGroup): Promise<CopyGroup> => {
    const similar = await greatestWith(group.test, originals.test, signal);
    return { distances: group, ...(similar && { greatest: similar }) };
  };
  const fresh = [heldOut, separate ? originals : undefined].filter((group) => group !== undefined);
  return countCopies(await groupOf(samples), await Promise.all(fresh.map(groupOf)), radius);
}

/** The samples' median distance, divided by the 95th percentile of held-out networks' distances. */
function farthestOf(samples: ArrayLike<number>, heldOut: ArrayLike<number> | undefined): number {
  const most = heldOut === undefined ? Number.NaN : quantiles(finite(heldOut)).high;
  return quantiles(samples).median / most;
}

/** Seen against unseen networks, of samples and of every kind of baseline. */
function pullTowards({ pool, key }: AuditInput): Pull | null {
  if (pool === undefined) return null;
  const { sizes, samples, fresh, baselines } = pool;
  const families = [...new Set(baselines.map(({ family }) => family))];
  return {
    ...pullOf(samples, sizes, foldIn(key, "pull")),
    fresh: fresh === undefined ? Number.NaN : seenShare(fresh, sizes),
    baselines: families.map((family) => {
      const groups = baselines.filter((group) => group.family === family);
      const joined = (which: "seen" | "unseen") => ({
        distance: groups.flatMap((group) => Array.from(group[which].distance)),
        index: groups.flatMap((group) => Array.from(group[which].index)),
      });
      return { family, share: seenShare({ seen: joined("seen"), unseen: joined("unseen") }, sizes) };
    }),
  };
}

/**
 * The median distance of a sample to the nearest other one, divided by that of held-out networks;
 * where these were not measured, of originals.
 */
function collapseOf({ originals, heldOut, samples }: AuditInput): number {
  const fresh = heldOut?.apart ?? originals.apart;
  if (samples.apart === undefined || fresh === undefined) return Number.NaN;
  return quantiles(finite(samples.apart)).median / quantiles(finite(fresh)).median;
}

/** Shares that reach the acceptance threshold, and the difference of the means. */
function performanceOf(
  { heldOut, samples }: AuditInput,
  { value, chance, cleared }: NonNullable<ReturnType<typeof thresholdOf>>,
  utility: (score: number) => number,
): NonNullable<AuditStatistics["performance"]> {
  const selected = heldOut?.selection === undefined ? undefined : accuracies(heldOut.selection);
  const theirs = selected ?? known(heldOut?.scores ?? []).map(utility);
  const utilities = (group: AuditedGroup | undefined) =>
    (group?.scores ?? []).map((score) => (score === null ? chance : utility(score)));
  return {
    samples: cleared,
    heldOut:
      theirs.length === 0 ? Number.NaN : Array.from(theirs).filter((score) => score >= value).length / theirs.length,
    gap: mean(utilities(heldOut)) - mean(utilities(samples)),
  };
}

/**
 * Whether samples look like averages. With predictions: they are more alike than originals, and
 * more like originals than these are like one another. Without predictions: by their distances.
 */
function averagingOf({ toMean, apart }: AuditInput, groups: AuditStatistics["groups"]): AuditStatistics["averaging"] {
  const [own, theirs] = ["samples", "originals"].map((name) => groups.find((group) => group.name === name)?.similarity);
  const [nearMean, narrow] = [liesNearMean(toMean), liesNearMean(apart)];
  const position = { toMean, nearMean, apart, repeated: liesTogether(apart) };
  if (own == null || theirs == null) return { within: null, between: null, ...position, signature: nearMean && narrow };
  const [within, between] = [own.within - theirs.within, own.toOriginals - theirs.within];
  return { within, between, ...position, signature: within > 0 && between > 0 };
}

/** What choosing the best by the selection split gains, of every group that has both splits. */
async function choicesOf(
  { originals, heldOut, samples, key, signal }: AuditInput,
  images: Resamples,
): Promise<AuditStatistics["choice"]> {
  const groups = { originals, "held-out": heldOut, samples };
  const found: AuditStatistics["choice"][number][] = [];
  for (const [name, group] of Object.entries(groups)) {
    if (group?.test === undefined || group.selection === undefined) continue;
    const { selection, test } = group;
    found.push({ name, ...(await choice({ selection, test, images, key: foldIn(key, "choice", name), signal })) });
  }
  return found;
}

const known = (scores: readonly (number | null)[]): number[] => scores.filter((score) => score !== null);
