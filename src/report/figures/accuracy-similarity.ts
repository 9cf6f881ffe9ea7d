/** Accuracy against the greatest similarity to any original: the paper's figure 4(b), with all baselines. */
import type { Markish } from "@observablehq/plot";

import type { Audit, AuditGroup, Family } from "../audit.ts";
import { AXIS, gridLines, heading, isNarrow } from "../drawing/axes.ts";
import { evenly } from "../drawing/fewer-points.ts";
import { families, isAbsolute, setting, shaded } from "../drawing/group-styles.ts";
import { type Label, roomy } from "../drawing/label-placement.ts";
import { CHARACTER, dotStyle, type LegendItem } from "../drawing/legend.ts";
import { bandLegend, bandMarks, bandRows, originalsBand } from "../drawing/originals-band.ts";
import type { Look, Plotting } from "../drawing/plot.ts";
import { rangeAround, span } from "../drawing/range.ts";
import type { Theme } from "../drawing/theme.ts";
import type { ReportInput } from "../results.ts";
import { counted } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

/** Dots of one group: more overlap, and only make the page heavy. */
const MAX_DOTS = 150;

const BOTH: readonly Family[] = ["originals", "heldOut", "samples"];
const PANELS: readonly { readonly name: string; readonly own: readonly Family[] }[] = [
  { name: "beside noise and fine-tuning", own: ["noise", "fineTuned"] },
  { name: "beside averages and Gaussians", own: ["average", "gaussian", "latent"] },
];

const MARGIN = { top: 34, right: 10, bottom: 48, left: 52 };
const PANEL_HEIGHT = 330;
const INSET = 8;

interface Point {
  readonly x: number;
  /** Percent. */
  readonly y: number;
}

interface Cloud {
  readonly group: AuditGroup;
  /** By rising accuracy. */
  readonly points: readonly Point[];
  readonly shade: number;
}

/** The figure, or undefined where there are no samples to show. */
export function accuracySimilarityFigure(plot: Plotting, { audit, images }: ReportInput): Figure | undefined {
  const clouds = cloudsOf(audit);
  if (!clouds.some(({ group }) => group.family === "samples")) return undefined;
  const panels = PANELS.filter(({ own }, i) => i === 0 || clouds.some(({ group }) => own.includes(group.family))).map(
    ({ name, own }) => ({ name, ...framed(clouds, own) }),
  );
  const band = originalsBand(audit);
  const out = new Set(panels.flatMap(({ out }) => out)).size;
  const thinned = clouds.some(({ points }) => points.length > MAX_DOTS);
  return {
    name: "accuracy-similarity",
    title: "Accuracy against similarity",
    caption: [
      "Each dot is a network; to the left are networks whose mistakes are unlike those of every original, further up better ones. An original is compared with the other originals.",
      "Noise shows hollow where it is the same on every parameter (noise-absolute:σ) and filled where it is relative to each tensor’s spread (noise:σ); darker is stronger noise, or an average of more. Numbers inside are the settings.",
      "Look for samples above the band and left of baselines of the same accuracy. Noise never gains accuracy, so beating it says little; averages and Gaussians are the strict comparison.",
      out > 0 ? `${counted(out, "network")} far from the others ${out === 1 ? "lies" : "lie"} outside the frame.` : "",
      thinned ? `Groups of more than ${MAX_DOTS} networks show ${MAX_DOTS} of them, evenly chosen by rank.` : "",
    ]
      .filter((text) => text !== "")
      .join(" "),
    data: {
      columns: ["group", "family", "greatest_similarity", "accuracy"],
      rows: [
        ...clouds.flatMap(({ group, points }) =>
          points.map((point) => [group.name, group.family, point.x, point.y / 100]),
        ),
        ...bandRows(band).map(([name, value]) => [name, "originals", "", value]),
      ],
    },
    draw: (look) => {
      const legend = [...bandLegend(look.theme, band), ...legendOf(clouds, look.theme)];
      return plot.grid(look, "Accuracy of networks against their greatest similarity to any original.", {
        columns: isNarrow(look) ? 1 : panels.length,
        legend,
        panels: panels.map(({ name, clouds, x, y, inside }) => (inner) => ({
          height: PANEL_HEIGHT,
          marginTop: MARGIN.top,
          marginRight: MARGIN.right,
          marginBottom: MARGIN.bottom,
          marginLeft: MARGIN.left,
          x: {
            ...AXIS,
            domain: x,
            inset: INSET,
            ticks: 5,
            label: "greatest similarity to any original",
            labelOffset: 40,
          },
          y: {
            ...AXIS,
            domain: y,
            inset: INSET,
            ticks: 6,
            label: `accuracy on ${counted(images.test, "test image")}, %`,
          },
          marks: [
            ...gridLines(plot, inner, { x: 5, y: 6 }),
            ...bandMarks(plot, inner, band, y),
            heading(plot, name),
            ...clouds.map((cloud) => cloudMark(plot, inner, cloud, inside)),
            ...settingMarks(plot, inner, clouds, { x, y }),
          ],
        })),
      });
    },
  };
}

/** The clouds of a panel, and the part of the plane that holds them; noise may ruin networks, which then lie outside. */
function framed(all: readonly Cloud[], own: readonly Family[]) {
  const clouds = all.filter(({ group }) => own.includes(group.family) || BOTH.includes(group.family));
  const isCore = ({ group }: Cloud) => BOTH.includes(group.family);
  const heights = (list: readonly Cloud[]) => list.map(({ points }) => points.map(({ y }) => y));
  const y = rangeAround(heights(clouds.filter(isCore)), heights(clouds.filter((cloud) => !isCore(cloud))));
  const inside = (point: Point) => point.y >= y[0] && point.y <= y[1];
  const points = clouds.flatMap((cloud) => cloud.points);
  const x = span(points.filter(inside).map((point) => point.x))!;
  return { clouds, x, y, inside, out: points.filter((point) => !inside(point)) };
}

/** All groups with points, the reference points and samples last, so that they lie on top. */
function cloudsOf(audit: Audit): Cloud[] {
  const order = [...PANELS.flatMap(({ own }) => own), "originals", "heldOut", "samples"] as const;
  return order.flatMap((family) =>
    shaded(audit.groups.filter((group) => group.family === family)).flatMap(([group, shade]) => {
      const points = group.points.greatest
        .map((greatest, i) => ({ x: greatest, y: 100 * (group.points.accuracy[i] ?? Number.NaN) }))
        .filter(({ x, y }) => Number.isFinite(x) && x !== null && Number.isFinite(y))
        .sort((a, b) => a.y - b.y);
      return points.length === 0 ? [] : [{ group, points, shade }];
    }),
  );
}

function styleOf({ group, shade }: Omit<Cloud, "points">, theme: Theme) {
  const { family, name } = group;
  return {
    mark: families[family].symbol,
    colour: theme[family],
    hollow: isAbsolute(name) || family === "heldOut",
    opacity: family === "samples" || family === "originals" ? 0.65 : shade,
  };
}

function cloudMark(plot: Plotting, { theme }: Look, cloud: Cloud, inside: (point: Point) => boolean): Markish {
  const points = evenly(cloud.points.filter(inside), MAX_DOTS);
  // A group of one network is a landmark, and many dots would hide it.
  const r = cloud.points.length === 1 ? 5 : 2.4;
  return plot.dot(points, { x: "x", y: "y", ...dotStyle(styleOf(cloud, theme)), strokeWidth: 0.9, r });
}

/** The settings of baselines in the middle of their dots, where there is room. */
function settingMarks(
  plot: Plotting,
  { theme, width }: Look,
  clouds: readonly Cloud[],
  { x, y }: { x: readonly [number, number]; y: readonly [number, number] },
): Markish[] {
  const room = {
    x: width - MARGIN.left - MARGIN.right - 2 * INSET,
    y: PANEL_HEIGHT - MARGIN.top - MARGIN.bottom - 2 * INSET,
  };
  const labels = clouds
    .filter(({ group }) => !BOTH.includes(group.family) && group.family !== "fineTuned")
    .map(({ group, points }): Label & { colour: string } => {
      const text = setting(group.name).slice(0, 16);
      const mean = (value: (point: Point) => number) => points.reduce((sum, p) => sum + value(p), 0) / points.length;
      const middle = {
        x: MARGIN.left + INSET + (room.x * (mean((p) => p.x) - x[0])) / (x[1] - x[0]),
        y: MARGIN.top + INSET + room.y * (1 - (mean((p) => p.y) - y[0]) / (y[1] - y[0])),
      };
      const half = (CHARACTER * text.length) / 2;
      const left = Math.min(Math.max(middle.x - half, MARGIN.left + 2), width - MARGIN.right - 2 * half - 2);
      return { text, x: left, y: middle.y, colour: theme[group.family] };
    })
    .filter((label) => label.y > MARGIN.top + 6 && label.y < PANEL_HEIGHT - MARGIN.bottom - 6);
  return roomy(labels).map(({ text, x, y, colour }) =>
    plot.text([text], {
      ...{ frameAnchor: "top-left", dx: x - MARGIN.left + (CHARACTER * text.length) / 2, dy: y - MARGIN.top },
      ...{ textAnchor: "middle", lineAnchor: "middle", fontWeight: 700, fontSize: 11 },
      ...{ fill: colour, stroke: theme.background, strokeWidth: 3.5 },
    }),
  );
}

function legendOf(clouds: readonly Cloud[], theme: Theme): LegendItem[] {
  const items: LegendItem[] = [];
  for (const cloud of clouds.toReversed()) {
    const { family, name } = cloud.group;
    const label =
      family === "noise" ? (isAbsolute(name) ? "noise, absolute" : "noise, relative") : families[family].title;
    if (items.some((item) => item.label === label)) continue;
    items.push({ label, ...styleOf(cloud, theme), opacity: 0.9 });
  }
  return items;
}
