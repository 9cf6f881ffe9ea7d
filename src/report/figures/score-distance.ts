/** Scores against the distance to the nearest original: samples beside the curves of baselines. */
import { evenlyWithEnds } from "../../numeric/index.ts";
import {
  type Audit,
  type AuditGroup,
  type BaselineFamily,
  baselineFamilies,
  type Family,
  type Metric,
} from "../../records/index.ts";
import { freshNouns, groupNamed, groupOf, hasPredictions, isAbsolute, shortLabel } from "../audit-groups.ts";
import { type Domain, isNarrow } from "../drawing/axes.ts";
import { familyStyles } from "../drawing/family-styles.ts";
import type { LegendItem } from "../drawing/legend.ts";
import { type Band, bandLegend, bandRows, originalsBand } from "../drawing/originals-band.ts";
import type { Plotting } from "../drawing/plot.ts";
import { PERCENT, rangeAround, span } from "../drawing/range.ts";
import { type Mark, type Point, type Scatter, scatterOptions } from "../drawing/scatter.ts";
import type { Theme } from "../drawing/theme.ts";
import type { Images, ReportInput } from "../input.ts";
import { counted } from "../text/nouns.ts";
import { compact, decimal } from "../text/number-format.ts";
import { capitalised, direction, scoreAxis, scoreColumn, scoreScale, scoreText } from "../text/score-format.ts";
import { sentences } from "../text/sentences.ts";
import { networkTip, tip, withInterval } from "../text/tip.ts";
import type { Figure } from "./figure.ts";

const MAX_DOTS = 300;

/** Baselines this many times as far as samples and held-out networks are left out. */
const FAR = 1.6;

/** The mean of a group. Scores are as the axis shows them: percentages of fractions. */
export interface Mean extends Point {
  readonly name: string;
  readonly family: Family;
  readonly low: number;
  readonly high: number;
}

interface Curve {
  readonly family: BaselineFamily;
  /** All settings. */
  readonly means: readonly Mean[];
  /**
   * What the family reaches at a distance or farther: level up to its best setting, then through
   * those that are best so far out.
   */
  readonly frontier: readonly Mean[];
}

/** What the figure shows. */
interface Content {
  readonly metric: Metric;
  /** Samples, worst first. */
  readonly cloud: readonly Point[];
  readonly curves: readonly Curve[];
  /** Originals, held-out networks and samples. */
  readonly landmarks: readonly Mean[];
  /** The settings of all baselines. */
  readonly baselines: readonly Mean[];
  readonly band: Band | undefined;
  /** The acceptance threshold, where scores on the axis are what it was set for. */
  readonly threshold: number | undefined;
  readonly x: Domain;
  readonly y: Domain;
}

/** The figure, or undefined where the samples' distances or scores are not known. */
export function scoreDistanceFigure(plot: Plotting, input: ReportInput): Figure | undefined {
  const { audit, images } = input;
  const content = contentOf(input);
  if (content === undefined) return undefined;
  const { metric } = content;
  return {
    name: "score-distance",
    title: `${capitalised(metric.name)} at the same distance`,
    caption: captionOf(audit, content),
    data: {
      columns: ["kind", "group", "family", "distance", metric.name, "low", "high"],
      rows: rowsOf(audit, content),
    },
    draw: (look) => {
      const { theme } = look;
      const label = `${capitalised(metric.name)} of samples and of baselines against the distance to the nearest original.`;
      return plot.grid(look, label, {
        columns: 1,
        legend: [...legendOf(content, theme), ...bandLegend(theme, content.band)],
        panels: [(inner) => scatterOptions(plot, inner, scatterOf(content, images, isNarrow(look), theme))],
      });
    },
  };
}

function contentOf({ audit, images }: ReportInput): Content | undefined {
  const { metric } = audit;
  const samples = groupOf(audit, "samples");
  if (metric === null || samples === undefined) return undefined;
  const scale = scoreScale(metric);
  const cloud = dotsOf(samples, metric, images);
  if (cloud.length === 0) return undefined;
  const curves = baselineFamilies
    .map((family) => curveOf(audit, family, scale))
    .filter(({ means }) => means.length > 0);
  const landmarks = (["originals", "heldOut", "samples"] as const).flatMap((family) => {
    const group = groupOf(audit, family);
    return group === undefined ? [] : meanOf(group, scale);
  });
  const baselines = curves.flatMap(({ means }) => means);
  const core = [...landmarks, ...cloud].map(({ x }) => x);
  const reach = FAR * Math.max(...core);
  const near = baselines.filter(({ x }) => x <= reach);
  const [, high] = span([...core, ...near.map(({ x }) => x)], 0.04) ?? [0, 1];
  return {
    metric,
    cloud,
    curves,
    landmarks,
    baselines,
    band: originalsBand(audit),
    threshold: hasPredictions(audit) ? undefined : audit.acceptanceThreshold?.value,
    x: [0, high],
    y: rangeAround(
      [cloud.map(({ y }) => y), ...landmarks.map(({ low, high }) => [low, high])],
      near.map(({ low, high }) => [low, high]),
      metric.unit === "fraction" ? PERCENT : { low: -Infinity, high: Infinity, margin: marginOf(cloud) },
    ),
  };
}

/** A margin for scores that are all equal. */
const marginOf = (cloud: readonly Point[]): number => 0.04 * Math.abs(cloud[0]?.y ?? 0) || 0.04;

/** The networks of a group by rising score. */
export function dotsOf({ name, points }: AuditGroup, metric: Metric, images: Images | null): Point[] {
  return points.distance
    .map((x, i) => {
      const score = points.score[i] ?? Number.NaN;
      const tip = networkTip(name, i + 1, scoreText(metric, score, images), `distance ${decimal(x)}`);
      return { x, y: scoreScale(metric) * score, tip };
    })
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
    .sort((a, b) => a.y - b.y);
}

/** Where a group lies on average; empty where that is not known. */
export function meanOf({ name, family, distance, score }: AuditGroup, scale: number, x = distance.median): Mean[] {
  if (score === null || !Number.isFinite(x) || !Number.isFinite(score.mean.value)) return [];
  const { value, low, high } = score.mean;
  const bound = (end: number) => scale * (Number.isFinite(end) ? end : value);
  return [{ name, family, x, y: scale * value, low: bound(low), high: bound(high) }];
}

/** A family's settings, and its frontier where the audit knows it. */
export function curveOf(audit: Audit, family: BaselineFamily, scale: number): Curve {
  const means = audit.groups.filter((group) => group.family === family).flatMap((group) => meanOf(group, scale));
  const through = audit.excess.find((excess) => excess.family === family)?.through ?? [];
  const vertices = through.flatMap((name) => {
    const group = groupNamed(audit, name);
    if (group === undefined) return [];
    // On a frontier originals stand for copies of themselves.
    return group.family === "originals" ? meanOf({ ...group, family }, scale, 0) : meanOf(group, scale);
  });
  const [first] = vertices;
  return { family, means, frontier: first === undefined ? [] : [{ ...first, x: 0 }, ...vertices] };
}

const isInside = ({ x, y }: Content, point: Point): boolean => point.x <= x[1] && point.y >= y[0] && point.y <= y[1];

function captionOf(audit: Audit, content: Content): string {
  const { byUnits } = audit;
  const { metric, cloud, baselines } = content;
  const out = baselines.filter((mean) => !isInside(content, mean));
  const lost = cloud.filter((dot) => !isInside(content, dot)).length;
  const distance = byUnits
    ? "over all orders of hidden units, each weight counted by its effect on the outputs"
    : "with every tensor in units of its spread";
  return sentences(
    `Distance to the nearest original (1: the median ${freshNouns(audit).noun}; ${distance}) against ${metric.name}, of which ${direction(metric)}.`,
    "Large marks are means of groups with a 95\u00a0% interval, small dots single samples.",
    "A line is the best score that a family of baselines reaches at a distance or farther out. Copies of the originals lie at distance 0, and a mix of two settings lies between them.",
    "Compare the samples’ mean with the lines at the same distance: on a line, samples are as good as that baseline; beyond all lines, they are better than any simpler method at that distance.",
    content.threshold !== undefined && "The dashed horizontal line is the acceptance threshold.",
    out.length > 0 &&
      `Outside the frame: ${out.map(({ name, x, y }) => `${name} (at ${compact(x)}, ${compact(y)})`).join(", ")}.`,
    lost > 0 && `${counted(lost, "sample")} ${lost === 1 ? "lies" : "lie"} outside the frame.`,
    cloud.length > MAX_DOTS && `Of ${counted(cloud.length, "sample")}, ${MAX_DOTS} are shown, evenly chosen by rank.`,
  );
}

function rowsOf(audit: Audit, { metric, cloud, curves, landmarks, baselines, band }: Content): (string | number)[][] {
  const scale = scoreScale(metric);
  const samples = groupOf(audit, "samples")?.name ?? "samples";
  return [
    ...[...landmarks, ...baselines].map(({ name, family, x, y, low, high }) => [
      "mean",
      name,
      family,
      x,
      y / scale,
      low / scale,
      high / scale,
    ]),
    ...curves.flatMap(({ frontier }) =>
      frontier.map(({ name, family, x, y }) => ["frontier", name, family, x, y / scale, "", ""]),
    ),
    ...cloud.map(({ x, y }) => ["network", samples, "samples", x, y / scale, "", ""]),
    ...bandRows(audit, band).map(([name, value]) => [name, "originals", "originals", "", value, "", ""]),
  ];
}

function scatterOf(content: Content, images: Images | null, narrow: boolean, theme: Theme): Scatter {
  const { x, y, cloud, curves, landmarks, baselines, metric } = content;
  const inside = baselines.filter((mean) => isInside(content, mean));
  const unit = landmarks.some(({ family }) => family === "heldOut") ? "held-out network" : "original";
  return {
    x: {
      domain: x,
      ticks: narrow ? 5 : 9,
      label: narrow ? "distance to the nearest original" : `distance to the nearest original (1: the median ${unit}’s)`,
      labelOffset: 42,
    },
    y: {
      domain: y,
      ticks: 6,
      label: scoreAxis(metric, images),
      ...(metric.unit === "number" ? { tickFormat: compact } : {}),
    },
    height: narrow ? 360 : 400,
    margin: { top: 14, right: 16, bottom: 50, left: 56 },
    inset: { left: 0, right: 8, y: 8 },
    band: content.band,
    guides: { x: x[1] > 1 ? 1 : undefined, y: content.threshold, colour: theme.heldOut },
    clouds: [
      {
        points: evenlyWithEnds(
          cloud.filter((dot) => isInside(content, dot)),
          MAX_DOTS,
        ),
        r: 2.2,
        mark: "circle",
        colour: theme.samples,
        opacity: 0.4,
      },
    ],
    lines: curves.map(({ family, frontier }) => ({
      points: clippedFrontier(frontier, content),
      colour: theme[family],
      opacity: 0.8,
    })),
    marks: [...inside, ...landmarks.filter((mean) => isInside(content, mean))].map((mean) =>
      markOf(mean, theme, meanTip(mean, metric, images)),
    ),
    labels: inside
      .filter((mean) => mean.x > 0)
      .map((mean) => ({ x: mean.x, y: mean.y, text: shortLabel(mean.name).slice(0, 18), colour: theme[mean.family] })),
  };
}

/** The frontier as far as it lies within the frame. Scores on it worsen with the distance. */
function clippedFrontier(frontier: readonly Mean[], { metric, x, y }: Content): Point[] {
  const sign = metric.higherIsBetter ? 1 : -1;
  const worst = metric.higherIsBetter ? y[0] : -y[1];
  const line: Point[] = [];
  let from: Point | undefined;
  for (const to of frontier) {
    if (from === undefined) line.push(to);
    else {
      const down = (sign * from.y - worst) / (sign * (from.y - to.y) || 1e-9);
      const share = Math.min(1, (x[1] - from.x) / (to.x - from.x), down) || 0;
      if (share < 0) break;
      line.push({ x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) });
      if (share < 1) break;
    }
    from = to;
  }
  return line;
}

/** The mean of a group with its interval. */
export function meanTip({ name, x, y, low, high }: Mean, metric: Metric, images: Images | null): string {
  const scores = [y, low, high].map((value) => value / scoreScale(metric));
  const [, from = "", to = ""] = scoreColumn(metric, scores, images);
  const mean = withInterval(scoreText(metric, scores[0] ?? Number.NaN, images), from, to);
  return tip(name, `mean ${mean}`, `distance ${decimal(x)}`);
}

function markOf({ name, family, x, y, low, high }: Mean, theme: Theme, tip: string): Mark {
  const samples = family === "samples";
  return {
    x,
    y,
    tip,
    r: samples ? 7 : 4.5,
    halo: samples,
    mark: familyStyles[family].symbol,
    colour: theme[family],
    hollow: isAbsolute(name),
    intervals: { y: [low, high], width: samples ? 2.5 : 1.25 },
  };
}

function legendOf({ landmarks, curves }: Content, theme: Theme): LegendItem[] {
  const families = [...landmarks.map(({ family }) => family).toReversed(), ...curves.map(({ family }) => family)];
  return families.map((family) => ({
    label: familyStyles[family].title,
    colour: theme[family],
    mark: familyStyles[family].symbol,
  }));
}
