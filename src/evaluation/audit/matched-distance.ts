/**
 * Scores at matched distance. Networks near the originals score well, so a sample is compared with
 * a baseline's networks that lie as far from the originals as it does, not with the best of the
 * baseline.
 */
import { yieldToEvents } from "../../event-loop.ts";
import { foldIn, integers, type Key } from "../../random/index.ts";
import type { Excess } from "../../records/index.ts";
import { meanDeviations, percentileInterval, quantiles, ROUNDS, wrongShare } from "../bootstrap.ts";
import type { Mistakes } from "../similarity.ts";
import { mean } from "../statistics.ts";

/** Networks with their scores and their distances to the nearest original. */
export interface Placed {
  readonly distance: ArrayLike<number>;
  /** Scores, the greater the better. */
  readonly values: ArrayLike<number>;
  /** Mistakes on the test split, whose accuracies are `values`; for all groups or for none. */
  readonly test?: Mistakes;
}

/** What is compared. */
export interface MatchedOptions {
  readonly samples: Placed;
  /** A baseline at several strengths: averages of 2, 4, 8 … */
  readonly settings: readonly (Placed & { readonly name: string })[];
  readonly key: Key;
  readonly signal?: AbortSignal | undefined;
}

/** By how much samples are better than one kind of baseline. */
export type Matched = Pick<Excess, "through" | "excess" | "exact" | "beyond">;

/**
 * Share of the distance by which a baseline may lie nearer than a sample: distances of one setting
 * scatter.
 */
export const TOLERANCE = 0.05;

/** One setting of a baseline, by its median distance and mean score. */
interface Vertex extends Placed {
  readonly name: string;
  readonly at: number;
  readonly mean: number;
}

/**
 * The frontier of a baseline: what it reaches at a distance or farther out. It is the upper convex
 * hull of its settings, to the right of the highest one. A mixture of two settings reaches every
 * point on the line between them.
 */
function frontier(settings: readonly (Placed & { readonly name: string })[]): Vertex[] {
  const sorted = settings
    .map((setting): Vertex => ({ ...setting, at: quantiles(setting.distance).median, mean: mean(setting.values) }))
    .filter(({ at }) => Number.isFinite(at))
    .sort((a, b) => a.at - b.at || a.mean - b.mean);
  const hull: Vertex[] = [];
  for (const vertex of sorted) {
    // A setting is dropped if it lies under the line between its neighbours, or if the next one is
    // both farther out and better.
    while (hull.length > 0 && (hull.at(-1)!.mean <= vertex.mean || isUnder(hull.at(-2), hull.at(-1)!, vertex)))
      hull.pop();
    hull.push(vertex);
  }
  return hull;
}

function isUnder(before: Vertex | undefined, middle: Vertex, after: Vertex): boolean {
  if (before === undefined || after.at === before.at) return false;
  const share = (middle.at - before.at) / (after.at - before.at);
  return middle.mean <= (1 - share) * before.mean + share * after.mean;
}

/** Where a sample lies on a frontier: between two of its settings, or at one. */
interface Place {
  readonly low: number;
  readonly high: number;
  /** Weight of `high`, from 0 to 1. */
  readonly weight: number;
}

function placeOn(distances: readonly number[], distance: number): Place {
  const high = distances.findIndex((at) => at >= distance);
  if (high === 0) return { low: 0, high: 0, weight: 0 };
  if (high < 0) return { low: distances.length - 1, high: distances.length - 1, weight: 0 };
  const [from, to] = [distances[high - 1]!, distances[high]!];
  return { low: high - 1, high, weight: (distance - from) / (to - from) };
}

/**
 * What the test images add to each replicate, `[rounds]`. For fixed places the excess is one linear
 * contrast of how wrong the networks are on each image.
 * @param weights the weights of the settings by name.
 */
async function imageDeviations(
  { samples, settings, key, signal }: MatchedOptions,
  weights: ReadonlyMap<string, number>,
): Promise<Float64Array> {
  if (samples.test === undefined) return new Float64Array(ROUNDS);
  const contrast = wrongShare(samples.test).map((share) => -share);
  for (const { name, test } of settings) {
    const weight = weights.get(name) ?? 0;
    if (weight === 0 || test === undefined) continue;
    const share = wrongShare(test);
    for (let i = 0; i < contrast.length; i++) contrast[i]! += weight * share[i]!;
  }
  return meanDeviations(contrast, foldIn(key, "images"), { signal });
}

/**
 * The mean excess of samples over a baseline's frontier, in units of the scores. The interval
 * resamples samples, the networks of each setting and, where there are predictions, test images;
 * the frontier's settings and their distances stay.
 * @throws Interrupted when the signal aborts.
 */
export async function excessAtMatchedDistance(options: MatchedOptions): Promise<Matched> {
  const { samples, settings, key, signal } = options;
  const curve = frontier(settings);
  const n = samples.values.length;
  const redrawn: Redrawn[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await yieldToEvents(signal);
    redrawn.push({
      means: curve.map(({ values }, s) => {
        const members = integers(foldIn(key, "setting", s, round), values.length, values.length);
        let sum = 0;
        for (const k of members) sum += values[k]!;
        return sum / values.length;
      }),
      samples: integers(foldIn(key, "samples", round), n, n),
    });
  }
  const granted = await excessOver(curve, TOLERANCE, options, redrawn);
  return { ...granted, exact: (await excessOver(curve, 0, options, redrawn)).excess };
}

/**
 * One bootstrap round: means of the settings in the order of the frontier, and indices of samples.
 */
interface Redrawn {
  readonly means: readonly number[];
  readonly samples: ArrayLike<number> & Iterable<number>;
}

/** The excess over a frontier; a setting may lie nearer than a sample by `tolerance`. */
async function excessOver(
  curve: readonly Vertex[],
  tolerance: number,
  options: MatchedOptions,
  redrawn: readonly Redrawn[],
): Promise<Omit<Matched, "exact">> {
  const { samples, signal } = options;
  const distances = curve.map(({ at }) => at);
  const own = samples.values;
  const matched = Array.from(own, (_, i) => (1 - tolerance) * samples.distance[i]!);
  const places = matched.map((distance) => placeOn(distances, distance));
  const baseline = ({ low, high, weight }: Place, means: ArrayLike<number>) =>
    (1 - weight) * means[low]! + weight * means[high]!;
  const means = curve.map((vertex) => vertex.mean);
  const value = mean(own) - mean(places.map((place) => baseline(place, means)));

  const n = own.length;
  const replicates = new Float64Array(redrawn.length);
  for (const [r, round] of redrawn.entries()) {
    await yieldToEvents(signal);
    let sum = 0;
    for (const i of round.samples) sum += own[i]! - baseline(places[i]!, round.means);
    replicates[r] = sum / n;
  }

  const weights = new Map<string, number>();
  const add = (s: number, weight: number) => {
    const { name } = curve[s]!;
    weights.set(name, (weights.get(name) ?? 0) + weight / n);
  };
  for (const { low, high, weight } of places) {
    add(low, 1 - weight);
    add(high, weight);
  }
  const images = await imageDeviations(options, weights);
  const farthest = distances.at(-1)!;
  return {
    through: curve.map(({ name }) => name),
    excess: percentileInterval(
      value,
      replicates.map((replicate, i) => replicate + images[i]!),
    ),
    beyond: mean(matched.map((d) => (d > farthest ? 1 : 0))),
  };
}
