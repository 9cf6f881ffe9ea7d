/** Accuracy against distance while the generator trains, and how well it knows the originals beside held-out networks. */
import type { PlotOptions } from "@observablehq/plot";

import type { FrontierPoint } from "../audit.ts";
import { AXIS, gridLines, heading, isNarrow, logAxis, someOf } from "../drawing/axes.ts";
import { type Label, roomy } from "../drawing/label-placement.ts";
import { type Band, bandLegend, bandMarks, bandRows, originalsBand } from "../drawing/originals-band.ts";
import type { Look, Plotting } from "../drawing/plot.ts";
import { span } from "../drawing/range.ts";
import type { ReportInput } from "../results.ts";
import { compact, counted, whole } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

const MARGIN = { top: 34, right: 20, bottom: 48, left: 54 };
const HEIGHT = 330;
const INSET = 10;

/** The figure, or undefined where the generator was looked at but once. */
export function frontierFigure(plot: Plotting, { audit, images }: ReportInput): Figure | undefined {
  const points = audit.frontier
    .filter(({ distance, accuracy }) => Number.isFinite(distance.median) && Number.isFinite(accuracy.median))
    .toSorted((a, b) => a.step - b.step);
  const losses = lossesOf(audit.frontier);
  if (points.length < 2) return undefined;
  const band = originalsBand(audit);
  const known = losses.some(({ name }) => name === "held-out");
  const panels = [
    (look: Look) => pathPanel(plot, look, points, band, images.test),
    ...(losses.length > 0 ? [(look: Look) => lossPanel(plot, look, losses)] : []),
  ];
  return {
    name: "frontier",
    title: "The generator as it trains",
    caption: [
      "Left (or above): the samples’ median accuracy and median distance to the nearest original (1: held-out) after so many steps of training, with the middle 90\u00a0% of the samples. Right (or below): how far off the denoiser’s predictions are on the originals, and on held-out networks that it never saw.",
      "Look for a path that moves left while it rises: accuracy bought by coming nearer to the originals.",
      known ? "Where the two losses part, the generator begins to know the originals by heart." : "",
    ]
      .join(" ")
      .trim(),
    data: {
      columns: ["step", "quantity", "low", "median", "high"],
      rows: [
        ...points.flatMap(({ step, accuracy, distance }) => [
          [step, "accuracy", accuracy.low, accuracy.median, accuracy.high],
          [step, "distance", distance.low, distance.median, distance.high],
        ]),
        ...losses.map(({ name, step, loss }) => [step, `loss on ${name}`, "", loss, ""]),
        ...bandRows(band).map(([name, value]) => ["", name, "", value, ""]),
      ],
    },
    draw: (look) => {
      const { theme } = look;
      return plot.grid(
        look,
        `Accuracy and distance at ${counted(points.length, "snapshot")} of the generator’s training.`,
        {
          columns: isNarrow(look) ? 1 : panels.length,
          legend: [
            { label: "samples", colour: theme.samples, mark: "circle" },
            ...bandLegend(theme, band),
            ...(losses.length > 0
              ? [{ label: "loss on originals", colour: theme.originals, mark: "line" } as const]
              : []),
            ...(known ? [{ label: "loss on held-out", colour: theme.heldOut, mark: "dashed" } as const] : []),
          ],
          panels,
        },
      );
    },
  };
}

function pathPanel(
  plot: Plotting,
  look: Look,
  points: readonly FrontierPoint[],
  band: Band | undefined,
  images: number,
): PlotOptions {
  const { theme, width } = look;
  const path = points.map(({ step, accuracy, distance }) => ({ step, x: distance.median, y: 100 * accuracy.median }));
  const last = path.at(-1)!;
  // The first snapshots are often far from everything: the frame keeps to the medians, and to the last network's spread.
  const x = span([1, ...path.map((point) => point.x)], 0.08)!;
  const y = span([...path.map((point) => point.y), ...(band === undefined ? [] : [band.low, band.high])], 0.08)!;
  y[1] = Math.min(100, y[1]);
  const within = ([low, high]: readonly [number, number], value: number) => Math.min(high, Math.max(low, value));
  const finite = points.filter(({ accuracy, distance }) =>
    [accuracy.low, accuracy.high, distance.low, distance.high].every(Number.isFinite),
  );
  const room = {
    x: width - MARGIN.left - MARGIN.right - 2 * INSET,
    y: HEIGHT - MARGIN.top - MARGIN.bottom - 2 * INSET,
  };
  const labels = path
    .map((point): Label => {
      const text = whole(point.step);
      const left = INSET + (room.x * (point.x - x[0])) / (x[1] - x[0]) + 9;
      const fits = left + 7 * text.length < room.x + 2 * INSET + MARGIN.right;
      return {
        text,
        x: fits ? left : left - 18 - 7 * text.length,
        y: INSET + room.y * (1 - (point.y - y[0]) / (y[1] - y[0])) + 10,
      };
    })
    .toReversed();
  return {
    height: HEIGHT,
    marginTop: MARGIN.top,
    marginRight: MARGIN.right,
    marginBottom: MARGIN.bottom,
    marginLeft: MARGIN.left,
    x: { ...AXIS, domain: x, inset: INSET, ticks: 5, label: "distance to the nearest original", labelOffset: 40 },
    y: { ...AXIS, domain: y, inset: INSET, ticks: 6, label: `accuracy on ${counted(images, "test image")}, %` },
    marks: [
      ...gridLines(plot, look, { x: 5, y: 6 }),
      ...bandMarks(plot, look, band, y),
      heading(plot, "samples after so many steps"),
      plot.ruleX([1], { stroke: theme.heldOut, strokeDasharray: "4 3" }),
      ...finite.flatMap(({ accuracy, distance }) => {
        const style = { stroke: theme.samples, strokeOpacity: 0.3, strokeWidth: 1 };
        const [cx, cy] = [distance.median, 100 * accuracy.median];
        return [
          plot.link([0], { ...style, x1: within(x, distance.low), x2: within(x, distance.high), y1: cy, y2: cy }),
          plot.link([0], {
            ...style,
            x1: cx,
            x2: cx,
            y1: within(y, 100 * accuracy.low),
            y2: within(y, 100 * accuracy.high),
          }),
        ];
      }),
      plot.line(path, { x: "x", y: "y", stroke: theme.samples, strokeWidth: 1.75 }),
      plot.dot(path, { x: "x", y: "y", r: 4, fill: theme.samples }),
      plot.dot([last], { x: "x", y: "y", r: 7.5, stroke: theme.ink, strokeWidth: 1.5 }),
      ...roomy(labels).map(({ text, x, y }) =>
        plot.text([text], {
          ...{ frameAnchor: "top-left", dx: x, dy: y, textAnchor: "start", lineAnchor: "middle", fontSize: 11 },
          ...{ fill: theme.ink, stroke: theme.background, strokeWidth: 3.5 },
        }),
      ),
    ],
  };
}

interface Loss {
  readonly name: "originals" | "held-out";
  readonly step: number;
  readonly loss: number;
}

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
  const values = losses.map(({ loss }) => Math.log10(loss));
  const y = span(values)!;
  const ticks = fineTicks(10 ** y[0], 10 ** y[1]);
  return {
    height: HEIGHT,
    marginTop: MARGIN.top,
    marginRight: MARGIN.right,
    marginBottom: MARGIN.bottom,
    marginLeft: MARGIN.left,
    x: {
      ...AXIS,
      domain: [Math.log10(steps[0]!), Math.log10(steps.at(-1)!)],
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
        const place = { x: ({ step }: Loss) => Math.log10(step), y: ({ loss }: Loss) => Math.log10(loss) };
        const colour = name === "originals" ? theme.originals : theme.heldOut;
        const dashes = name === "originals" ? {} : { strokeDasharray: "6 3" };
        return [
          plot.line(points, { ...place, ...dashes, stroke: colour, strokeWidth: 2 }),
          plot.dot(points, { ...place, r: 3.2, fill: colour }),
        ];
      }),
    ],
  };
}

/** 1, 2 and 5 times powers of ten between two positive values. */
function fineTicks(low: number, high: number): number[] {
  const powers = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) powers.push(power);
  const ticks = powers
    .flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power))
    .filter((value) => value >= low && value <= high);
  return ticks.length > 1 ? someOf(ticks, 7) : [low, high];
}
