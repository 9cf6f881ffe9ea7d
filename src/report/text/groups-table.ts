/** The table of all groups of networks: how good, how far from the originals and how alike. */
import type { Audit, AuditGroup, Family, Interval, Metric } from "../../records/index.ts";
import { groupNamed, hasPredictions } from "../audit-groups.ts";
import type { Images } from "../input.ts";
import { decimals, whole } from "./number-format.ts";
import { scoreColumn } from "./score-format.ts";

export interface GroupsTable {
  /** Headings, without that of the names. */
  readonly columns: readonly string[];
  readonly sections: readonly GroupsSection[];
}

export interface GroupsSection {
  readonly title: string;
  readonly rows: readonly GroupsRow[];
}

export interface GroupsRow {
  readonly name: string;
  readonly family: Family;
  /** One for each column. */
  readonly cells: readonly string[];
}

/** A column of the table with one cell for each group. */
interface Column {
  readonly heading: string;
  readonly cells: readonly string[];
}

const SECTIONS: readonly { readonly title: string; readonly families: readonly Family[] }[] = [
  { title: "Drawn by the generator", families: ["samples"] },
  { title: "Reference points", families: ["originals", "heldOut", "references"] },
  { title: "Made from originals", families: ["reconstructions", "fineTuned"] },
  { title: "Baselines: noise", families: ["noise"] },
  { title: "Baselines: averages", families: ["average"] },
  { title: "Baselines: Gaussians", families: ["gaussian"] },
  { title: "Baselines: draws of latents", families: ["latent"] },
  { title: "For scale: baselines that were trained", families: ["trained"] },
];

/**
 * The table in sections, without those that have no groups. Columns that need scores or
 * predictions are there where these are. Percentages of a column have the same number of digits.
 */
export function groupsTable(audit: Audit, images: Images | null = null): GroupsTable {
  const { groups } = audit;
  const columns = [
    ...(audit.metric === null ? [] : scoreColumns(audit, audit.metric, images)),
    { heading: "nearest original", cells: decimals(groups.map(({ distance }) => distance.median)) },
    ...(hasPredictions(audit) ? similarityColumns(groups) : []),
    ...(groups.some(({ novel }) => "1" in novel) ? [noveltyColumn(groups)] : []),
    { heading: "networks", cells: groups.map(({ count }) => whole(count)) },
  ];
  const rows = groups.map(({ name, family }, i) => ({
    name,
    family,
    cells: columns.map(({ cells }) => cells[i] ?? ""),
  }));
  return {
    columns: columns.map(({ heading }) => heading),
    sections: SECTIONS.map(({ title, families }) => ({
      title,
      rows: rows.filter(({ family }) => families.includes(family)),
    })).filter(({ rows }) => rows.length > 0),
  };
}

/** The mean, the best, and where scores come one by one, how many networks have none. */
function scoreColumns(audit: Audit, metric: Metric, images: Images | null): Column[] {
  const { groups } = audit;
  const means = {
    heading: metric.unit === "fraction" ? "test mean, % [95 %]" : `${metric.name}, mean [95 %]`,
    cells: withInterval(
      metric,
      groups.map(({ score }) => score?.mean ?? UNKNOWN),
      images,
    ),
  };
  if (hasPredictions(audit)) {
    const chosen = groups.map(({ name }) => groupNamed({ groups: audit.choice }, name)?.bySelection.value);
    const cells = scoreColumn(
      metric,
      chosen.map((value) => value ?? Number.NaN),
      images,
    );
    return [means, { heading: "best by selection", cells }];
  }
  const best = scoreColumn(
    metric,
    groups.map(({ score }) => score?.best ?? Number.NaN),
    images,
  );
  return [
    means,
    { heading: "best", cells: best },
    { heading: "failed", cells: groups.map(({ failed }) => whole(failed)) },
  ];
}

function similarityColumns(groups: readonly AuditGroup[]): Column[] {
  const column = (heading: string, value: (group: AuditGroup) => number | undefined) => ({
    heading,
    cells: decimals(groups.map((group) => value(group) ?? Number.NaN)),
  });
  return [
    column("greatest similarity", ({ similarity }) => similarity?.greatest),
    column("similarity within", ({ similarity }) => similarity?.within),
  ];
}

/** Groups without distances are not known to be novel. */
function noveltyColumn(groups: readonly AuditGroup[]): Column {
  const shares = groups.map(({ distance, novel }) =>
    Number.isFinite(distance.median) ? 100 * (novel["1"] ?? Number.NaN) : Number.NaN,
  );
  return { heading: "novel, %", cells: decimals(shares, 1) };
}

const UNKNOWN: Interval = { value: Number.NaN, low: Number.NaN, high: Number.NaN };

/** `97.31 [97.20, 97.42]`, with as many digits of the bounds as of the means. */
function withInterval(metric: Metric, intervals: readonly Interval[], images: Images | null): string[] {
  const column = (value: (interval: Interval) => number) => scoreColumn(metric, intervals.map(value), images);
  const [means, lows, highs] = [column(({ value }) => value), column(({ low }) => low), column(({ high }) => high)];
  return intervals.map(({ low, high }, i) =>
    Number.isFinite(low) && Number.isFinite(high) ? `${means[i]} [${lows[i]}, ${highs[i]}]` : (means[i] ?? ""),
  );
}
