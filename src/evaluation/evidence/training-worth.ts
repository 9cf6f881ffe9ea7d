/**
 * How much training is a network worth? Networks that are trained afresh, from seeds that nothing
 * saw, are the scale: their accuracy by steps. At the same accuracy they also show how much
 * networks of that kind have their mistakes in common.
 */
import { at, last } from "../../lookup.ts";
import { foldIn, type Key } from "../../random/index.ts";
import type { Family, TrainingScale } from "../../records/index.ts";
import { meanDeviations, meanInterval, percentileInterval, ROUNDS, resample } from "../bootstrap.ts";
import { accuracies, type Mistakes, meanWithin, mistakesOf } from "../similarity.ts";
import { mean } from "../statistics.ts";

/** A group whose worth is asked. */
export interface WorthGroup {
  readonly name: string;
  readonly family: Family;
  /** Accuracies on the test split. */
  readonly scores: readonly number[];
  /** Mistakes on the test split. */
  readonly test: Mistakes;
}

/** Networks along their training. */
export interface FreshNetworks {
  /** Steps after which each row was taken, `[rows]`. */
  readonly steps: readonly number[];
  /** Which network each row is, `[rows]`. */
  readonly network: readonly number[];
  /** Mistakes on the test split, `[rows, images]`. */
  readonly test: Mistakes;
}

/**
 * The scale, and the worth of groups on it.
 * @param options `fresh` with every network at every number of steps, the same for all.
 * @throws Interrupted when the signal aborts.
 */
export async function trainingScale({
  fresh,
  groups,
  key,
  signal,
}: {
  readonly fresh: FreshNetworks;
  readonly groups: readonly WorthGroup[];
  readonly key: Key;
  readonly signal?: AbortSignal | undefined;
}): Promise<TrainingScale> {
  const counts = [...new Set(fresh.steps)].sort((a, b) => a - b);
  const each = accuracies(fresh.test);
  const rowsAt = counts.map((steps) =>
    Array.from(fresh.steps.keys())
      .filter((row) => at(fresh.steps, row) === steps)
      .sort((a, b) => at(fresh.network, a) - at(fresh.network, b)),
  );
  const byCount = rowsAt.map((rows) => rows.map((row) => at(each, row)));
  const networks = await resample(at(byCount, 0).length, foldIn(key, "fresh"), { signal });
  const means = byCount.map(mean);
  const deviations = byCount.map((values) => meanDeviations(values, networks));
  const within: number[] = [];
  for (const rows of rowsAt) within.push(await meanWithin(mistakesOf(fresh.test, rows), signal));
  const worth = [];
  for (const { name, family, scores, test } of groups) {
    const accuracy = mean(scores);
    const own = meanDeviations(scores, await resample(scores.length, foldIn(key, "worth", name), { signal }));
    const replicates = Float64Array.from({ length: ROUNDS }, (_, round) =>
      stepsFor(
        accuracy + at(own, round),
        counts,
        means.map((value, i) => value + at(at(deviations, i), round)),
      ),
    );
    const steps = percentileInterval(stepsFor(accuracy, counts, means), replicates);
    worth.push({
      name,
      family,
      accuracy,
      steps,
      within: await meanWithin(test, signal),
      freshWithin: between(Math.log(steps.value), counts.map(Math.log), within),
    });
  }
  return {
    networks: networks.items,
    steps: last(counts),
    fresh: counts.map((steps, i) => ({
      steps,
      accuracy: meanInterval(at(byCount, i), networks),
      within: at(within, i),
    })),
    worth,
  };
}

/**
 * The steps after which networks reach an accuracy: between two numbers of steps, on a straight
 * line over the logarithm of steps. The first number where already that is enough, and the last
 * where none is.
 * @param means accuracy after each of the counts; where it falls, what was reached before counts.
 */
export function stepsFor(accuracy: number, counts: readonly number[], means: readonly number[]): number {
  let reached = at(means, 0);
  if (accuracy <= reached) return at(counts, 0);
  for (let i = 1; i < counts.length; i++) {
    const next = Math.max(reached, at(means, i));
    if (accuracy <= next) {
      const share = (accuracy - reached) / (next - reached);
      const [from, to] = [Math.log(at(counts, i - 1)), Math.log(at(counts, i))];
      return Math.exp(from + share * (to - from));
    }
    reached = next;
  }
  return last(counts);
}

/** The value at x on the straight lines between points of ascending x. */
function between(x: number, xs: readonly number[], values: readonly number[]): number {
  const after = xs.findIndex((end) => x <= end + 1e-9);
  if (after <= 0) return after === 0 ? at(values, 0) : last(values);
  const [from, to] = [at(xs, after - 1), at(xs, after)];
  const share = (x - from) / (to - from);
  return (1 - share) * at(values, after - 1) + share * at(values, after);
}
