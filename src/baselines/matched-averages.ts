/**
 * Averages of originals whose hidden units are matched with one another first. Networks of separate
 * trainings average better the better their units fit (Ainsworth, Hayase and Srinivasa, "Git
 * Re-Basin", 2023), so a generator has to beat these and not only averages in the common order.
 */
import { yieldToEvents } from "../event-loop.ts";
import { at, given } from "../lookup.ts";
import { squaredDistance } from "../numeric/index.ts";
import { foldIn, integers, permutation } from "../random/index.ts";
import { averagesOf } from "./average.ts";
import type { BaselinePart } from "./baseline.ts";
import { wholeNumber } from "./numbers.ts";
import { row, type Vectors } from "./vectors.ts";

/** The average of two originals, the units of one matched to those of the other. */
export const pairAverage: BaselinePart = {
  type: "pair-average",
  description: "the average of two random originals, whose hidden units are matched with one another",
  family: "average",
  space: "units",
  needs: () => 2,
  async draw(_, originals, { count, key, matching, signal }) {
    const { dimension } = originals;
    const { matchedTo } = given(matching);
    const out = new Float32Array(count * dimension);
    for (let i = 0; i < count; i++) {
      await yieldToEvents(signal);
      const [first = 0, second = 0] = permutation(foldIn(key, i), originals.count);
      const [a, b] = [row(originals, first), (await matchedTo(second, first)).plain];
      out.set(
        a.map((x, j) => (x + at(b, j)) / 2),
        i * dimension,
      );
    }
    return out;
  },
};

/** The average of k originals, all of which are matched to the mean of all first. */
export const matchedAverage: BaselinePart<number> = {
  type: "matched-average",
  description: "the average of k random originals, whose hidden units are matched to the mean of all",
  family: "average",
  space: "units",
  number: wholeNumber(2).default(16),
  needs: (k) => k,
  async draw(k, _, options) {
    const { plain } = await given(options.matching).matchedToMean();
    return averagesOf(k, plain, options);
  },
};

/** The share of the original itself in an average with its nearest ones. */
const OWN = 0.2;

/** Originals that are matched, for each of the nearest ones that are taken. */
const CANDIDATES = 3;

/** An original averaged with its n nearest ones, whose units are matched to its own. */
export const localAverage: BaselinePart<number> = {
  type: "local-average",
  description: "a random original (weight 0.2) with its n nearest ones, whose hidden units are matched to its own",
  family: "average",
  space: "units",
  number: wholeNumber(1).default(8),
  needs: (n) => n + 1,
  async draw(n, originals, { count, key, matching, signal }) {
    const { dimension } = originals;
    const { matchedTo, originals: weighed } = given(matching);
    const { byEffect } = await weighed();
    const out = new Float32Array(count * dimension);
    for (let i = 0; i < count; i++) {
      await yieldToEvents(signal);
      const chosen = at(integers(foldIn(key, i), 1, originals.count), 0);
      const near = nearestTo(byEffect, chosen).slice(0, CANDIDATES * n);
      const matched = [];
      for (const other of near) matched.push(await matchedTo(other, chosen));
      const nearest = matched.sort((a, b) => a.distance - b.distance).slice(0, n);
      const own = row(originals, chosen);
      const child = out.subarray(i * dimension, (i + 1) * dimension);
      child.set(own.map((x) => OWN * x));
      for (const { plain } of nearest) for (let j = 0; j < dimension; j++) child[j]! += ((1 - OWN) / n) * plain[j]!;
    }
    return out;
  },
};

/** All other vectors, nearest first. */
function nearestTo(vectors: Vectors, chosen: number): number[] {
  const own = row(vectors, chosen);
  const squared = Float64Array.from({ length: vectors.count }, (_, k) => squaredDistance(own, row(vectors, k)));
  return Array.from(squared.keys())
    .filter((k) => k !== chosen)
    .sort((a, b) => at(squared, a) - at(squared, b));
}
