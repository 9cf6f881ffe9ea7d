/**
 * Scores at matched distance. Networks near the originals score well, so a sample is compared with
 * a baseline's networks that lie as far from the originals as it does, not with the best of the
 * baseline.
 */

import { yieldToEvents } from "../../event-loop.ts";
import { at, last } from "../../lookup.ts";
import { quantile } from "../../numeric/index.ts";
import { foldIn, integers, type Key } from "../../random/index.ts";
import type { Excess } from "../../records/index.ts";
import { meanDeviations, percentileInterval, type Resamples, ROUNDS, wrongShare } from "../bootstrap.ts";
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
  /** Resamplings of the test images, where there are predictions. */
  readonly images?: Resamples | undefined;
  readonly key: Key;
  /** Number of resamplings, as many as those of the test images; 1000 by default. */
  readonly rounds?: number;
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
interface Vertex {
  /** The setting's place in the list. */
  readonly setting: number;
  readonly at: number;
  readonly mean: number;
}

/**
 * The frontier of a baseline: what it reaches at a distance or farther out. It is the upper convex
 * hull of its settings, to the right of the highest one. A mixture of two settings reaches every
 * point on the line between them.
 */
function frontier(settings: readonly Vertex[]): Vertex[] {
  const sorted = settings.filter(({ at }) => Number.isFinite(at)).sort((a, b) => a.at - b.at || a.mean - b.mean);
  const hull: Vertex[] = [];
  for (const vertex of sorted) {
    // A setting is dropped if it lies under the line between its neighbours, or if the next one is
    // both farther out and better.
    while (hull.length > 0 && (last(hull).mean <= vertex.mean || isUnder(hull.at(-2), last(hull), vertex))) hull.pop();
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

function placeOn(curve: readonly Vertex[], distance: number): Place {
  const high = curve.findIndex(({ at }) => at >= distance);
  if (high === 0) return { low: 0, high: 0, weight: 0 };
  if (high < 0) return { low: curve.length - 1, high: curve.length - 1, weight: 0 };
  const [from, to] = [at(curve, high - 1).at, at(curve, high).at];
  return { low: high - 1, high, weight: (distance - from) / (to - from) };
}

/** The score that a frontier has at a distance. */
function scoreAt(curve: readonly Vertex[], distance: number): number {
  const { low, high, weight } = placeOn(curve, distance);
  return (1 - weight) * at(curve, low).mean + weight * at(curve, high).mean;
}

/**
 * What the test images add to each replicate, `[rounds]`. For fixed places the excess is one linear
 * contrast of how wrong the networks are on each image.
 * @param weights the weights of the settings by name.
 */
function imageDeviations(
  { samples, settings, images, rounds = ROUNDS }: MatchedOptions,
  weights: ReadonlyMap<string, number>,
): Float64Array {
  if (samples.test === undefined || images === undefined) return new Float64Array(rounds);
  const contrast = wrongShare(samples.test).map((share) => -share);
  for (const { name, test } of settings) {
    const weight = weights.get(name) ?? 0;
    if (weight === 0 || test === undefined) continue;
    const share = wrongShare(test);
    for (let i = 0; i < contrast.length; i++) contrast[i]! += weight * share[i]!;
  }
  return meanDeviations(contrast, images);
}

/**
 * The mean excess of samples over a baseline's frontier, in units of the scores. The interval
 * resamples samples, the networks of each setting with their distances, so that the frontier moves
 * as well, and, where there are predictions, test images.
 * @throws Interrupted when the signal aborts.
 */
export async function excessAtMatchedDistance(options: MatchedOptions): Promise<Matched> {
  const { samples, settings, key, rounds = ROUNDS, signal } = options;
  const n = samples.values.length;
  const redrawn: Redrawn[] = [];
  for (let round = 0; round < rounds; round++) {
    await yieldToEvents(signal);
    redrawn.push({
      curve: frontier(
        settings.map((setting, s) => {
          const { length } = setting.values;
          return vertexOf(setting, s, integers(foldIn(key, "setting", s, round), length, length));
        }),
      ),
      samples: integers(foldIn(key, "samples", round), n, n),
    });
  }
  const curve = frontier(settings.map((setting, s) => vertexOf(setting, s)));
  const granted = await excessOver(curve, TOLERANCE, options, redrawn);
  return { ...granted, exact: (await excessOver(curve, 0, options, redrawn)).excess };
}

/** A setting as a point: all of its networks, or some of them, one perhaps several times. */
function vertexOf({ distance, values }: Placed, setting: number, members?: ArrayLike<number>): Vertex {
  const count = members?.length ?? values.length;
  const distances = new Float64Array(count);
  let sum = 0;
  for (let k = 0; k < count; k++) {
    const member = members === undefined ? k : members[k]!;
    distances[k] = distance[member]!;
    sum += values[member]!;
  }
  return { setting, at: quantile(distances.sort(), 0.5), mean: sum / count };
}

/** One bootstrap round: the frontier of redrawn settings, and indices of samples. */
interface Redrawn {
  readonly curve: readonly Vertex[];
  readonly samples: ArrayLike<number> & Iterable<number>;
}

/** The excess over a frontier; a setting may lie nearer than a sample by `tolerance`. */
async function excessOver(
  curve: readonly Vertex[],
  tolerance: number,
  options: MatchedOptions,
  redrawn: readonly Redrawn[],
): Promise<Omit<Matched, "exact">> {
  const { samples, settings, signal } = options;
  const own = samples.values;
  const n = own.length;
  const matched = Array.from(own, (_, i) => (1 - tolerance) * at(samples.distance, i));
  const value = mean(own) - mean(matched.map((distance) => scoreAt(curve, distance)));
  const replicates = new Float64Array(redrawn.length);
  for (const [r, round] of redrawn.entries()) {
    await yieldToEvents(signal);
    let sum = 0;
    for (const i of round.samples) sum += at(own, i) - scoreAt(round.curve, at(matched, i));
    replicates[r] = sum / n;
  }

  const weights = new Map<string, number>();
  const nameOf = (s: number) => at(settings, at(curve, s).setting).name;
  const add = (s: number, weight: number) => weights.set(nameOf(s), (weights.get(nameOf(s)) ?? 0) + weight / n);
  for (const distance of matched) {
    const { low, high, weight } = placeOn(curve, distance);
    add(low, 1 - weight);
    add(high, weight);
  }
  const images = imageDeviations(options, weights);
  const farthest = last(curve).at;
  return {
    through: curve.map((_, s) => nameOf(s)),
    excess: percentileInterval(
      value,
      replicates.map((replicate, i) => replicate + at(images, i)),
    ),
    beyond: mean(matched.map((d) => (d > farthest ? 1 : 0))),
  };
}
