/**
 * The audit where each network is worth one number that somebody else worked out, or nothing but its parameters is known. The
 * questions are those of the audit of classifiers (audit.ts); shared mistakes cannot be asked for, and in place of guessing
 * stand networks whose generated numbers are shuffled within each tensor: of the right size, and without what was learned.
 */
import { foldIn, type Key } from "../random/index.ts";
import { DUPLICATE, distanceUnit, type Family, REACH } from "./audit.ts";
import { type Interval, meanInterval, type Quantiles, quantile, quantiles, shareInterval } from "./bootstrap.ts";
import { type Copying, nearness } from "./data-copying.ts";
import { excessOfValues, type Matched } from "./matched-distance.ts";
import type { Distances } from "./nearest-distance.ts";
import { mean, spread } from "./statistics.ts";
import { type BaselineFamily, type Phrases, type Verdict, verdictOf } from "./verdict.ts";

/** A group of networks: how far they lie, and what each is worth, null where that could not be measured. */
export interface ValuedGroup extends Distances {
  readonly values: readonly (number | null)[];
}

export interface ValuedAuditInput {
  /** Null where nothing is measured. */
  readonly metric: { readonly name: string; readonly better: "higher" | "lower" } | null;
  readonly originals: ValuedGroup;
  readonly heldOut: ValuedGroup | undefined;
  readonly samples: ValuedGroup;
  readonly shuffled: ValuedGroup | undefined;
  readonly baselines: readonly (ValuedGroup & { readonly name: string; readonly family: BaselineFamily })[];
  readonly neighbours: number;
  readonly originalsDiffer: boolean;
  /** Distances of samples to the originals' mean and to one another, in units of the originals' own. */
  readonly toMean: number;
  readonly apart: number;
  readonly key: Key;
}

export interface ValuedAuditGroup {
  readonly name: string;
  readonly family: Family;
  readonly count: number;
  readonly failed: number;
  readonly metric: {
    readonly mean: Interval;
    readonly median: number;
    readonly best: number;
    readonly sd: number;
  } | null;
  readonly raw: Quantiles;
  readonly distance: Quantiles;
  readonly points: { readonly metric: readonly (number | null)[]; readonly distance: readonly number[] };
}

export interface ValuedAudit {
  readonly verdict: Verdict;
  readonly metric: ValuedAuditInput["metric"];
  readonly acceptanceThreshold: {
    readonly value: number;
    readonly shuffled: number;
    readonly heldOut: number;
    readonly cleared: Interval;
  } | null;
  readonly groups: readonly ValuedAuditGroup[];
  readonly excess: readonly (Matched & { readonly family: BaselineFamily })[];
  readonly copying: Copying & { readonly nearDuplicates: number; readonly radius: number };
  readonly averaging: { readonly toMean: number; readonly apart: number; readonly signature: boolean };
  readonly neighbours: number;
  readonly remarks: readonly string[];
}

/** Below this share of the originals' own distances, both to the mean and to one another, samples lie as averages do. */
const NARROW = 0.8;

/** How unlikely the copying statistic must be, and how many samples must be copies, where nothing else is known. */
const UNLIKELY = 0.01;
const COPIES = 1 / 4;

/** Fewer networks than this have no distribution. */
const FEWEST = 3;

const finite = (values: ArrayLike<number>): number[] => Array.from(values).filter((v) => Number.isFinite(v));
const known = (values: readonly (number | null)[]): number[] => values.filter((v) => v !== null);

/** Judges networks by their numbers and distances. */
export function auditMeasured(input: ValuedAuditInput): ValuedAudit {
  const { metric, originals, heldOut, samples, shuffled, baselines, key } = input;
  const unit = distanceUnit(heldOut?.standardised, originals.standardised);
  const apart = finite(originals.standardised).filter((d) => d > 0);
  const ownDistance = apart.length > 0 ? quantiles(apart).median : unit;
  const heldDistance = heldOut === undefined ? ownDistance : quantiles(finite(heldOut.standardised)).median;
  /** The greater, the better. */
  const worth = (v: number) => (metric?.better === "lower" ? -v : v);
  const worths = (group: ValuedGroup | undefined) => known(group?.values ?? []).map(worth);

  const describe = (name: string, family: Family, group: ValuedGroup): ValuedAuditGroup => {
    const values = known(group.values);
    const each = spread(values.length > 0 ? values.map(worth) : [Number.NaN]);
    const distance = [...group.standardised].map((d) => d / unit);
    return {
      ...{ name, family, count: group.standardised.length },
      failed: metric === null ? 0 : group.values.length - values.length,
      metric:
        metric === null || values.length === 0
          ? null
          : {
              mean: meanInterval(values, foldIn(key, "mean", name)),
              median: worth(each.median),
              best: worth(each.best),
              sd: each.sd,
            },
      raw: quantiles(finite(group.raw)),
      distance: quantiles(finite(distance)),
      points: { metric: group.values, distance },
    };
  };
  const named: readonly (readonly [string, Family, ValuedGroup | undefined])[] = [
    ["originals", "originals", originals],
    ["held-out", "heldOut", heldOut],
    ["samples", "samples", samples],
    ["shuffled", "references", shuffled],
    ...baselines.map((baseline) => [baseline.name, baseline.family, baseline] as const),
  ];
  const groups = named.flatMap(([name, family, group]) => (group === undefined ? [] : [describe(name, family, group)]));

  const radius = DUPLICATE * Math.min(heldDistance, ownDistance);
  const nearDuplicates = [...samples.standardised].filter(
    (d, i) => d <= radius && samples.isolation[i]! < DUPLICATE,
  ).length;
  const fresh = heldOut ?? originals;
  const { isolation, ...statistic } = nearness(samples, fresh, foldIn(key, "copying"));
  const signature = input.toMean < NARROW && input.apart < NARROW;
  const common = {
    ...{ metric, groups, neighbours: input.neighbours },
    copying: { ...statistic, nearDuplicates, radius: radius / unit },
    averaging: { toMean: input.toMean, apart: input.apart, signature },
  };
  const remarks = remarksOf(input);
  const sampled = worths(samples);
  const heldWorths = worths(heldOut);
  const verdictOfFailures = metric === null ? undefined : notRunning(input, metric.name);
  if (metric === null || verdictOfFailures !== undefined || heldWorths.length === 0)
    return {
      ...common,
      verdict:
        verdictOfFailures ?? byParameters(input, { nearDuplicates, radius: radius / unit, ...statistic, signature }),
      ...{ acceptanceThreshold: null, excess: [], remarks },
    };

  const acceptanceThreshold = quantile(Float64Array.from(heldWorths).sort(), 0.05);
  const lost = worths(shuffled);
  // Where shuffling could not be measured at all, it left nothing that runs: the worst network that did stands for it.
  const chance = lost.length > 0 ? quantiles(lost).median : Math.min(...sampled, ...heldWorths);
  const excess = excessOf(input, worth);
  const clears = (group: ValuedGroup) =>
    group.values.filter((v) => v !== null && worth(v) >= acceptanceThreshold).length;
  const novel = (group: ValuedGroup) =>
    group.values.filter((v, i) => v !== null && worth(v) >= acceptanceThreshold && group.standardised[i]! > ownDistance)
      .length;
  const verdict = verdictOf(
    {
      counts: {
        originals: originals.standardised.length,
        heldOut: heldOut?.standardised.length ?? 0,
        samples: samples.standardised.length,
      },
      originalsDiffer: input.originalsDiffer,
      ...{
        acceptanceThreshold,
        chance,
        medianSample: quantiles(samples.values.map((v) => (v === null ? chance : worth(v)))).median,
      },
      ...{ nearDuplicates, radius: radius / unit, ...statistic, isolation },
      excess: excess.filter(({ beyond }) => beyond <= REACH),
      averagingSignature: signature,
      novel: {
        samples: shareInterval(novel(samples), samples.values.length),
        heldOut: heldOut === undefined ? 0 : novel(heldOut) / heldOut.values.length,
      },
    },
    phrasesFor(metric.name, worth),
  );
  return {
    ...common,
    verdict,
    acceptanceThreshold: {
      value: worth(acceptanceThreshold),
      shuffled: worth(chance),
      heldOut: heldWorths.length,
      cleared: shareInterval(clears(samples), samples.values.length),
    },
    ...{ excess, remarks },
  };
}

/** Excess over every kind of baseline that was measured, at the samples' distances, the least first. */
function excessOf(
  { originals, samples, baselines, key }: ValuedAuditInput,
  worth: (v: number) => number,
): (Matched & { family: BaselineFamily })[] {
  const placed = ({ values, standardised }: ValuedGroup) => {
    const rows = values.flatMap((v, i) => (v === null ? [] : [i]));
    return { distance: rows.map((i) => standardised[i]!), values: rows.map((i) => worth(values[i]!)) };
  };
  const own = placed(originals);
  const copies = { name: "originals", distance: own.values.map(() => 0), values: own.values };
  const measured = baselines.map((baseline) => ({ name: baseline.name, family: baseline.family, ...placed(baseline) }));
  const families = [...new Set(measured.filter(({ values }) => values.length > 0).map(({ family }) => family))];
  return families
    .map((family) => ({
      family,
      ...excessOfValues({
        samples: placed(samples),
        settings: [
          copies,
          ...measured.filter((baseline) => baseline.family === family && baseline.values.length > 0),
        ].filter(({ values }) => values.length > 0),
        key: foldIn(key, "excess", family),
      }),
    }))
    .sort((a, b) => Number(a.beyond > REACH) - Number(b.beyond > REACH) || a.excess.value - b.excess.value);
}

/** The verdict on samples of which most came to no number, where given networks did. */
function notRunning({ originals, heldOut, samples }: ValuedAuditInput, metric: string): Verdict | undefined {
  const failed = samples.values.filter((v) => v === null).length;
  const given = [...originals.values, ...(heldOut?.values ?? [])];
  const works = known(given).length;
  if (works === 0 || samples.values.length === 0 || 2 * failed <= samples.values.length) return undefined;
  return {
    name: "broken",
    rule: `${failed} of ${samples.values.length} samples came to no ${metric}, where ${works} of ${given.length} given networks did.`,
    meaning: "The samples do not work.",
  };
}

/** What parameters alone tell. */
function byParameters(
  { originals, heldOut, samples, originalsDiffer }: ValuedAuditInput,
  facts: { nearDuplicates: number; radius: number; zu: number; p: number; signature: boolean },
): Verdict {
  const counts: readonly (readonly [string, number])[] = [
    ["originals", originals.standardised.length],
    ["held-out networks", heldOut?.standardised.length ?? 0],
    ["samples", samples.standardised.length],
  ];
  const few = counts.find(([, count]) => count < FEWEST);
  const unknown = "Nothing measured what the networks are worth, so whether the samples work is not known.";
  if (few !== undefined || !originalsDiffer)
    return {
      name: "undecided",
      rule:
        few === undefined
          ? "The originals are all the same network, so nothing has a distance from them."
          : `There are ${few[1]} ${few[0]}; the audit needs at least ${FEWEST}.`,
      meaning: "There is too little to tell whether the samples are new.",
    };
  const count = samples.standardised.length;
  const { nearDuplicates, zu, p } = facts;
  const group = `as a group they lie ${zu < 0 ? "nearer to" : "no nearer to"} the originals than held-out networks do (Z_U ${zu.toFixed(1)}, p ${p.toPrecision(2)})`;
  if (p < UNLIKELY && nearDuplicates / count >= COPIES)
    return {
      name: "replica",
      rule: `${nearDuplicates} of ${count} samples lie within ${facts.radius.toFixed(2)} of one original, where 1 is the distance of a held-out network, and at least twice as far from all others; ${group}.`,
      meaning: "The generator repeats networks that it learned from.",
    };
  if (facts.signature)
    return {
      name: "average-like",
      rule: "Samples lie nearer to the mean of the originals, and nearer to one another, than originals do, as averages of originals would.",
      meaning: `The samples lie where averages lie. ${unknown}`,
    };
  return {
    name: "undecided",
    rule: `${nearDuplicates} of ${count} samples repeat an original; ${group}.`,
    meaning: `${unknown} Give a program that prints it: pdiff evaluate RUN --force --evaluate 'command {checkpoint}'.`,
  };
}

/** A number with three significant digits, its sign a minus. */
const digits = (value: number): string => String(Number(value.toPrecision(3))).replace("-", "−");

function phrasesFor(name: string, worth: (v: number) => number): Phrases {
  const shown = (v: number) => digits(worth(v));
  return {
    broken: ({ acceptanceThreshold, chance, medianSample, working }) =>
      `The median sample's ${name} is ${shown(medianSample)}, where at least ${shown(working)} is needed: it has lost more than a quarter of what the acceptance threshold of ${shown(acceptanceThreshold)} has over networks whose generated numbers are shuffled (${shown(chance)}).`,
    worth: name,
    relation: ({ value, low, high }) => {
      const [size, from, to, side] =
        value < 0 ? [-value, -high, -low, "worse than"] : [value, low, high, "better than"];
      return `${digits(size)} [${digits(from)}, ${digits(to)}] ${side}`;
    },
    averaging:
      "Samples lie nearer to the mean of the originals, and nearer to one another, than originals do, as averages would.",
  };
}

/** What must be kept in mind. */
function remarksOf({ metric, originals, heldOut, samples, shuffled }: ValuedAuditInput): string[] {
  const failed = samples.values.filter((v) => v === null).length;
  const held = known(heldOut?.values ?? []);
  const lost = known(shuffled?.values ?? []);
  const better = (a: number, b: number) => (metric?.better === "lower" ? a <= b : a >= b);
  return [
    ...(heldOut === undefined
      ? [
          "No networks were held out (zoo.heldOut: 0), so nothing says how far a fresh network lies, or what it is worth.",
        ]
      : []),
    ...(metric === null
      ? []
      : failed > 0
        ? [
            `${failed} of ${samples.values.length} samples could not be measured; they count as not reaching the acceptance threshold.`,
          ]
        : []),
    ...(metric !== null && held.length > 0 && lost.length > 0 && better(mean(lost), mean(held))
      ? [
          `Networks whose generated numbers are shuffled are worth as much as held-out ones: ${metric.name} does not depend on what is generated, or --better is the wrong way round.`,
        ]
      : []),
    ...(metric !== null && known(originals.values).length === 0 ? ["None of the originals could be measured."] : []),
  ];
}
