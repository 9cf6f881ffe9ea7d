/** The audit's table: all generators and baselines, a row each, in words and numbers. */
import type { Audit, AuditGroup, Family, Interval } from "../audit.ts";
import { decimal, decimals, percents, whole } from "./number-format.ts";

/** A column's head, and what it says of every group. */
export const auditColumns = [
  "networks",
  "test mean, % [95 %]",
  "best by selection",
  "nearest original",
  "greatest similarity",
  "similarity within",
  "novel, %",
] as const;

export interface AuditRow {
  readonly name: string;
  readonly family: Family;
  /** One for each column. */
  readonly cells: readonly string[];
}

export interface AuditSection {
  readonly title: string;
  readonly rows: readonly AuditRow[];
}

const SECTIONS: readonly { readonly title: string; readonly families: readonly Family[] }[] = [
  { title: "Drawn by the generator", families: ["samples"] },
  { title: "Reference points", families: ["originals", "heldOut", "references"] },
  { title: "Made from originals", families: ["reconstructions", "fineTuned"] },
  { title: "Baselines: noise", families: ["noise"] },
  { title: "Baselines: averages", families: ["average"] },
  { title: "Baselines: Gaussians", families: ["gaussian"] },
  { title: "Baselines: draws of latents", families: ["latent"] },
];

/** The table in sections; those without groups are left out. Numbers of a column have the same number of digits. */
export function auditTable(audit: Audit): AuditSection[] {
  const { groups } = audit;
  const means = withInterval(groups.map(({ mean }) => mean));
  const chosen = percents(
    groups.map(({ name }) => audit.choice.find((choice) => choice.name === name)?.bySelection.value ?? Number.NaN),
  );
  const distances = decimals(groups.map(({ distance }) => distance.median));
  const greatest = decimals(groups.map(({ similarity }) => similarity.greatest));
  const within = decimals(groups.map(({ similarity }) => similarity.within));
  const novel = shares(groups.map((group) => novelShare(group)));
  const rows = groups.map(({ name, family, count }, i) => ({
    ...{ name, family },
    cells: [whole(count), means[i]!, chosen[i]!, distances[i]!, greatest[i]!, within[i]!, novel[i]!],
  }));
  return SECTIONS.map(({ title, families }) => ({
    title,
    rows: rows.filter(({ family }) => families.includes(family)),
  })).filter(({ rows }) => rows.length > 0);
}

/** Groups without distances are not known to be novel, whatever their share says. */
function novelShare({ distance, novel }: AuditGroup): number {
  return Number.isFinite(distance.median) ? (novel["1"] ?? Number.NaN) : Number.NaN;
}

/** Percentages with one decimal, or two where two that differ would read the same. */
function shares(values: readonly number[]): string[] {
  return decimals(
    values.map((value) => (Number.isFinite(value) ? 100 * value : Number.NaN)),
    1,
  );
}

/** `97.31 [97.20, 97.42]`; the bounds with as many digits as the means. */
function withInterval(intervals: readonly Interval[]): string[] {
  const means = percents(intervals.map(({ value }) => value));
  const digits = means.find((text) => text.includes("."))?.split(".")[1]?.length ?? 2;
  return intervals.map(({ low, high }, i) =>
    Number.isFinite(low) && Number.isFinite(high)
      ? `${means[i]} [${decimal(100 * low, digits)}, ${decimal(100 * high, digits)}]`
      : means[i]!,
  );
}
