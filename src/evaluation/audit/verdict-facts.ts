/** What a verdict follows from, which the rules and their wording share. */
import type { BaselineFamily, Interval } from "../../records/index.ts";

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
  /**
   * Number of samples within `radius` of one original and far from all others. The radius is in
   * units of the median distance of held-out networks.
   */
  readonly nearDuplicates: number;
  readonly radius: number;
  /**
   * Data-copying statistic, its permutation p, and the median distance of samples divided by that
   * of held-out networks.
   */
  readonly zu: number;
  readonly p: number;
  readonly distance: number;
  /**
   * Isolation: permutation p, and ratio of medians. It is small where one original is much nearer
   * than all others but its neighbours.
   */
  readonly isolation: { readonly p: number; readonly share: number };
  /**
   * Excess at matched distance over every kind of baseline that reaches so far, the best baseline
   * first.
   */
  readonly excess: readonly { readonly family: BaselineFamily; readonly excess: Interval }[];
  readonly averagingSignature: boolean;
  /**
   * Shares of samples and held-out networks that reach the acceptance threshold and lie farther out
   * than originals lie from one another.
   */
  readonly novel: { readonly samples: Interval; readonly heldOut: number };
}
