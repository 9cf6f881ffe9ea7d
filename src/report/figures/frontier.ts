/**
 * The generator as it trains: accuracy against distance at every snapshot of the denoiser, and how
 * well it predicts originals and held-out networks.
 */
import type { PlotOptions } from "@observablehq/plot";

import type { Audit, FrontierPoint } from "../../records/index.ts";
import { AXIS, gridLines, heading, isNarrow, logAxis, logTicks, someOf } from "../drawing/axes.ts";
import type { LegendItem } from "../drawing/legend.ts";
import type { Look } from "../drawing/look.ts";
import { type Band, bandLegend, bandRows, originalsBand } from "../drawing/originals-band.ts";
import type { Plotting } from "../drawing/plot.ts";
import { span } from "../drawing/range.ts";
import { type Mark, type Scatter, scatterOptions } from "../drawing/scatter.ts";
import type { Theme } from "../drawing/theme.ts";
import type { Images, ReportInput } from "../input.ts";
import { counted } from "../text/nouns.ts";
import { compact, decimal, percent, whole } from "../text/number-format.ts";
import { accuracyDigits } from "../text/score-format.ts";
import { sentences } from "../text/sentences.ts";
import { tip } from "../text/tip.ts";
import type { Figure } from "./figure.ts";

const MARGIN = { top: 34, right: 20, bottom: 48, left: 54 };
const HEIGHT = 330;
const INSET = 10;

/** The figure, or undefined where there are fewer than two snapshots. */
export function frontierFigure(plot: Plotting, { audit, images }: ReportInput): Figure | undefined {
  const points = audit.frontier
    .filter(({ distance, accuracy }) => Number.isFinite(distance.median) && Number.isFinite(accuracy.median))
    .toSorted((a, b) => a.step - b.step);
  if (points.length < 2 || images === null) return undefined;
  const losses = lossesOf(audit.frontier);
  const band = originalsBand(audit);
  const hasHeldOut = losses.some(({ name }) => name === "held-out");
  return {
    name: "frontier",
    title: "The generator as it trains",
    caption: sentences(
      "Left (or above): the samples’ median accuracy and median distance to the nearest original (1: held-out) after each number of training steps, with the middle 90\u00a0% of the samples. Right (or below): the denoiser’s error on originals, and on held-out networks that it never saw.",
      "Look for a path that moves left while it rises: accuracy gained by moving closer to the originals.",
      hasHeldOut && "Where the two losses part, the generator begins to memorise the originals.",
    ),
    data: { columns: ["step", "quantity", "low", "median", "high"], rows: rowsOf(audit, points, losses, band) },
    draw: (look) => {
      const panels = [
        (inner: Look) => scatterOptions(plot, inner, pathOf(points, band, images, look.theme)),
        ...(losses.length > 0 ? [(inner: Look) => lossPanel(plot, inner, losses)] : []),
      ];
      return plot.grid(
        look,
        `Accuracy and distance at ${counted(points.length, "snapshot")} of the generator’s training.`,
        {
          columns: isNarrow(look) ? 1 : panels.length,
          legend: legendOf(look.theme, band, losses.length > 0, hasHeldOut),
          panels,
        },
      );
    },
  };
}

function rowsOf(
  audit: Audit,
  points: readonly FrontierPoint[],
  losses: readonly Loss[],
  band: Band | undefined,
): (string | number)[][] {
  return [
    ...points.flatMap(({ step, accuracy, distance }) => [
      [step, "accuracy", accuracy.low, accuracy.median, accuracy.high],
      [step, "distance", distance.low, distance.median, distance.high],
    ]),
    ...losses.map(({ name, step, loss }) => [step, `loss on ${name}`, "", loss, ""]),
    ...bandRows(audit, band).map(([name, value]) => ["", name, "", value, ""]),
  ];
}

function legendOf(theme: Theme, band: Band | undefined, hasLosses: boolean, hasHeldOut: boolean): LegendItem[] {
  const items: LegendItem[] = [{ label: "samples", colour: theme.samples, mark: "circle" }, ...bandLegend(theme, band)];
  if (hasLosses) items.push({ label: "loss on originals", colour: theme.originals, mark: "line" });
  if (hasHeldOut) items.push({ label: "loss on held-out", colour: theme.heldOut, mark: "dashed" });
  return items;
}

function pathOf(points: readonly FrontierPoint[], band: Band | undefined, images: Images, theme: Theme): Scatter {
  const path = points.map(({ step, accuracy, distance }) => ({ step, x: distance.median, y: 100 * accuracy.median }));
  // The first snapshots are often far from everything: the frame keeps to the medians.
  const x = span([1, ...path.map((point) => point.x)], 0.08) ?? [0, 1];
  const [low, high] = span([...path.map(({ y }) => y), ...(band === undefined ? [] : [band.low, band.high])], 0.08) ?? [
    0, 100,
  ];
  return {
    heading: "samples by training step",
    x: { domain: x, ticks: 5, label: "distance to the nearest original", labelOffset: 40 },
    y: { domain: [low, Math.min(100, high)], ticks: 6, label: `accuracy on ${counted(images.test, "test image")}, %` },
    height: HEIGHT,
    margin: MARGIN,
    inset: { left: INSET, right: INSET, y: INSET },
    band,
    guides: { x: 1, colour: theme.heldOut },
    lines: [{ points: path, colour: theme.samples }],
    marks: points.map((point) => markOf(point, images, theme)),
    ring: path.at(-1),
    // The last snapshots are labelled first: where labels would overlap, the earlier ones go.
    labels: path.map(({ step, x, y }) => ({ x, y, text: whole(step), colour: theme.ink })).toReversed(),
  };
}

function markOf({ step, accuracy, distance }: FrontierPoint, images: Images, theme: Theme): Mark {
  const mark: Mark = {
    x: distance.median,
    y: 100 * accuracy.median,
    tip: tip(
      `step ${whole(step)}`,
      `median accuracy ${percent(accuracy.median, accuracyDigits(images))}`,
      `distance ${decimal(distance.median)}`,
    ),
    r: 4,
    mark: "circle",
    colour: theme.samples,
  };
  const ends = [accuracy.low, accuracy.high, distance.low, distance.high];
  if (!ends.every(Number.isFinite)) return mark;
  return {
    ...mark,
    intervals: {
      x: [distance.low, distance.high],
      y: [100 * accuracy.low, 100 * accuracy.high],
      width: 1,
      opacity: 0.3,
    },
  };
}

interface Loss {
  readonly name: "originals" | "held-out";
  readonly step: number;
  readonly loss: number;
}

/** The positive losses by step. */
function lossesOf(frontier: readonly FrontierPoint[]): Loss[] {
  return frontier
    .toSorted((a, b) => a.step - b.step)
    .flatMap(({ step, loss }): Loss[] => [
      { name: "originals", step, loss: loss.originals },
      { name: "held-out", step, loss: loss.heldOut ?? Number.NaN },
    ])
    .filter(({ step, loss }) => step > 0 && Number.isFinite(loss) && loss > 0);
}

function lossPanel(plot: Plotting, look: Look, losses: readonly Loss[]): PlotOptions {
  const { theme } = look;
  const steps = [...new Set(losses.map(({ step }) => step))];
  const y = span(losses.map(({ loss }) => Math.log10(loss))) ?? [0, 1];
  const ticks = someOf(logTicks(10 ** y[0], 10 ** y[1], Number.POSITIVE_INFINITY), 7);
  const place = { x: ({ step }: Loss) => Math.log10(step), y: ({ loss }: Loss) => Math.log10(loss) };
  return {
    height: HEIGHT,
    marginTop: MARGIN.top,
    marginRight: MARGIN.right,
    marginBottom: MARGIN.bottom,
    marginLeft: MARGIN.left,
    x: {
      ...AXIS,
      domain: [Math.min(...steps), Math.max(...steps)].map(Math.log10),
      inset: INSET,
      ...logAxis(someOf(steps, 6), compact),
      label: "step of the generator’s training",
      labelOffset: 40,
    },
    y: { ...AXIS, domain: y, ...logAxis(ticks, compact), label: "mean squared error of the denoiser" },
    marks: [
      ...gridLines(plot, look, { y: ticks.map(Math.log10) }),
      heading(plot, "denoising loss"),
      ...(["originals", "held-out"] as const).flatMap((name) => {
        const points = losses.filter((loss) => loss.name === name);
        const colour = name === "originals" ? theme.originals : theme.heldOut;
        const dashes = name === "originals" ? {} : { strokeDasharray: "6 3" };
        return [
          plot.line(points, { ...place, ...dashes, stroke: colour, strokeWidth: 2 }),
          plot.dot(points, {
            ...place,
            r: 3.2,
            fill: colour,
            title: ({ step, loss }: Loss) => tip(`step ${whole(step)}`, `loss on ${name} ${compact(loss)}`),
          }),
        ];
      }),
    ],
  };
}
