/**
 * Do samples lie nearer to the training set than fresh networks do? The data-copying statistic of
 * Meehan, Chaudhuri and Dasgupta, "A Non-Parametric Test to Detect Data-Copying in Generative
 * Models" (AISTATS 2020), of distances to the nearest training network, with a permutation test:
 * its distribution when samples and held-out networks change places at random.
 */
import { yieldToEvents } from "../event-loop.ts";
import { foldIn, type Key, permutation } from "../random/index.ts";
import type { Audit } from "../records/index.ts";
import { quantiles, ROUNDS } from "./bootstrap.ts";
import type { Distances } from "./nearest-distance.ts";

/**
 * Ranks from 1 in the order of the values. Equal values share the mean of their ranks; NaN is the
 * greatest.
 */
export function midRanks(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const sorted = Float64Array.from(values).sort();
  /**
   * Number of values below x, or up to x if `equals` count. NaN is below nothing, as in the sorted
   * array.
   */
  const below = (x: number, equals: boolean) => {
    let [low, high] = [0, n];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const y = sorted[middle]!;
      const before = Number.isNaN(x) ? equals || !Number.isNaN(y) : equals ? y <= x : y < x;
      if (before) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return Float64Array.from(values, (x) => (below(x, false) + 1 + below(x, true)) / 2);
}

/**
 * Mann–Whitney U of the first `n` ranked values against the others, from the sum of their ranks.
 */
const uOf = (rankSum: number, n: number) => rankSum - (n * (n + 1)) / 2;

/**
 * Mann–Whitney U: the number of pairs of a value of `a` and one of `b` in which the first is
 * greater, from 0 to a.length × b.length; ties count ½. O(n log n).
 */
export function mannWhitney(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const ranks = midRanks(joined(a, b));
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ranks[i]!;
  return uOf(sum, a.length);
}

function joined(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const all = new Float64Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/**
 * Whether samples copy: the statistic, its percentiles by chance, and its permutation p in (0, 1].
 */
export type Copying = Pick<Audit["copying"], "zu" | "null" | "p">;

/**
 * Z_U = (U − (nm/2 − ½)) / √(nm (n + m + 1) / 12), where U counts the pairs in which a sample lies
 * farther than a held-out network. This is the published formula: ½ is the continuity correction,
 * and the variance ignores ties. The permutation test needs neither assumption.
 * @param options.samples distances of n ≥ 1 samples to their nearest training network; NaN counts
 *   as the farthest.
 * @param options.heldOut distances of m ≥ 1 held-out networks.
 * @param options.rounds number of permutations.
 * @throws RangeError if a group is empty.
 * @throws Interrupted when the signal aborts.
 */
export async function copying({
  samples,
  heldOut,
  key,
  rounds = ROUNDS,
  signal,
}: {
  samples: ArrayLike<number>;
  heldOut: ArrayLike<number>;
  key: Key;
  rounds?: number;
  signal?: AbortSignal | undefined;
}): Promise<Copying> {
  const n = samples.length;
  const m = heldOut.length;
  if (n === 0 || m === 0) throw new RangeError(`distances of samples and of held-out networks, got ${n} and ${m}`);
  const ranks = midRanks(joined(samples, heldOut));
  const sd = Math.sqrt((n * m * (n + m + 1)) / 12);
  /** The statistic if the first n of an order are the samples. */
  const statistic = (order: (i: number) => number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += ranks[order(i)]!;
    return (uOf(sum, n) - ((n * m) / 2 - 0.5)) / sd;
  };
  const zu = statistic((i) => i);
  const exchanged = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    await yieldToEvents(signal);
    const order = permutation(foldIn(key, round), n + m);
    exchanged[round] = statistic((i) => order[i]!);
  }
  let atMost = 0;
  for (const z of exchanged) if (z <= zu) atMost++;
  return { zu, null: quantiles(exchanged), p: (1 + atMost) / (1 + rounds) };
}

/** How near samples lie to the originals, compared with held-out networks. */
export interface Nearness extends Copying {
  /** Median distance of the samples divided by that of the held-out networks. */
  readonly distance: number;
  /** Isolation: ratio of medians, and permutation p-value. */
  readonly isolation: { readonly p: number; readonly share: number };
}

/**
 * Tests whether samples lie nearer to the originals than fresh networks do, and nearer to a single
 * one of them.
 * @throws Interrupted when the signal aborts.
 */
export async function nearness(
  samples: Pick<Distances, "standardised" | "isolation">,
  fresh: Pick<Distances, "standardised" | "isolation">,
  key: Key,
  signal?: AbortSignal,
): Promise<Nearness> {
  const share = (of: "standardised" | "isolation") => quantiles(samples[of]).median / quantiles(fresh[of]).median;
  const statistic = await copying({ samples: samples.standardised, heldOut: fresh.standardised, key, signal });
  const { p } = await copying({
    samples: samples.isolation,
    heldOut: fresh.isolation,
    key: foldIn(key, "isolation"),
    signal,
  });
  return { ...statistic, distance: share("standardised"), isolation: { p, share: share("isolation") } };
}
