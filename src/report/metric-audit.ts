/**
 * What the audit of a run found whose networks cannot be run here: somebody's own checkpoints, each worth one number that a
 * program of theirs printed, or of which only the parameters are known. This is what `evaluation/audit.json` holds there.
 */
import type { Excess, Family, Interval, Quantiles, VerdictName } from "./audit.ts";
import type { Curve, Results } from "./results.ts";

/** The number that counts. */
export interface MeasuredMetric {
  readonly name: string;
  readonly better: "higher" | "lower";
  /** How it is known which way is better. */
  readonly how: string;
}

/** One row of the table. */
export interface MeasuredGroup {
  readonly name: string;
  readonly family: Family;
  readonly count: number;
  /** Networks that could not be measured. */
  readonly failed: number;
  /** Of those that were; null where none was. */
  readonly metric: {
    readonly mean: Interval;
    readonly median: number;
    readonly best: number;
    readonly sd: number;
  } | null;
  /** Distance to the nearest original, as the parameters are. */
  readonly raw: Quantiles;
  /** The same with every tensor in units of its spread, divided by the median of the held-out networks. */
  readonly distance: Quantiles;
  readonly points: { readonly metric: readonly (number | null)[]; readonly distance: readonly number[] };
}

/** What the audit found of networks that are worth one number each (`evaluation/audit.json`). */
export interface MeasuredAudit {
  readonly kind: "measured";
  readonly verdict: { readonly name: VerdictName; readonly rule: string; readonly meaning: string };
  /** Null where nothing says what a network is worth. */
  readonly metric: MeasuredMetric | null;
  /** What all but a twentieth of the held-out networks reach, and what networks of shuffled numbers are worth. */
  readonly acceptanceThreshold: {
    readonly value: number;
    readonly shuffled: number;
    readonly heldOut: number;
    readonly cleared: Interval;
  } | null;
  readonly groups: readonly MeasuredGroup[];
  /** In units of the metric; above 0, samples are better. */
  readonly excess: readonly Excess[];
  readonly copying: {
    readonly zu: number;
    readonly null: Quantiles;
    readonly p: number;
    readonly nearDuplicates: number;
    readonly radius: number;
  };
  /** Distances of samples to the originals' mean and to one another, in units of the originals' own. */
  readonly averaging: { readonly toMean: number; readonly apart: number; readonly signature: boolean };
  readonly neighbours: number;
  /** Networks, counted from 1, that could not be measured, and why. */
  readonly failures: readonly { readonly group: string; readonly network: number; readonly problem: string }[];
  readonly autoencoder: Results["autoencoder"];
  readonly seconds: Readonly<Record<string, number>>;
  readonly remarks: readonly string[];
}

export interface MeasuredReportInput {
  /** Name of the recipe. */
  readonly title: string;
  readonly audit: MeasuredAudit;
  readonly curves: readonly Curve[];
  readonly provenance: readonly (readonly [label: string, value: string])[];
  /** The resolved recipe, YAML. */
  readonly recipe: string;
}
