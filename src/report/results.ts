/** What a run found out: the numbers that the report puts into words, tables and figures. */
import type { Audit } from "./audit.ts";

/** Summary of a group's accuracies, fractions in [0, 1]. */
export interface Spread {
  readonly mean: number;
  readonly best: number;
  readonly median: number;
  readonly sd: number;
}

/** One kind of network. */
export interface Group {
  readonly count: number;
  readonly selection: Spread;
  readonly test: Spread;
  /** Test accuracy of the network that is best on the selection split. */
  readonly chosenTest: number;
}

/** What the evaluation of a run of classifiers found (`evaluation/results.json`). */
export interface Results {
  readonly originals: Group;
  /** One network: the average of the originals' weights. */
  readonly ensemble: Group;
  /** Null where the generator has no autoencoder. */
  readonly reconstructions: Group | null;
  readonly samples: Group;
  /** Null where the generator has none. */
  readonly autoencoder: {
    readonly type: string;
    /** 1 − ‖v − v̂‖² / ‖v − mean‖² over the originals; 1 is exact, 0 no better than their mean. */
    readonly varianceExplained: number;
    /** Numbers in a latent. */
    readonly latent: number;
    /** Of the latents before they are standardised. */
    readonly range: { readonly min: number; readonly max: number; readonly sd: number };
  } | null;
  /** Mean over pairs of the intersection over union of wrong test predictions. */
  readonly pairwiseIoU: { readonly originals: number; readonly samples: number };
  /** Distances of the samples in units of the originals' own: to the originals' mean, and between two networks. */
  readonly distance: { readonly samplesToMean: number; readonly samplesApart: number };
  /** Of each stage, in the order they ran. */
  readonly seconds: Readonly<Record<string, number>>;
}

export type GroupName = "originals" | "ensemble" | "reconstructions" | "samples";

/** Accuracies of one network, fractions in [0, 1]. */
export interface NetworkAccuracy {
  readonly group: GroupName;
  readonly selection: number;
  readonly test: number;
}

/** A quantity logged along training. */
export interface Curve {
  readonly name: string;
  readonly unit: string;
  /** Draw it on a logarithmic axis. */
  readonly log: boolean;
  readonly points: readonly { readonly step: number; readonly value: number }[];
}

export interface ReportInput {
  /** Name of the recipe. */
  readonly title: string;
  readonly results: Results;
  readonly audit: Audit;
  readonly accuracies: readonly NetworkAccuracy[];
  readonly curves: readonly Curve[];
  /** Versions, machine, seed, checksums: whatever identifies the run. */
  readonly provenance: readonly (readonly [label: string, value: string])[];
  /** The resolved recipe, YAML. */
  readonly recipe: string;
  /** Number of images in each split. */
  readonly images: { readonly test: number; readonly selection: number };
}
