/** What the report is made from: the records of a run, and what identifies it. */
import type { Audit, Classification, Curve, Results } from "../records/index.ts";

export interface ReportInput {
  /** Name of the recipe. */
  readonly title: string;
  readonly results: Results;
  readonly audit: Audit;
  readonly curves: readonly Curve[];
  /** Versions, machine, seed, checksums: whatever identifies the run. */
  readonly provenance: readonly (readonly [label: string, value: string])[];
  /** The resolved recipe, YAML. */
  readonly recipe: string;
  /** Whether another generator made the samples; false by default. */
  readonly imported?: boolean;
  /** Number of images in each split; null where the networks cannot be run here. */
  readonly images: Images | null;
}

/** Number of images in each split. */
export interface Images {
  readonly test: number;
  readonly selection: number;
}

/**
 * A run of classifiers that can be run here, with their accuracies and the images of each split.
 */
export interface Classifiers {
  readonly classification: Classification;
  readonly images: Images;
}

/** The classifiers of a run; undefined where the networks cannot be run here. */
export function classifiersOf({ results, images }: ReportInput): Classifiers | undefined {
  const { classification } = results;
  if (classification === null || images === null) return undefined;
  return { classification, images };
}
