/** How far every network lies from the nearest original: histograms below each other. */
import type { Markish } from "@observablehq/plot";

import { quantile } from "../../numeric/index.ts";
import type { Audit, AuditGroup } from "../../records/index.ts";
import { freshNouns, groupOf } from "../audit-groups.ts";
import { AXIS, gridLines, isNarrow } from "../drawing/axes.ts";
import type { Look } from "../drawing/look.ts";
import type { Plotting } from "../drawing/plot.ts";
import { shorten } from "../html.ts";
import type { ReportInput } from "../input.ts";
import { counted } from "../text/nouns.ts";
import { compact, decimal, whole } from "../text/number-format.ts";
import { sentences } from "../text/sentences.ts";
import { tip } from "../text/tip.ts";
import type { Figure } from "./figure.ts";

const BINS = 60;

/** Height of a histogram, pixels. */
const ROW = 66;

/** The part of a row that the highest bar fills. */
const FILL = 0.68;

/** A group and its finite distances, ascending. */
interface Row {
  readonly group: AuditGroup;
  readonly sorted: readonly number[];
}

interface Bar {
  readonly group: AuditGroup;
  readonly row: number;
  readonly x1: number;
  readonly x2: number;
  /** Share of the group's networks. */
  readonly share: number;
  /** Height as a share of the row's highest bar. */
  readonly height: number;
}

/** The figure, or undefined where the samples' distances are not known. */
export function nearestDistanceFigure(plot: Plotting, { audit }: ReportInput): Figure | undefined {
  const rows = comparedGroups(audit)
    .map((group) => ({ group, sorted: group.points.distance.filter(Number.isFinite).sort((a, b) => a - b) }))
    .filter(({ sorted }) => sorted.length > 0);
  if (!rows.some(({ group }) => group.family === "samples")) return undefined;
  const { radius } = audit.copying;
  const high = endOfAxis(rows, radius);
  const unit = groupOf(audit, "heldOut") === undefined ? "originals" : "held-out";
  const bars = rows.flatMap(({ group, sorted }, row) => histogram(group, sorted, row, high));
  return {
    name: "nearest-distance",
    title: "Distance to the nearest original",
    caption: captionOf(audit, rows, high),
    data: {
      columns: ["group", "family", "from", "to", "share"],
      rows: [
        ...bars.map(({ group, x1, x2, share }) => [group.name, group.family, x1, x2, share]),
        ...rows.map(({ group, sorted }) => [`${group.name} median`, group.family, quantile(sorted, 0.5), "", ""]),
        ["near-duplicate radius", "", radius, "", ""],
      ],
    },
    draw: (look) => {
      const ticks = isNarrow(look) ? 5 : 9;
      const titles = rows.map(({ group, sorted }, row) => ({
        row,
        fill: look.theme[group.family],
        text: `${shorten(group.name, 24)} (${whole(sorted.length)}) · ${sorted.length > 1 ? "median " : ""}${decimal(quantile(sorted, 0.5))}`,
      }));
      const label = titles.map(({ text }) => text).join(", ");
      return plot.draw(look, `Distances to the nearest original: ${label}.`, {
        height: ROW * rows.length + 76,
        marginTop: 24,
        marginBottom: 52,
        marginLeft: 10,
        marginRight: 14,
        x: {
          ...AXIS,
          domain: [0, high],
          ticks,
          tickFormat: compact,
          label: `distance to the nearest original (1: ${unit})`,
          labelOffset: 44,
        },
        y: { domain: [rows.length, 0], axis: null },
        marks: [
          ...gridLines(plot, look, { x: ticks }),
          ...histogramMarks(plot, look, bars, rows.length),
          ...(Number.isFinite(radius) && radius < high ? radiusMarks(plot, look, rows.length, radius, high) : []),
          plot.text(titles, {
            frameAnchor: "left",
            y: ({ row }: { row: number }) => row + 0.16,
            text: "text",
            fill: "fill",
            fontWeight: 600,
            stroke: look.theme.background,
            strokeWidth: 4,
          }),
        ],
      });
    },
  };
}

/** A few networks far out must not squeeze all others into the first bins. */
function endOfAxis(rows: readonly Row[], radius: number): number {
  const middle = Math.max(1, ...rows.map(({ sorted }) => quantile(sorted, 0.5)));
  const farthest = Math.max(...rows.map(({ sorted }) => sorted.at(-1) ?? 0));
  return Math.min(3 * middle, Math.max(1.1, radius || 0, farthest) * 1.02);
}

/** The bars of a group; distances beyond the axis are left out. */
function histogram(group: AuditGroup, sorted: readonly number[], row: number, high: number): Bar[] {
  const width = high / BINS;
  const counts = new Uint32Array(BINS);
  for (const distance of sorted) {
    const bin = Math.floor(distance / width);
    if (distance < high) counts.set([(counts[bin] ?? 0) + 1], bin);
  }
  const max = Math.max(...counts, 1);
  return Array.from(counts, (count, bin) => ({
    group,
    row,
    x1: bin * width,
    x2: (bin + 1) * width,
    share: count / sorted.length,
    height: count / max,
  })).filter(({ share }) => share > 0);
}

/** A line across the bars of every row, but not across the titles above them. */
const ends = { y1: (row: number) => row + 1 - FILL, y2: (row: number) => row + 1 };

const rowsUpTo = (rows: number): number[] => Array.from({ length: rows }, (_, row) => row);

function histogramMarks(plot: Plotting, { theme }: Look, bars: readonly Bar[], rows: number): Markish[] {
  const places = rowsUpTo(rows);
  return [
    plot.ruleX(places, { x: 1, ...ends, stroke: theme.heldOut, strokeDasharray: "1 3", strokeWidth: 1.5 }),
    plot.ruleY(
      places.map((row) => row + 1),
      { stroke: theme.rule },
    ),
    plot.rect(bars, {
      x1: "x1",
      x2: "x2",
      insetLeft: 0.5,
      insetRight: 0.5,
      fillOpacity: 0.75,
      y1: ({ row }: Bar) => row + 1,
      y2: ({ row, height }: Bar) => row + 1 - FILL * height,
      fill: ({ group }: Bar) => theme[group.family],
      title: ({ group, x1, x2, share }: Bar) =>
        tip(group.name, `${counted(Math.round(share * group.count), "network")} from ${decimal(x1)} to ${decimal(x2)}`),
    }),
  ];
}

function radiusMarks(plot: Plotting, { theme }: Look, rows: number, radius: number, high: number): Markish[] {
  const isLeft = radius < high / 2;
  return [
    plot.ruleX(rowsUpTo(rows), { x: radius, ...ends, stroke: theme.ink, strokeDasharray: "5 3", strokeWidth: 1.25 }),
    plot.text(["near-duplicate radius"], {
      x: [radius],
      frameAnchor: "top",
      dy: -15,
      fill: theme.ink,
      textAnchor: isLeft ? "start" : "end",
      dx: isLeft ? 5 : -5,
    }),
  ];
}

function captionOf(audit: Audit, rows: readonly Row[], high: number): string {
  const { neighbours, copying } = audit;
  const { many, others } = freshNouns(audit);
  const {
    radius,
    copies: { near: nearDuplicates },
  } = copying;
  const beyond = rows.reduce((sum, { sorted }) => sum + sorted.filter((distance) => distance >= high).length, 0);
  const counts =
    nearDuplicates === 0
      ? "No sample counts"
      : `${counted(nearDuplicates, "sample")} ${nearDuplicates === 1 ? "counts" : "count"}`;
  return sentences(
    `Histograms, each scaled to its own highest bar; 1 is the median of the ${many}.`,
    `An original’s distance is to the other originals${neighbours > 0 ? `, without those within ${counted(neighbours, "step")} of it on the trajectory` : ""}.`,
    "Averages and Gaussians are shown at the setting whose distance is closest to the samples’.",
    `Samples should lie where ${others} lie: further left they are nearer to originals than new networks are, and left of the dashed radius they may be copies.`,
    Number.isFinite(radius) &&
      `${counts} as a near-duplicate: within the radius of one original, and twice as far from all others.`,
    beyond > 0 && `${counted(beyond, "network")} ${beyond === 1 ? "lies" : "lie"} further right.`,
  );
}

/**
 * Reference points, samples, and of two families of baselines the setting nearest to the samples.
 */
function comparedGroups(audit: Audit): AuditGroup[] {
  const samples = groupOf(audit, "samples");
  const median = samples?.distance.median ?? Number.NaN;
  const closest = (family: "average" | "gaussian") =>
    audit.groups
      .filter((group) => group.family === family && group.count > 1 && Number.isFinite(group.distance.median))
      .sort((a, b) => Math.abs(a.distance.median - median) - Math.abs(b.distance.median - median))[0];
  return [
    groupOf(audit, "heldOut"),
    groupOf(audit, "originals"),
    samples,
    closest("average"),
    closest("gaussian"),
  ].filter((group) => group !== undefined);
}
