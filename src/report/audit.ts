/**
 * What the audit of a run found: whether its samples are new networks, what they are worth, and every number behind the
 * figures. This is what `evaluation/audit.json` holds; docs/method.md defines each quantity.
 */
import type { Spread } from "./results.ts";

/** A value with its interval of 95 %. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The 5th, 50th and 95th percentile of a group. */
export interface Quantiles {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/**
 * Where networks come from. `originals` were learned from; `heldOut` were made like them but never shown to the generator;
 * `references` were trained from other initial values; `fineTuned` are originals after a few steps more; `reconstructions`
 * went through the autoencoder; the last four are baselines of the generator.
 */
export type Family =
  | "originals"
  | "heldOut"
  | "references"
  | "samples"
  | "reconstructions"
  | "fineTuned"
  | "noise"
  | "average"
  | "gaussian"
  | "latent";

/** One row of the audit's table. Accuracies are fractions of the test split. */
export interface AuditGroup {
  /** `originals`, `samples`, `average:16`, `noise:0.05` … */
  readonly name: string;
  readonly family: Family;
  readonly count: number;
  readonly test: Spread;
  /** The mean accuracy, with an interval over networks and test images. */
  readonly mean: Interval;
  /** Distance to the nearest original, as the parameters are. An original's own neighbours on the trajectory are left out. */
  readonly raw: Quantiles;
  /**
   * The same with every tensor in units of its spread between originals, or as `byUnits` says, divided by the median of the
   * held-out networks.
   */
  readonly distance: Quantiles;
  /** Mean IoU of wrong predictions: among the group, with the originals, and the mean over networks of the greatest with any original. */
  readonly similarity: { readonly within: number; readonly toOriginals: number; readonly greatest: number };
  /** Agreement beyond chance (Cohen's κ of right and wrong) with the most similar original, averaged. */
  readonly kappa: number;
  /** Share of the group that reaches the acceptance threshold on the test split and lies farther than τ times the originals' own distance, by τ. */
  readonly novel: Readonly<Record<string, number>>;
  /** One entry for each network, for the scatter plots. */
  readonly points: {
    readonly accuracy: readonly number[];
    readonly greatest: readonly number[];
    readonly distance: readonly number[];
  };
}

export type VerdictName = "replica" | "average-like" | "gaussian-like" | "novel" | "broken" | "undecided";

/** Samples' accuracy beyond that of a kind of baseline at the samples' own distances or farther, as a fraction. */
export interface Excess {
  readonly family: Family;
  /** The baseline's settings that its frontier goes through, nearest first. */
  readonly through: readonly string[];
  readonly excess: Interval;
  /** The same where the baseline must lie exactly as far, without the few percent that its distances scatter by; earlier versions did not tell. */
  readonly exact?: Interval;
  /** Share of samples farther out than the baseline reaches, compared with its farthest networks. Above a half, it is no baseline. */
  readonly beyond: number;
}

/** One point of an ensemble's curve: the networks' probabilities averaged. */
export interface EnsemblePoint {
  readonly size: number;
  readonly accuracy: Interval;
  /** Mean negative log-likelihood, nats. */
  readonly nll: number;
  /** Mean squared error of the probabilities, summed over classes. */
  readonly brier: number;
  /** Expected calibration error, 15 equal bins of confidence. */
  readonly ece: number;
  /** Area under the ROC curve of telling test images from the other data set by the greatest probability. */
  readonly auroc?: number;
}

export interface AuditCost {
  /** Seconds to train the task network, and to collect the zoo after it. */
  readonly base: number;
  readonly collect: number;
  readonly fit: number;
  readonly sample: number;
  /** Seconds for one more network: a sample, a checkpoint of the zoo, an independent training. */
  readonly perSample: number;
  readonly perCheckpoint: number;
  readonly perTraining: number;
  /** Networks from which on the whole way here costs less than as many independent trainings; null: never. */
  readonly breakEven: number | null;
}

/** Accuracy of the decoded latents along the sampler's way, one line for each start. */
export interface TrajectoryFigure {
  /** Diffusion times, from the noisiest. */
  readonly times: readonly number[];
  /** `[starts][times]` */
  readonly accuracy: readonly (readonly number[])[];
}

export interface EmbeddingFigure {
  readonly method: "tsne" | "pca" | "umap";
  /** What is mapped: the autoencoder's latents, or parameters where the generator has none. */
  readonly space: "latents" | "parameters";
  readonly groups: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}

/** Greatest similarity to the first so many originals (in random order), mean over the group's networks. */
export interface AgainstCount {
  readonly counts: readonly number[];
  readonly groups: readonly { readonly name: string; readonly greatest: readonly Quantiles[] }[];
}

/** Histograms of one tensor's values (all coordinates and networks together), densities over common bins. */
export interface DistributionFigure {
  readonly tensor: string;
  /** One more than there are bins. */
  readonly edges: readonly number[];
  readonly originals: readonly number[];
  readonly samples: readonly number[];
}

/** The generator at several snapshots of its training. */
export interface FrontierPoint {
  readonly step: number;
  readonly accuracy: Quantiles;
  /** In units of the held-out networks' median, as in `AuditGroup.distance`. */
  readonly distance: Quantiles;
  /** Mean squared error of the predicted noise on originals, and on held-out networks. */
  readonly loss: { readonly originals: number; readonly heldOut: number | null };
}

/** What the audit of a run of classifiers found (`evaluation/audit.json`). */
export interface Audit {
  readonly verdict: {
    readonly name: VerdictName;
    /** The rule that fired, in a sentence with its numbers. */
    readonly rule: string;
    /** What that means, in a sentence. */
    readonly meaning: string;
  };
  /** Fixed on the selection split from held-out networks, before anything was sampled. */
  readonly acceptanceThreshold: {
    readonly accuracy: number;
    readonly heldOut: number;
    /** Share of samples that clear it on the selection split. */
    readonly cleared: Interval;
  };
  /** Steps of the trajectory within which checkpoints count as neighbours; 0 where there is no trajectory. */
  readonly neighbours: number;
  readonly groups: readonly AuditGroup[];
  /** The best baseline that reaches the samples' distance is first; those that do not reach it are last. */
  readonly excess: readonly Excess[];
  readonly copying: {
    /** Meehan et al.'s statistic of samples against held-out networks: far below 0, samples lie nearer to originals. */
    readonly zu: number;
    /** The 5th and 95th percentile of it when samples and held-out networks change places at random. */
    readonly null: Quantiles;
    /** Share of such exchanges with a statistic at most as large. */
    readonly p: number;
    /** The samples' median distance as a share of the held-out networks'; earlier versions did not tell. */
    readonly distance?: number;
    /** Samples nearer to one original than `radius` (in units of the held-out networks' median distance), and twice as far from all others. */
    readonly nearDuplicates: number;
    readonly radius: number;
  };
  /** Averages are more alike than originals are, and nearer to originals than these are to one another. */
  readonly averaging: {
    readonly within: number;
    readonly between: number;
    readonly toMean: number;
    readonly signature: boolean;
  };
  /**
   * Whether distances are over all orders of the hidden units, each in balance: plain, and, in place of those with every tensor
   * in units of its spread, by what each coordinate counts for the outputs. So it is of networks with known units that were trained separately.
   */
  readonly byUnits: boolean;
  /** Best of N: what choosing gains. */
  readonly choice: readonly {
    readonly name: string;
    readonly count: number;
    /** Test accuracy of the network that is best on the selection split. */
    readonly bySelection: Interval;
    /** What choosing one of so many by the selection split gains on the test split, over a random one; expected. */
    readonly gain: Interval;
    /** The greatest test accuracy, and by how much choosing on the test split flatters it; expected. */
    readonly byTest: number;
    readonly optimism: number;
  }[];
  readonly ensembles: readonly { readonly name: string; readonly points: readonly EnsemblePoint[] }[];
  /** The data set that ensembles were to tell from the test split; null where none is there. */
  readonly otherData: string | null;
  /** Null where the journal lacks it. */
  readonly cost: AuditCost | null;
  readonly trajectory: TrajectoryFigure | null;
  readonly embeddings: readonly EmbeddingFigure[];
  readonly againstCount: AgainstCount;
  readonly distributions: readonly DistributionFigure[];
  readonly frontier: readonly FrontierPoint[];
  /** What could not be done or must be kept in mind, in sentences. */
  readonly remarks: readonly string[];
}
