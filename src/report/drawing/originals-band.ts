/** The originals' scores as a backdrop of other networks: a grey band and a line. */
import type { Markish } from "@observablehq/plot";

import { quantile } from "../../numeric/index.ts";
import type { Audit } from "../../records/index.ts";
import { groupOf } from "../audit-groups.ts";
import { scoreScale } from "../text/score-format.ts";
import type { Domain } from "./axes.ts";
import type { LegendItem } from "./legend.ts";
import type { Look } from "./look.ts";
import type { Plotting } from "./plot.ts";
import { clamp } from "./range.ts";
import type { Theme } from "./theme.ts";

/** Scores of the originals as the axis shows them: percentages of a fraction. */
export interface Band {
  /** The 5th percentile. */
  readonly low: number;
  /** The 95th percentile. */
  readonly high: number;
  readonly mean: number;
}

const OPACITY = 0.2;

/** The band, or undefined where the originals' scores are not known. */
export function originalsBand(audit: Audit): Band | undefined {
  const scores = (groupOf(audit, "originals")?.points.score ?? []).map((score) => score ?? Number.NaN);
  const sorted = scores.filter(Number.isFinite).sort((a, b) => a - b);
  if (audit.metric === null || sorted.length === 0) return undefined;
  const scale = scoreScale(audit.metric);
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { low: scale * quantile(sorted, 0.05), high: scale * quantile(sorted, 0.95), mean: scale * mean };
}

/** The band across a plot whose vertical axis is the score, as far as it lies within the axis. */
export function bandMarks(plot: Plotting, { theme }: Look, band: Band | undefined, domain: Domain): Markish[] {
  const [low, high] = domain;
  if (band === undefined || band.high < low || band.low > high) return [];
  const [y1, y2] = [clamp(band.low, domain), clamp(band.high, domain)];
  const area = plot.rect([band], { y1, y2, fill: theme.noise, fillOpacity: OPACITY });
  if (band.mean < low || band.mean > high) return [area];
  return [area, plot.ruleY([band.mean], { stroke: theme.originals, strokeDasharray: "2 3", strokeWidth: 1.25 })];
}

/** The legend's items of the band. */
export function bandLegend(theme: Theme, band: Band | undefined): LegendItem[] {
  if (band === undefined) return [];
  return [
    { label: "originals’ mean", colour: theme.originals, mark: "dashed" },
    { label: "originals, 5–95\u00a0%", colour: theme.noise, mark: "band", opacity: OPACITY },
  ];
}

/** The band's numbers as rows of a figure's table: name and score, a fraction where it is one. */
export function bandRows({ metric }: Audit, band: Band | undefined): (readonly [string, number])[] {
  if (band === undefined || metric === null) return [];
  const scale = scoreScale(metric);
  return [
    ["originals 5th percentile", band.low / scale],
    ["originals mean", band.mean / scale],
    ["originals 95th percentile", band.high / scale],
  ];
}
