/** What a verdict follows from, which the rules and their wording share. */
import type { BaselineFamily, Copies, Interval, Pull } from "../../records/index.ts";

/** What decides of seen against unseen; fresh networks are there for scale. */
export type DecidingPull = Omit<Pull, "fresh">;

/** What the verdict follows from. Scores are turned so that greater is better. */
export interface VerdictFacts {
  /** Number of networks of each kind. */
  readonly counts: { readonly originals: number; readonly heldOut: number; readonly samples: number };
  readonly originalsDiffer: boolean;
  /**
   * Scores on the selection split: the acceptance threshold, without learning, and of the median
   * sample.
   */
  readonly acceptanceThreshold: number;
  readonly chance: number;
  /** Whether a network without learning was measured; else `chance` stands for nothing. */
  readonly chanceKnown: boolean;
  readonly medianSample: number;
  /** Samples that repeat an original; near ones lie within `radius`, in units of `distance`. */
  readonly copies: Copies;
  readonly radius: number;
  /** Data-copying statistic, and its permutation p; decide only where there is no `pull`. */
  readonly zu: number;
  readonly p: number;
  /**
   * The samples' median distance divided by that of held-out networks, and by their 95th
   * percentile.
   */
  readonly distance: number;
  readonly farthest: number;
  /**
   * Isolation: permutation p, and ratio of medians. It is small where one original is much nearer
   * than all others but its neighbours.
   */
  readonly isolation: { readonly p: number; readonly share: number };
  /** Seen against unseen networks; null where networks were not trained separately. */
  readonly pull: DecidingPull | null;
  /** Distance of samples to the nearest other one, as a share of that of fresh networks. */
  readonly collapse: number;
  /** Whether samples lie as near to the mean of the originals as averages do. */
  readonly nearMean: boolean;
  /**
   * Excess at matched distance over every kind of baseline that reaches so far, the best baseline
   * first.
   */
  readonly excess: readonly { readonly family: BaselineFamily; readonly excess: Interval }[];
  readonly averagingSignature: boolean;
  /** Shares that reach the acceptance threshold, and what samples lack to held-out networks. */
  readonly performance: { readonly samples: Interval; readonly heldOut: number; readonly gap: number };
  /** Whether copies would be found in whatever order and scale their hidden units stand. */
  readonly findsMovedCopies: boolean;
}
