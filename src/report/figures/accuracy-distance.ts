/** Accuracy against the distance to the nearest original: samples beside the curves of their baselines. */
import type { Markish } from "@observablehq/plot";

import type { Audit, AuditGroup, Family } from "../audit.ts";
import { AXIS, gridLines, isNarrow } from "../drawing/axes.ts";
import { evenly } from "../drawing/fewer-points.ts";
import { BASELINES, families, groupNamed, groupOf, isAbsolute, setting } from "../drawing/group-styles.ts";
import { type Label, roomy } from "../drawing/label-placement.ts";
import { CHARACTER, dotStyle, type LegendItem } from "../drawing/legend.ts";
import { bandLegend, bandMarks, bandRows, originalsBand } from "../drawing/originals-band.ts";
import type { Look, Plotting } from "../drawing/plot.ts";
import { rangeAround, span } from "../drawing/range.ts";
import type { Theme } from "../drawing/theme.ts";
import type { ReportInput } from "../results.ts";
import { counted } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

const MAX_DOTS = 300;
const MARGIN = { top: 14, right: 16, bottom: 50, left: 56 };
const HEIGHT = 400;
const INSET = 8;

/** Baselines this many times as far as the samples or the held-out networks are left out. */
const FAR = 1.6;

interface Mean {
  readonly name: string;
  readonly family: Family;
  readonly x: number;
  /** Percent. */
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

interface Curve {
  readonly family: (typeof BASELINES)[number];
  /** All settings. */
  readonly points: readonly Mean[];
  /** What the family reaches at a distance or farther: level up to its best setting, then through those that are best so far out. */
  readonly frontier: readonly Mean[];
}

/** The figure, or undefined where the samples' distances are not known. */
export function accuracyDistanceFigure(plot: Plotting, { audit, images }: ReportInput): Figure | undefined {
  const samples = groupOf(audit, "samples");
  const cloud = samples === undefined ? [] : dotsOf(samples);
  if (samples === undefined || cloud.length === 0) return undefined;
  const curves = BASELINES.map((family) => curveOf(audit, family)).filter(({ points }) => points.length > 0);
  const landmarks = (["originals", "heldOut", "samples"] as const).flatMap((family) => {
    const group = groupOf(audit, family);
    return group === undefined ? [] : meanOf(group);
  });
  const core = [...landmarks.map(({ x }) => x), ...cloud.map(({ x }) => x)];
  const reach = FAR * Math.max(...core);
  const near = (point: Mean) => point.x <= reach;
  const baselines = curves.flatMap(({ points }) => points);
  const x = [0, span([...core, ...baselines.filter(near).map((point) => point.x)], 0.04)![1]] as const;
  const y = rangeAround(
    [cloud.map((dot) => dot.y), ...landmarks.map((point) => [point.low, point.high])],
    baselines.filter(near).map((point) => [point.low, point.high]),
  );
  const inside = (point: { x: number; y: number }) => point.x <= x[1] && point.y >= y[0] && point.y <= y[1];
  const band = originalsBand(audit);
  const out = baselines.filter((point) => !inside(point));
  const lost = cloud.filter((dot) => !inside(dot)).length;
  return {
    name: "accuracy-distance",
    title: "Accuracy at the same distance",
    caption: [
      `How far networks lie from the nearest original (1: as far as the median held-out network, ${audit.byUnits === true ? "over all orders of hidden units, every weight counting by what it does to the outputs" : "with every tensor in units of its spread"}), and how accurate they are. Large marks are the means of all groups with an interval of 95\u00a0%, small dots single samples. A line is what a family of baselines reaches at a distance or farther out: copies of the originals lie at no distance, and who mixes two settings lies between them.`,
      "Look at the samples’ mean beside the lines at the same place: on a line, the samples are worth what that baseline is worth; above all lines, they are better than anything simpler so far away.",
      out.length > 0
        ? `Outside the frame ${out.length === 1 ? "lies" : "lie"} ${out.map(({ name }) => name).join(", ")}.`
        : "",
      lost > 0 ? `So ${lost === 1 ? "does" : "do"} ${counted(lost, "sample")}.` : "",
      cloud.length > MAX_DOTS
        ? `Of ${counted(cloud.length, "sample")}, ${MAX_DOTS} are shown, evenly chosen by rank.`
        : "",
    ]
      .filter((text) => text !== "")
      .join(" "),
    data: {
      columns: ["kind", "group", "family", "distance", "accuracy", "low", "high"],
      rows: [
        ...[...landmarks, ...baselines].map(({ name, family, x, y, low, high }) => [
          ...["mean", name, family],
          ...[x, y / 100, low / 100, high / 100],
        ]),
        ...curves.flatMap(({ frontier }) =>
          frontier.map(({ name, family, x, y }) => ["frontier", name, family, x, y / 100, "", ""]),
        ),
        ...cloud.map((dot) => ["network", samples.name, "samples", dot.x, dot.y / 100, "", ""]),
        ...bandRows(band).map(([name, value]) => [name, "originals", "originals", "", value, "", ""]),
      ],
    },
    draw: (look) => {
      const { theme } = look;
      const narrow = isNarrow(look);
      const height = narrow ? 360 : HEIGHT;
      return plot.grid(look, "Accuracy of samples and of baselines against the distance to the nearest original.", {
        columns: 1,
        legend: [...legendOf(curves, landmarks, theme), ...bandLegend(theme, band)],
        panels: [
          (inner) => ({
            height,
            marginTop: MARGIN.top,
            marginRight: MARGIN.right,
            marginBottom: MARGIN.bottom,
            marginLeft: MARGIN.left,
            x: {
              ...AXIS,
              domain: x,
              insetRight: INSET,
              ticks: narrow ? 5 : 9,
              label: narrow
                ? "distance to the nearest original"
                : "distance to the nearest original (1: the median held-out network’s)",
              labelOffset: 42,
            },
            y: {
              ...AXIS,
              domain: y,
              inset: INSET,
              ticks: 6,
              label: `accuracy on ${counted(images.test, "test image")}, %`,
            },
            marks: [
              ...gridLines(plot, inner, { x: narrow ? 5 : 9, y: 6 }),
              ...bandMarks(plot, inner, band, y),
              ...(x[1] > 1 ? [plot.ruleX([1], { stroke: theme.heldOut, strokeDasharray: "4 3" })] : []),
              plot.dot(evenly(cloud.filter(inside), MAX_DOTS), {
                ...{ x: "x", y: "y", r: 2.2, fill: theme.samples, fillOpacity: 0.4 },
              }),
              ...curves.map((curve) => frontierLine(plot, inner, curve, x, y)),
              ...[...baselines, ...landmarks].filter(inside).flatMap((point) => meanMarks(plot, inner, point, y)),
              ...settingMarks(plot, inner, baselines.filter(inside), { x, y, height }),
            ],
          }),
        ],
      });
    },
  };
}

/** Samples by rising accuracy. */
function dotsOf({ points }: AuditGroup): { x: number; y: number }[] {
  return points.distance
    .map((x, i) => ({ x, y: 100 * (points.accuracy[i] ?? Number.NaN) }))
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
    .sort((a, b) => a.y - b.y);
}

/** Where a group lies on average; none where that is not known. */
function meanOf({ name, family, distance, mean }: AuditGroup, x = distance.median): Mean[] {
  if (!Number.isFinite(x) || !Number.isFinite(mean.value)) return [];
  const bound = (value: number) => (Number.isFinite(value) ? 100 * value : 100 * mean.value);
  return [{ name, family, x, y: 100 * mean.value, low: bound(mean.low), high: bound(mean.high) }];
}

/** A family's settings, and its frontier where the audit knows it. */
function curveOf(audit: Audit, family: Curve["family"]): Curve {
  const points = audit.groups.filter((group) => group.family === family).flatMap((group) => meanOf(group));
  const through = audit.excess.find((excess) => excess.family === family)?.through ?? [];
  const vertices = through.flatMap((name) => {
    const group = groupNamed(audit, name);
    if (group === undefined) return [];
    // On a frontier originals stand for copies of themselves.
    return group.family === "originals" ? meanOf({ ...group, family }, 0) : meanOf(group);
  });
  const [first] = vertices;
  return { family, points, frontier: first === undefined ? [] : [{ ...first, x: 0 }, ...vertices] };
}

/** The frontier as far as it lies within the frame. */
function frontierLine(
  plot: Plotting,
  { theme }: Look,
  { family, frontier }: Curve,
  [, high]: readonly [number, number],
  [least]: readonly [number, number],
): Markish {
  const line: { x: number; y: number }[] = [];
  for (const [i, to] of frontier.entries()) {
    const from = frontier[i - 1];
    if (from === undefined) line.push(to);
    else {
      // Frontiers fall, so they leave the frame on the right or below.
      const share = Math.min(1, (high - from.x) / (to.x - from.x), (from.y - least) / (from.y - to.y || 1e-9));
      if (share < 0) break;
      line.push({ x: from.x + (share || 0) * (to.x - from.x), y: from.y + (share || 0) * (to.y - from.y) });
      if (share < 1) break;
    }
  }
  return plot.line(line, { x: "x", y: "y", stroke: theme[family], strokeWidth: 1.75, strokeOpacity: 0.8 });
}

function meanMarks(plot: Plotting, { theme }: Look, point: Mean, [low, high]: readonly [number, number]): Markish[] {
  const { family, name, x, y } = point;
  const own = family === "samples";
  const colour = theme[family];
  const bar = [{ x, y1: Math.max(low, point.low), y2: Math.min(high, point.high) }];
  return [
    plot.ruleX(bar, { x: "x", y1: "y1", y2: "y2", stroke: colour, strokeWidth: own ? 2.5 : 1.25 }),
    plot.dot([point], {
      ...{ x, y, r: own ? 7 : 4.5 },
      ...dotStyle({ mark: families[family].symbol, colour, hollow: isAbsolute(name) }),
      ...(isAbsolute(name) ? { fill: theme.background } : {}),
      ...(own ? { stroke: theme.background, strokeWidth: 1.5 } : {}),
    }),
  ];
}

/** The settings beside their means, where there is room. */
function settingMarks(
  plot: Plotting,
  look: Look,
  means: readonly Mean[],
  { x, y, height }: { x: readonly [number, number]; y: readonly [number, number]; height: number },
): Markish[] {
  const { theme, width } = look;
  const room = { x: width - MARGIN.left - MARGIN.right - INSET, y: height - MARGIN.top - MARGIN.bottom - 2 * INSET };
  const labels = means
    .filter(({ x }) => x > 0)
    .map((mean): Label & { colour: string } => ({
      text: setting(mean.name).slice(0, 18),
      x: (room.x * mean.x) / x[1] + 8,
      y: INSET + room.y * (1 - (mean.y - y[0]) / (y[1] - y[0])) - 9,
      colour: theme[mean.family],
    }))
    .filter((label) => label.x + CHARACTER * label.text.length < room.x + INSET + MARGIN.right && label.y > 0);
  return roomy(labels).map(({ text, x, y, colour }) =>
    plot.text([text], {
      ...{ frameAnchor: "top-left", dx: x, dy: y, textAnchor: "start", lineAnchor: "middle" },
      ...{ fontSize: 11, fontWeight: 600, fill: colour, stroke: theme.background, strokeWidth: 3.5 },
    }),
  );
}

function legendOf(curves: readonly Curve[], landmarks: readonly Mean[], theme: Theme): LegendItem[] {
  const item = (family: Family): LegendItem => ({
    label: families[family].title,
    colour: theme[family],
    mark: families[family].symbol,
  });
  return [...landmarks.map(({ family }) => item(family)).toReversed(), ...curves.map(({ family }) => item(family))];
}
