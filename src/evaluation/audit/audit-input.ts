/**
 * What the audit's statistics follow from: groups of networks with scores, mistakes and distances.
 */
import type { Key } from "../../random/index.ts";
import type { BaselineFamily, Metric } from "../../records/index.ts";
import type { Distances } from "../nearest-distance.ts";
import type { PoolSizes, SeenAndUnseen } from "../seen-unseen.ts";
import type { Mistakes } from "../similarity.ts";

/** A group of networks; without distances where its networks have other tensors. */
export interface AuditedGroup extends Partial<Distances> {
  /** One score for each network, null where the metric failed. */
  readonly scores: readonly (number | null)[];
  /** Mistakes on the test split, where the networks are classifiers that can be run here. */
  readonly test?: Mistakes;
  /** Mistakes on the selection split; of originals, held-out networks and samples. */
  readonly selection?: Mistakes;
}

/** A group whose networks have the generated tensors. */
export type PlacedGroup = AuditedGroup &
  Distances & {
    /** Which original is nearest to each network, where it was measured; −1 where none is. */
    readonly index?: ArrayLike<number>;
    /** Distance of each network to the nearest other one of the group, where it was measured. */
    readonly apart?: ArrayLike<number>;
  };

/** What the audit's statistics follow from. */
export interface AuditInput {
  /** Null where nothing scores the networks: then all scores are null. */
  readonly metric: Metric | null;
  readonly originals: PlacedGroup;
  /** Undefined where no networks were held out. */
  readonly heldOut: PlacedGroup | undefined;
  readonly samples: PlacedGroup;
  readonly references?: AuditedGroup | undefined;
  readonly reconstructions?: AuditedGroup | undefined;
  readonly fineTuned?: AuditedGroup | undefined;
  /** Originals with parameters shuffled within each tensor: networks without what was learned. */
  readonly shuffled?: PlacedGroup | undefined;
  readonly baselines: readonly (PlacedGroup & { readonly name: string; readonly family: BaselineFamily })[];
  /** Draws of baselines that were trained a little, for scale: no verdict follows from them. */
  readonly trained?: readonly (PlacedGroup & { readonly name: string })[] | undefined;
  /** The threshold that was set before sampling; else held-out networks set it, or originals. */
  readonly acceptanceThreshold?: number | undefined;
  /** Score without learning; where undefined, the median of `shuffled`. */
  readonly chance?: number | undefined;
  /**
   * The nearest networks of samples and baselines among those seen and as many or fewer unseen;
   * where networks were trained separately and some were held out.
   */
  readonly pool?: {
    readonly sizes: PoolSizes;
    readonly samples: SeenAndUnseen;
    /** Networks that were trained afresh, for scale. */
    readonly fresh?: SeenAndUnseen | undefined;
    readonly baselines: readonly (SeenAndUnseen & { readonly family: BaselineFamily })[];
  };
  /**
   * Whether the originals were trained separately, so that each is a fresh network beside all
   * others; false by default.
   */
  readonly separate?: boolean;
  /** Whether distances ignore the order and scale of hidden units. */
  readonly byUnits: boolean;
  /** Steps of the trajectory within which originals are neighbours. */
  readonly neighbours: number;
  /** Whether any original differs from another. */
  readonly originalsDiffer: boolean;
  /** Distance of samples to the originals' mean, in units of the originals' own. */
  readonly toMean: number;
  /** Distance between two samples, in units of the originals' own. */
  readonly apart: number;
  readonly key: Key;
  readonly signal?: AbortSignal | undefined;
}
