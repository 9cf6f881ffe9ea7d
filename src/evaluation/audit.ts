/**
 * The audit's statistics: from the mistakes of networks and their distances to the originals to a verdict. What each quantity
 * is, and why, docs/method.md tells; the protocol follows the critique of Zeng et al. (arXiv 2506.07998) and mends it where it
 * had no held-out networks, no thresholds and no baselines at the same distance.
 */
import { foldIn, type Key } from "../random/index.ts";
import { type Choice, choice } from "./best-of-n.ts";
import { accuracyInterval, type Interval, type Quantiles, quantile, quantiles, shareInterval } from "./bootstrap.ts";
import { type Copying, nearness } from "./data-copying.ts";
import { excessAtMatchedDistance, type Matched } from "./matched-distance.ts";
import type { Distances } from "./nearest-distance.ts";
import { accuracies, greatest, kappa, type Mistakes, meanBetween, meanWithin } from "./similarity.ts";
import { type AgainstCount, againstCount } from "./similarity-by-count.ts";
import { mean, type Spread, spread } from "./statistics.ts";
import { type BaselineFamily, type Verdict, verdictOf } from "./verdict.ts";

/** A group of networks as the audit knows it; without distances where its networks have other tensors. */
export interface Measured extends Partial<Distances> {
  readonly test: Mistakes;
}

export interface AuditInput {
  readonly originals: Measured & Distances & { readonly selection: Mistakes };
  /** Undefined where none were held out. */
  readonly heldOut: (Measured & Distances & { readonly selection: Mistakes }) | undefined;
  readonly samples: Measured & Distances & { readonly selection: Mistakes };
  readonly references?: Measured | undefined;
  readonly reconstructions?: Measured | undefined;
  readonly fineTuned?: Measured | undefined;
  readonly baselines: readonly (Measured & Distances & { readonly name: string; readonly family: BaselineFamily })[];
  /** Accuracy on the selection split that was fixed before sampling; undefined where nothing was held out. */
  readonly acceptanceThreshold: number | undefined;
  /** Share of the most frequent class among the selection labels. */
  readonly chance: number;
  /** Steps of the trajectory within which originals are neighbours. */
  readonly neighbours: number;
  /** Whether any original differs from another. */
  readonly originalsDiffer: boolean;
  /** Distance of samples to the originals' mean, in units of the originals' own. */
  readonly toMean: number;
  readonly key: Key;
}

export type Family =
  | "originals"
  | "heldOut"
  | "references"
  | "samples"
  | "reconstructions"
  | "fineTuned"
  | BaselineFamily;

export interface AuditGroup {
  readonly name: string;
  readonly family: Family;
  readonly count: number;
  readonly test: Spread;
  readonly mean: Interval;
  readonly raw: Quantiles;
  readonly distance: Quantiles;
  readonly similarity: { readonly within: number; readonly toOriginals: number; readonly greatest: number };
  readonly kappa: number;
  readonly novel: Readonly<Record<string, number>>;
  readonly points: {
    readonly accuracy: readonly number[];
    readonly greatest: readonly number[];
    readonly distance: readonly number[];
  };
}

export interface AuditStatistics {
  readonly verdict: Verdict;
  readonly acceptanceThreshold: { readonly accuracy: number; readonly heldOut: number; readonly cleared: Interval };
  readonly neighbours: number;
  readonly groups: readonly AuditGroup[];
  readonly excess: readonly (Matched & { readonly family: BaselineFamily })[];
  readonly copying: Copying & { readonly nearDuplicates: number; readonly radius: number };
  readonly averaging: {
    readonly within: number;
    readonly between: number;
    readonly toMean: number;
    readonly signature: boolean;
  };
  readonly choice: readonly (Choice & { readonly name: string })[];
  readonly againstCount: AgainstCount;
  readonly remarks: readonly string[];
}

/** Multiples of the originals' own distance at which networks count as novel (the joint measure of novelty and performance). */
const TAUS = [1, 2, 3, 4, 6];

/**
 * A near-duplicate lies within this share of the distance of fresh networks, and within this share of its distance to any
 * other original but its nearest one's neighbours: averages, too, may lie close to the originals, but to no one of them.
 */
export const DUPLICATE = 0.5;

/** The acceptance threshold: the accuracy that all but a twentieth of held-out networks reach. */
export const acceptanceThresholdOf = (heldOut: ArrayLike<number>): number =>
  quantile(Float64Array.from(heldOut).sort(), 0.05);

/** In what distances are told: the held-out networks' median; the originals' own where there are none, or all are copies. */
export function distanceUnit(heldOut: ArrayLike<number> | undefined, originals: ArrayLike<number>): number {
  const medians = [heldOut ?? [], originals].map((distances) => quantiles(finite(distances)).median);
  return medians.find((median) => median > 0) ?? 1;
}

/** Judges networks. Every group is compared with the originals. */
export function auditNetworks(input: AuditInput): AuditStatistics {
  const { originals, heldOut, samples, baselines, key, neighbours } = input;
  const unit = distanceUnit(heldOut?.standardised, originals.standardised);
  // Where an original was given twice, its distance of 0 says nothing of how far apart networks are.
  const apart = finite(originals.standardised).filter((d) => d > 0);
  const ownDistance = apart.length > 0 ? quantiles(apart).median : unit;
  const heldDistance = heldOut === undefined ? ownDistance : quantiles(finite(heldOut.standardised)).median;
  const meanOf = (m: Mistakes) => mean(accuracies(m));
  const shift = heldOut === undefined ? 0 : meanOf(heldOut.test) - meanOf(heldOut.selection);
  const acceptanceThreshold = input.acceptanceThreshold ?? acceptanceThresholdOf(accuracies(originals.selection));

  const describe = (name: string, family: Family, group: Measured): AuditGroup => {
    const accuracy = accuracies(group.test);
    const similar = greatest(group.test, originals.test);
    const distances = group.standardised?.map((d) => d / unit);
    const agreement = Array.from(similar.index, (j, i) =>
      j < 0 ? Number.NaN : kappa(group.test, i, originals.test, j),
    );
    const novel = TAUS.map((tau) => {
      const far = Array.from(
        accuracy,
        (a, i) => a >= acceptanceThreshold + shift && (group.standardised?.[i] ?? 0) > tau * ownDistance,
      );
      return [String(tau), far.filter(Boolean).length / accuracy.length] as const;
    });
    return {
      ...{ name, family, count: accuracy.length },
      test: spread([...accuracy]),
      mean: accuracyInterval(group.test, foldIn(key, "mean", name)),
      raw: quantiles(finite(group.raw ?? [])),
      distance: quantiles(finite(distances ?? [])),
      similarity: {
        within: meanWithin(group.test),
        toOriginals: family === "originals" ? meanWithin(group.test) : meanBetween(group.test, originals.test),
        greatest: mean(similar.similarity),
      },
      kappa: mean(agreement),
      novel: Object.fromEntries(novel),
      points: { accuracy: [...accuracy], greatest: [...similar.similarity], distance: [...(distances ?? [])] },
    };
  };
  const named: readonly (readonly [string, Family, Measured | undefined])[] = [
    ["originals", "originals", originals],
    ["held-out", "heldOut", heldOut],
    ["references", "references", input.references],
    ["samples", "samples", samples],
    ["reconstructions", "reconstructions", input.reconstructions],
    ["fine-tuned", "fineTuned", input.fineTuned],
    ...baselines.map((baseline) => [baseline.name, baseline.family, baseline] as const),
  ];
  const present = named.flatMap(([name, family, group]) =>
    group === undefined || group.test.count === 0 ? [] : [[name, family, group] as const],
  );
  const groups = present.map(([name, family, group]) => describe(name, family, group));
  const groupOf = (name: string) => groups.find((group) => group.name === name)!;

  const excess = excessOf(input);
  const fresh = heldOut ?? originals;
  const { isolation, ...statistic } = nearness(samples, fresh, foldIn(key, "copying"));
  const radius = DUPLICATE * Math.min(heldDistance, ownDistance);
  const duplicates = Array.from(samples.standardised).filter(
    (d, i) => d <= radius && samples.isolation[i]! < DUPLICATE,
  ).length;

  const [own, theirs] = [groupOf("samples").similarity, groupOf("originals").similarity];
  const averaging = {
    within: own.within - theirs.within,
    between: own.toOriginals - theirs.within,
    toMean: input.toMean,
  };
  const signature = averaging.within > 0 && averaging.between > 0;

  const selected = accuracies(samples.selection);
  const novelShare = groupOf("samples").novel["1"]!;
  const verdict = verdictOf({
    counts: {
      originals: originals.test.count,
      heldOut: heldOut?.test.count ?? 0,
      samples: samples.test.count,
    },
    ...{ originalsDiffer: input.originalsDiffer, acceptanceThreshold, chance: input.chance },
    medianSample: quantiles(selected).median,
    ...{ nearDuplicates: duplicates, radius: radius / unit, ...statistic, isolation },
    excess: excess.filter(({ beyond }) => beyond <= REACH),
    averagingSignature: signature,
    novel: {
      samples: shareInterval(Math.round(novelShare * samples.test.count), samples.test.count),
      heldOut: heldOut === undefined ? 0 : groupOf("held-out").novel["1"]!,
    },
  });
  const chosen = [
    ["originals", originals],
    ["held-out", heldOut],
    ["samples", samples],
  ] as const;
  return {
    verdict,
    acceptanceThreshold: {
      accuracy: acceptanceThreshold,
      heldOut: heldOut?.test.count ?? 0,
      cleared: shareInterval(selected.filter((a) => a >= acceptanceThreshold).length, selected.length),
    },
    ...{ neighbours, groups, excess },
    copying: { ...statistic, nearDuplicates: duplicates, radius: radius / unit },
    averaging: { ...averaging, signature },
    choice: chosen.flatMap(([name, group]) =>
      group === undefined
        ? []
        : [{ name, ...choice({ selection: group.selection, test: group.test, key: foldIn(key, "choice", name) }) }],
    ),
    againstCount: againstCount(
      originals.test,
      present.filter(([, family]) => COUNTED.has(family)).map(([name, , group]) => ({ name, test: group.test })),
      foldIn(key, "against count"),
    ),
    remarks: remarksOf(input),
  };
}

/** Groups whose similarity against the number of originals is told. */
const COUNTED: ReadonlySet<Family> = new Set(["originals", "heldOut", "references", "samples"]);

/** A kind of baseline that most samples lie beyond is no baseline at their distance. */
export const REACH = 0.5;

/**
 * The distances at which samples are compared: their own, but as a group no farther than fresh networks lie, rank by rank.
 * To overshoot them earns nothing: else whoever left all baselines behind, and accuracy with them, would have none to lose to.
 */
function comparedAt(samples: ArrayLike<number>, fresh: ArrayLike<number>): Float64Array {
  const compared = Float64Array.from(samples);
  const limits = Float64Array.from(finite(fresh)).sort();
  if (limits.length === 0) return compared;
  const order = Array.from(compared.keys()).sort((i, j) => compared[i]! - compared[j]!);
  order.forEach((i, rank) => {
    compared[i] = Math.min(compared[i]!, quantile(limits, (rank + 0.5) / order.length));
  });
  return compared;
}

/**
 * Excess over every kind of baseline: first those that reach the samples, the least excess first. The originals
 * themselves, at no distance, are a setting of every kind.
 */
function excessOf({
  originals,
  heldOut,
  samples,
  baselines,
  key,
}: AuditInput): (Matched & { family: BaselineFamily })[] {
  const distance = comparedAt(samples.standardised, heldOut?.standardised ?? []);
  const copies = { name: "originals", distance: new Float32Array(originals.test.count), test: originals.test };
  const families = [...new Set(baselines.map(({ family }) => family))];
  return families
    .map((family) => {
      const settings = baselines
        .filter((baseline) => baseline.family === family)
        .map(({ name, standardised, test }) => ({ name, distance: standardised, test }));
      const matched = excessAtMatchedDistance({
        samples: { distance, test: samples.test },
        settings: [copies, ...settings],
        key: foldIn(key, "excess", family),
      });
      return { family, ...matched };
    })
    .sort((a, b) => Number(a.beyond > REACH) - Number(b.beyond > REACH) || a.excess.value - b.excess.value);
}

/** What must be kept in mind. */
function remarksOf({ originals, heldOut, samples, chance, originalsDiffer }: AuditInput): string[] {
  const infinite = Array.from(samples.raw).filter((d) => !Number.isFinite(d)).length;
  const selected = accuracies(samples.selection);
  const guessing = selected.filter((a) => a <= chance).length;
  const copies = Array.from(originals.raw).filter((d) => d === 0).length;
  return [
    ...(heldOut === undefined
      ? [
          "No networks were held out (zoo.heldOut: 0), so nothing says how far a fresh network lies: there is no verdict, and the acceptance threshold is the originals' own.",
        ]
      : []),
    ...(infinite > 0
      ? [
          `${infinite} of ${samples.test.count} samples hold numbers that are not finite; they count as infinitely far, and wrong wherever their predictions are.`,
        ]
      : []),
    ...(guessing > 0
      ? [
          `${guessing} of ${samples.test.count} samples do no better on the selection images than always naming the most frequent class.`,
        ]
      : []),
    ...(originalsDiffer && copies > 0 ? [`${copies} originals equal another one that is no neighbour of theirs.`] : []),
  ];
}

const finite = (values: ArrayLike<number>): number[] => Array.from(values).filter((v) => Number.isFinite(v));
