/**
 * Which networks repeat an original: they lie near it and far from all others, or they make its
 * mistakes and nearly no others. The second finds copies that a symmetry has moved far away. The
 * counts are compared with those among networks that cannot be copies, by Fisher's exact test.
 */
import { at } from "../lookup.ts";
import type { Copies } from "../records/index.ts";
import type { Distances } from "./nearest-distance.ts";
import { greatest, type Mistakes } from "./similarity.ts";

/**
 * A near-duplicate lies within this share of the distance of fresh networks, and within this share
 * of its distance to any other original but its nearest one's neighbours. Averages may lie close to
 * the originals, too, but to no single one of them.
 */
export const DUPLICATE = 0.5;

/** A group in which copies are counted. */
export interface CopyGroup {
  readonly distances: Pick<Distances, "standardised" | "isolation">;
  /** The greatest IoU of its mistakes with those of any other original; where there are any. */
  readonly greatest?: ArrayLike<number>;
}

/** Whether each network is a near-duplicate of an original. */
const isNear = ({ standardised, isolation }: CopyGroup["distances"], radius: number): boolean[] =>
  Array.from(standardised, (distance, i) => distance <= radius && at(isolation, i) < DUPLICATE);

/** The greatest IoU of each network with an original other than itself. */
export const greatestWith = async (
  test: Mistakes | undefined,
  originals: Mistakes | undefined,
  signal?: AbortSignal,
): Promise<Float32Array | undefined> =>
  test === undefined || originals === undefined ? undefined : (await greatest(test, originals, signal)).similarity;

/**
 * Counts the samples that repeat an original.
 * @param fresh groups that cannot be copies: held-out networks and, where they were trained
 *   separately, the originals themselves, each beside all others.
 * @param radius of near-duplicates, in the unit of the distances.
 */
export function countCopies(samples: CopyGroup, fresh: readonly CopyGroup[], radius: number): Copies {
  const similar = fresh.flatMap((group) => Array.from(group.greatest ?? [])).filter(Number.isFinite);
  // Halfway from the most alike of fresh networks to the same mistakes.
  const alike = similar.length === 0 ? Number.NaN : (1 + Math.max(...similar)) / 2;
  const nearIn = (group: CopyGroup) => isNear(group.distances, radius);
  const alikeIn = (group: CopyGroup) =>
    Array.from(group.distances.standardised, (_, i) => (group.greatest?.[i] ?? 0) >= alike);
  const count = (flags: readonly boolean[]) => flags.filter(Boolean).length;
  const tested = (flagsIn: (group: CopyGroup) => boolean[]) => {
    const [own, others] = [flagsIn(samples), fresh.flatMap(flagsIn)];
    return { own, others, p: fisher(count(own), own.length, count(others), others.length) };
  };
  const [near, same] = [tested(nearIn), tested(alikeIn)];
  // Where any fresh network is as alike, mistakes tell nothing.
  const telling = count(same.others) === 0 && same.p < TELLING;
  const joined = (which: "own" | "others") => near[which].map((flag, i) => flag || (telling && at(same[which], i)));
  return {
    near: count(near.own),
    alike: count(same.own),
    count: count(joined("own")),
    samples: near.own.length,
    similarity: alike,
    fresh: { count: count(joined("others")), networks: near.others.length },
    // Two tests, so each must be half as likely (Bonferroni).
    p: Math.min(1, 2 * Math.min(near.p, telling ? same.p : 1)),
  };
}

/** Alike networks count as copies where their number by chance is less likely than this. */
const TELLING = 0.005;

/**
 * Fisher's exact test, one-sided: the probability of at least `a` marked among `n`, where `a + b`
 * of `n + m` are marked and any `n` of them might be the first group.
 */
export function fisher(a: number, n: number, b: number, m: number): number {
  const marked = a + b;
  let sum = 0;
  for (let k = a; k <= Math.min(n, marked); k++) {
    if (marked - k > m) continue;
    sum += Math.exp(logChoose(n, k) + logChoose(m, marked - k) - logChoose(n + m, marked));
  }
  return Math.min(1, sum);
}

function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}
