/**
 * Are samples nearer to what was learned from than to networks of the same process that nothing
 * saw? Without copying the odds are even, whatever else is wrong with the samples: less training,
 * shrinkage and noise move them towards or away from both kinds alike. The comparison of training
 * set and fresh data follows Meehan, Chaudhuri and Dasgupta (AISTATS 2020).
 */
import { at } from "../lookup.ts";
import { foldIn, type Key, permutation } from "../random/index.ts";
import type { Pull } from "../records/index.ts";
import { ROUNDS } from "./bootstrap.ts";
import type { NearestOf } from "./nearest-distance.ts";

/** The nearest networks of a group among those seen and those unseen. */
export interface SeenAndUnseen {
  readonly seen: NearestOf;
  readonly unseen: NearestOf;
}

/** Numbers of networks that are compared with. */
export interface PoolSizes {
  readonly seen: number;
  readonly unseen: number;
}

/** How often an unseen network is the nearest of all, and which networks are nearest how often. */
function tally({ seen, unseen }: SeenAndUnseen, sizes: PoolSizes) {
  const counts = new Int32Array(sizes.seen + sizes.unseen);
  let nearestUnseen = 0;
  let networks = 0;
  Array.from(seen.distance).forEach((distance, i) => {
    const other = at(unseen.distance, i);
    if (!Number.isFinite(distance) && !Number.isFinite(other)) return;
    networks++;
    const isSeen = distance < other;
    if (!isSeen) nearestUnseen++;
    counts[isSeen ? at(seen.index, i) : sizes.seen + at(unseen.index, i)]! += 1;
  });
  return { counts, nearestUnseen, networks };
}

/**
 * The share of networks that would lie nearer to a seen network than to an unseen one, if there
 * were as many of both: ½ where nothing holds on to what was learned from. NaN without networks.
 */
export function seenShare(group: SeenAndUnseen, sizes: PoolSizes): number {
  const { nearestUnseen, networks } = tally(group, sizes);
  if (networks === 0) return Number.NaN;
  // Half a network more on either side keeps the odds finite (Haldane and Anscombe).
  const odds = ((networks - nearestUnseen + 0.5) * sizes.unseen) / ((nearestUnseen + 0.5) * sizes.seen);
  return odds / (1 + odds);
}

/**
 * How much the samples are pulled towards what was learned from. The permutation test draws at
 * random which networks of the pool count as unseen, so that it knows how much the odds depend on
 * the networks that happen to be in it.
 */
export function pullOf(
  samples: SeenAndUnseen,
  sizes: PoolSizes,
  key: Key,
): Pick<Pull, "share" | "p" | "seen" | "unseen"> {
  const { counts, nearestUnseen } = tally(samples, sizes);
  let atMost = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const order = permutation(foldIn(key, round), counts.length);
    let sum = 0;
    for (let i = 0; i < sizes.unseen; i++) sum += at(counts, at(order, i));
    if (sum <= nearestUnseen) atMost++;
  }
  return { share: seenShare(samples, sizes), p: (1 + atMost) / (1 + ROUNDS), ...sizes };
}
