/** The verdicts and key numbers of several runs, for the page of a comparison and the terminal. */
import type { Audit } from "../../records/index.ts";
import { groupOf } from "../audit-groups.ts";
import { decimal, shareText, whole } from "./number-format.ts";
import { scoreText, signedDifference } from "./score-format.ts";

/** A run to be compared. */
export interface ComparedRun {
  /** Tells the run from the others: the end of its folder's path. */
  readonly name: string;
  /** Undefined where the run has not been audited. */
  readonly audit: Audit | undefined;
}

const COLUMNS = [
  "verdict",
  "samples",
  "held-out",
  "originals",
  "nearest original",
  "repeat an original",
  "nearer to seen",
  "above best baseline",
] as const;

const DASH = "–";

export interface ComparisonTable {
  /** Headings, without that of the names. */
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly string[] }[];
}

/**
 * A row for each run: its verdict, the mean scores of samples, held-out networks and originals, and
 * what the verdict rests on. Scores of different metrics are named.
 */
export function comparisonTable(runs: readonly ComparedRun[]): ComparisonTable {
  const named = differentMetrics(runs);
  return {
    columns: COLUMNS,
    rows: runs.map(({ name, audit }) => ({
      name,
      cells: audit === undefined ? ["not audited yet", ...COLUMNS.slice(1).map(() => DASH)] : cellsOf(audit, named),
    })),
  };
}

function cellsOf(audit: Audit, named: boolean): string[] {
  const { metric, verdict, copying, excess } = audit;
  const score = (family: "samples" | "heldOut" | "originals") => {
    const value = groupOf(audit, family)?.score?.mean.value ?? Number.NaN;
    if (metric === null || !Number.isFinite(value)) return DASH;
    return named ? `${metric.name} ${scoreText(metric, value)}` : scoreText(metric, value);
  };
  const [best] = excess;
  const { copies, pull } = copying;
  return [
    verdict.label,
    score("samples"),
    score("heldOut"),
    score("originals"),
    decimal(groupOf(audit, "samples")?.distance.median ?? Number.NaN),
    copies.samples === 0 ? DASH : `${whole(copies.count)} of ${whole(copies.samples)}`,
    pull === null ? DASH : shareText(pull.share),
    metric === null || best === undefined || !Number.isFinite(best.excess.value)
      ? DASH
      : `${signedDifference(metric, best.excess.value)} [${signedDifference(metric, best.excess.low)}, ${signedDifference(metric, best.excess.high)}]`,
  ];
}

/** Whether the audited runs have scores by more than one metric, which cannot be compared. */
export function differentMetrics(runs: readonly ComparedRun[]): boolean {
  const metrics = runs.flatMap(({ audit }) => (audit?.metric == null ? [] : [audit.metric]));
  return new Set(metrics.map(({ name, unit, higherIsBetter }) => `${unit} ${higherIsBetter} ${name}`)).size > 1;
}
