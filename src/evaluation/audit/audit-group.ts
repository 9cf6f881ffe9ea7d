/** One row of the audit's table: the scores, distances and similarities of a group of networks. */
import { foldIn, type Key } from "../../random/index.ts";
import type { AuditGroup, Family, Metric } from "../../records/index.ts";
import { accuracyInterval, meanInterval, quantiles, type Resamples, resample } from "../bootstrap.ts";
import { greatest, kappa, type Mistakes, meanBetween, meanWithin } from "../similarity.ts";
import { finite, mean, spread } from "../statistics.ts";
import type { AuditedGroup } from "./audit-input.ts";

/** A group under the name that the audit shows. */
export interface NamedGroup {
  readonly name: string;
  readonly family: Family;
  readonly group: AuditedGroup;
}

/** What all groups are measured with. */
export interface GroupScale {
  readonly metric: Metric | null;
  /** Turns scores so that greater is better, and back. */
  readonly utility: (score: number) => number;
  /** The acceptance threshold for scores, as a utility; undefined where there is none. */
  readonly threshold: number | undefined;
  /** The unit of distances. */
  readonly unit: number;
  /** Median distance of originals to the nearest other one. */
  readonly ownDistance: number;
  readonly key: Key;
  /** Resamplings of the test images; undefined without predictions. */
  readonly images: Resamples | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Multiples of the originals' own distance beyond which networks count as novel. */
const TAUS = [1, 2, 3, 4, 6];

/**
 * Describes a group beside the originals.
 * @throws Interrupted when the signal aborts.
 */
export async function describeGroup(
  { name, family, group }: NamedGroup,
  originals: Pick<AuditedGroup, "test">,
  scale: GroupScale,
): Promise<AuditGroup> {
  const { metric, unit } = scale;
  const scored = group.scores.filter((score) => score !== null);
  const distance = Array.from(group.standardised?.map((d) => d / unit) ?? []);
  const mistakes =
    group.test === undefined || originals.test === undefined
      ? undefined
      : await mistakesBeside(group.test, originals.test, {
          areOriginals: family === "originals",
          signal: scale.signal,
        });
  return {
    name,
    family,
    count: group.scores.length,
    failed: metric === null ? 0 : group.scores.length - scored.length,
    score: metric === null || scored.length === 0 ? null : await scoreOf(name, group, scored, scale),
    raw: quantiles(finite(group.raw ?? [])),
    distance: quantiles(finite(distance)),
    similarity: mistakes?.similarity ?? null,
    kappa: mistakes?.kappa ?? Number.NaN,
    novel: novelOf(group, scale),
    points: { score: group.scores, distance, greatest: mistakes?.greatest ?? [] },
  };
}

/**
 * Summary of the scores. The interval of the mean is over images as well if there are predictions.
 */
async function scoreOf(
  name: string,
  { test }: AuditedGroup,
  scored: readonly number[],
  { utility, images, key, signal }: GroupScale,
) {
  const { median, best, sd } = spread(scored.map(utility));
  const networks = await resample(scored.length, foldIn(key, "mean", name), { signal });
  return {
    mean:
      test === undefined || images === undefined
        ? meanInterval(scored, networks)
        : accuracyInterval(test, networks, images),
    median: utility(median),
    best: utility(best),
    sd,
  };
}

/** How much the mistakes of a group resemble those of the originals. */
async function mistakesBeside(
  test: Mistakes,
  originals: Mistakes,
  { areOriginals, signal }: { readonly areOriginals: boolean; readonly signal: AbortSignal | undefined },
) {
  const similar = await greatest(test, originals, signal);
  const agreement = Array.from(similar.index, (j, i) => (j < 0 ? Number.NaN : kappa(test, i, originals, j)));
  const within = await meanWithin(test, signal);
  return {
    similarity: {
      within,
      toOriginals: areOriginals ? within : await meanBetween(test, originals, signal),
      greatest: mean(similar.similarity),
    },
    kappa: mean(agreement),
    greatest: [...similar.similarity],
  };
}

/**
 * Shares that reach the threshold and lie farther than τ times the distance between originals, by
 * τ.
 */
function novelOf({ scores, standardised }: AuditedGroup, { utility, threshold, ownDistance }: GroupScale) {
  if (threshold === undefined) return {};
  const shares = TAUS.map((tau) => {
    const novel = scores.filter(
      (score, i) => score !== null && utility(score) >= threshold && (standardised?.[i] ?? 0) > tau * ownDistance,
    );
    return [String(tau), novel.length / scores.length] as const;
  });
  return Object.fromEntries(shares);
}
