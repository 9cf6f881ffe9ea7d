/**
 * Scores against the greatest similarity to any original (figure 4(b) of the paper), with all
 * baselines. It needs predictions.
 */
import { evenlyWithEnds } from "../../numeric/index.ts";
import type { Audit, AuditGroup, Family, Metric } from "../../records/index.ts";
import { isAbsolute, shortLabel } from "../audit-groups.ts";
import type { Domain } from "../drawing/axes.ts";
import { familyStyles, shaded } from "../drawing/family-styles.ts";
import type { DotStyle, LegendItem } from "../drawing/legend.ts";
import { bandLegend, bandRows, originalsBand } from "../drawing/originals-band.ts";
import type { Plotting } from "../drawing/plot.ts";
import { PERCENT, rangeAround, span } from "../drawing/range.ts";
import { type Point, type PointLabel, type Scatter, scatterOptions } from "../drawing/scatter.ts";
import type { Theme } from "../drawing/theme.ts";
import type { Images, ReportInput } from "../input.ts";
import { counted } from "../text/nouns.ts";
import { decimal } from "../text/number-format.ts";
import { capitalised, scoreAxis, scoreScale, scoreText } from "../text/score-format.ts";
import { sentences } from "../text/sentences.ts";
import { networkTip } from "../text/tip.ts";
import type { Figure } from "./figure.ts";

/**
 * Dots of one group: more overlap, and only make the page heavy. Baselines have many groups, which
 * lie together.
 */
const MAX_DOTS = 100;
const MAX_BASELINE_DOTS = 20;

const maxDots = ({ group: { family } }: GroupCloud): number => (SHARED.includes(family) ? MAX_DOTS : MAX_BASELINE_DOTS);

/** Families that every panel shows. */
const SHARED: readonly Family[] = ["originals", "heldOut", "samples"];

const PANELS: readonly { readonly name: string; readonly families: readonly Family[] }[] = [
  { name: "beside noise and fine-tuning", families: ["noise", "fineTuned"] },
  { name: "beside averages and Gaussians", families: ["average", "gaussian", "latent"] },
];

/** The networks of a group, worst first. */
interface GroupCloud {
  readonly group: AuditGroup;
  readonly points: readonly Point[];
  readonly shade: number;
}

interface Panel {
  readonly name: string;
  readonly clouds: readonly GroupCloud[];
  readonly x: Domain;
  readonly y: Domain;
  /** Points outside the axes. */
  readonly outside: readonly Point[];
}

/** The figure, or undefined where the samples' similarities are not known. */
export function scoreSimilarityFigure(plot: Plotting, { audit, images }: ReportInput): Figure | undefined {
  const { metric } = audit;
  if (metric === null) return undefined;
  const scale = scoreScale(metric);
  const clouds = cloudsOf(audit, metric, images);
  if (!clouds.some(({ group }) => group.family === "samples")) return undefined;
  const panels = PANELS.filter(
    ({ families }, i) => i === 0 || clouds.some(({ group }) => families.includes(group.family)),
  ).map(({ name, families }) => panelOf(clouds, name, families));
  const band = originalsBand(audit);
  return {
    name: "score-similarity",
    title: `${capitalised(metric.name)} against similarity`,
    caption: captionOf(clouds, panels),
    data: {
      columns: ["group", "family", "greatest_similarity", metric.name],
      rows: [
        ...clouds.flatMap(({ group, points }) => points.map(({ x, y }) => [group.name, group.family, x, y / scale])),
        ...bandRows(audit, band).map(([name, value]) => [name, "originals", "", value]),
      ],
    },
    draw: (look) => {
      const { theme } = look;
      const label = `${capitalised(metric.name)} of networks against their greatest similarity to any original.`;
      return plot.grid(look, label, {
        columns: 1,
        legend: [...bandLegend(theme, band), ...legendOf(clouds, theme)],
        panels: panels.map((panel) => (inner) => {
          const scatter = scatterOf(panel, scoreAxis(metric, images), theme);
          return scatterOptions(plot, inner, { ...scatter, band });
        }),
      });
    },
  };
}

function captionOf(clouds: readonly GroupCloud[], panels: readonly Panel[]): string {
  const out = new Set(panels.flatMap(({ outside }) => outside)).size;
  return sentences(
    "Each dot is a network. Networks further left make mistakes unlike those of any original; networks further up are better. An original is compared with the other originals.",
    "Hollow marks are noise of one size on every parameter (noise-absolute:σ), filled ones noise relative to each tensor’s spread (noise:σ). Darker marks are stronger noise, or averages of more networks. The labels are the settings.",
    "Look for samples above the band and left of baselines of the same accuracy. Noise never gains accuracy, so beating it says little; averages and Gaussians are the strict comparison.",
    out > 0 && `${counted(out, "network")} far from the others ${out === 1 ? "lies" : "lie"} outside the frame.`,
    clouds.some((cloud) => cloud.points.length > maxDots(cloud)) &&
      `At most ${MAX_DOTS} networks of a group are shown, and ${MAX_BASELINE_DOTS} of a baseline, evenly chosen by rank.`,
  );
}

/** A panel's clouds and axes. Networks that noise ruined do not stretch the axes. */
function panelOf(all: readonly GroupCloud[], name: string, families: readonly Family[]): Panel {
  const isShared = ({ group }: GroupCloud) => SHARED.includes(group.family);
  const clouds = all.filter((cloud) => families.includes(cloud.group.family) || isShared(cloud));
  const heights = (list: readonly GroupCloud[]) => list.map(({ points }) => points.map(({ y }) => y));
  const others = clouds.filter((cloud) => !isShared(cloud));
  const y = rangeAround(heights(clouds.filter(isShared)), heights(others), PERCENT);
  const points = clouds.flatMap((cloud) => cloud.points);
  const isInside = (point: Point) => point.y >= y[0] && point.y <= y[1];
  const x = span(points.filter(isInside).map((point) => point.x)) ?? [0, 1];
  return { name, clouds, x, y, outside: points.filter((point) => !isInside(point)) };
}

/** All groups with points; samples and what they are compared with come last, on top. */
function cloudsOf(audit: Audit, metric: Metric, images: Images | null): GroupCloud[] {
  const order = [...PANELS.flatMap(({ families }) => families), ...SHARED];
  return order.flatMap((family) =>
    shaded(audit.groups.filter((group) => group.family === family)).flatMap(([group, shade]) => {
      const points = group.points.greatest
        .map((x, i) => {
          const score = group.points.score[i] ?? Number.NaN;
          const tip = networkTip(group.name, i + 1, scoreText(metric, score, images), `similarity ${decimal(x)}`);
          return { x, y: scoreScale(metric) * score, tip };
        })
        .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
        .sort((a, b) => a.y - b.y);
      return points.length === 0 ? [] : [{ group, points, shade }];
    }),
  );
}

function scatterOf({ name, clouds, x, y, outside }: Panel, label: string, theme: Theme): Scatter {
  const left = new Set(outside);
  return {
    heading: name,
    x: { domain: x, ticks: 5, label: "greatest similarity to any original", labelOffset: 40 },
    y: { domain: y, ticks: 6, label },
    height: 330,
    margin: { top: 34, right: 10, bottom: 48, left: 52 },
    inset: { left: 8, right: 8, y: 8 },
    clouds: clouds.map((cloud) => ({
      points: evenlyWithEnds(
        cloud.points.filter((point) => !left.has(point)),
        maxDots(cloud),
      ),
      ...styleOf(cloud, theme),
      // A group of one network is a landmark, and many dots would hide it.
      r: cloud.points.length === 1 ? 5 : 2.4,
    })),
    labels: labelsOf(clouds, theme),
  };
}

/** The settings of baselines, each beside the middle of its dots. */
function labelsOf(clouds: readonly GroupCloud[], theme: Theme): PointLabel[] {
  return clouds
    .filter(({ group }) => !SHARED.includes(group.family) && group.family !== "fineTuned")
    .map(({ group, points }) => {
      const mean = (value: (point: Point) => number) => points.reduce((sum, p) => sum + value(p), 0) / points.length;
      return {
        text: shortLabel(group.name).slice(0, 16),
        x: mean((point) => point.x),
        y: mean((point) => point.y),
        colour: theme[group.family],
      };
    });
}

function styleOf({ group, shade }: GroupCloud, theme: Theme): DotStyle {
  const { family, name } = group;
  return {
    mark: familyStyles[family].symbol,
    colour: theme[family],
    hollow: isAbsolute(name) || family === "heldOut",
    opacity: family === "samples" || family === "originals" ? 0.65 : shade,
  };
}

function legendOf(clouds: readonly GroupCloud[], theme: Theme): LegendItem[] {
  const items: LegendItem[] = [];
  for (const cloud of clouds.toReversed()) {
    const { family, name } = cloud.group;
    const noise = isAbsolute(name) ? "noise, absolute" : "noise, relative";
    const label = family === "noise" ? noise : familyStyles[family].title;
    if (items.some((item) => item.label === label)) continue;
    items.push({ label, ...styleOf(cloud, theme), opacity: 0.9 });
  }
  return items;
}
