/** The originals' accuracies as the ground that other networks are seen against: a grey band and a line. */
import type { Markish } from "@observablehq/plot";

import type { Audit } from "../audit.ts";
import { groupOf } from "./group-styles.ts";
import type { LegendItem } from "./legend.ts";
import type { Look, Plotting } from "./plot.ts";
import { quantile } from "./range.ts";
import type { Theme } from "./theme.ts";

/** Percentages of correct test predictions. */
export interface Band {
  /** The 5th and the 95th percentile. */
  readonly low: number;
  readonly high: number;
  readonly mean: number;
}

/** The band, or undefined where the originals' accuracies are not known. */
export function originalsBand(audit: Audit): Band | undefined {
  const originals = groupOf(audit, "originals");
  const sorted = (originals?.points.accuracy ?? []).filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { low: 100 * quantile(sorted, 0.05), high: 100 * quantile(sorted, 0.95), mean: 100 * mean };
}

/** The band across a plot whose vertical axis is accuracy in percent, as far as it lies within the axis. */
export function bandMarks(
  plot: Plotting,
  { theme }: Look,
  band: Band | undefined,
  [low, high]: readonly [number, number],
): Markish[] {
  if (band === undefined || band.high < low || band.low > high) return [];
  const [y1, y2] = [Math.max(low, band.low), Math.min(high, band.high)];
  return [
    plot.rect([band], { y1, y2, fill: theme.noise, fillOpacity: BAND }),
    ...(band.mean < low || band.mean > high
      ? []
      : [plot.ruleY([band.mean], { stroke: theme.originals, strokeDasharray: "2 3", strokeWidth: 1.25 })]),
  ];
}

const BAND = 0.2;

/** What the band says in a legend. */
export function bandLegend(theme: Theme, band: Band | undefined): LegendItem[] {
  if (band === undefined) return [];
  return [
    { label: "originals’ mean", colour: theme.originals, mark: "dashed" },
    { label: "originals, 5–95\u00a0%", colour: theme.noise, mark: "band", opacity: BAND },
  ];
}

/** The band's numbers as rows of a figure's table: name, value. */
export function bandRows(band: Band | undefined): (readonly [string, number])[] {
  if (band === undefined) return [];
  return [
    ["originals 5th percentile", band.low / 100],
    ["originals mean", band.mean / 100],
    ["originals 95th percentile", band.high / 100],
  ];
}
