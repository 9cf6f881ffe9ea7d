/**
 * A scatter plot of networks: clouds of dots, marks with intervals, lines and labels on two axes.
 * The figures choose what lies on the axes.
 */
import type { Markish, PlotOptions, ScaleOptions } from "@observablehq/plot";

import { AXIS, type Domain, gridLines, heading } from "./axes.ts";
import { type Label, withoutOverlap } from "./label-placement.ts";
import { CHARACTER, type DotStyle, dotOptions } from "./legend.ts";
import type { Look } from "./look.ts";
import { type Band, bandMarks } from "./originals-band.ts";
import type { Plotting } from "./plot.ts";
import { clamp } from "./range.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Dots that look the same. */
export interface Cloud extends DotStyle {
  readonly points: readonly Point[];
  /** Radius, pixels. */
  readonly r: number;
}

/** One dot that stands for several networks, with intervals along the axes. */
export interface Mark extends DotStyle, Point {
  /** Radius, pixels. */
  readonly r: number;
  /** Outline it in the colour of the background, so that it stands out. */
  readonly halo?: boolean;
  readonly intervals?: Intervals;
}

export interface Intervals {
  readonly x?: Domain;
  readonly y?: Domain;
  readonly width: number;
  readonly opacity?: number;
}

export interface Line {
  readonly points: readonly Point[];
  readonly colour: string;
  readonly opacity?: number;
}

/** A text at a point of the plane. */
export interface PointLabel extends Point {
  readonly text: string;
  readonly colour: string;
}

/** Where labels stand: beside their points, `dy` pixels below, or centred on them. */
export type LabelPlacement = { readonly side: "beside"; readonly dy: number } | { readonly side: "centre" };

export interface ScatterAxis {
  readonly domain: Domain;
  readonly label: string;
  readonly ticks: number;
  /** Pixels between the label and the axis, where Plot's own place is not right. */
  readonly labelOffset?: number;
  readonly tickFormat?: (value: number) => string;
}

export interface Scatter {
  readonly x: ScatterAxis;
  readonly y: ScatterAxis;
  readonly height: number;
  readonly margin: { readonly top: number; readonly right: number; readonly bottom: number; readonly left: number };
  /** Pixels between the frame and the ends of the axes. */
  readonly inset: { readonly left: number; readonly right: number; readonly y: number };
  /** The name of the panel. */
  readonly heading?: string | undefined;
  readonly band?: Band | undefined;
  /** Dashed lines across the plot. */
  readonly guides?: { readonly x?: number | undefined; readonly y?: number | undefined; readonly colour: string };
  readonly clouds?: readonly Cloud[];
  readonly lines?: readonly Line[];
  readonly marks?: readonly Mark[];
  /** The point that a ring marks. */
  readonly ring?: Point | undefined;
  readonly labels?: readonly PointLabel[];
  readonly placement?: LabelPlacement;
}

/** The options of a scatter plot of a width and theme. Labels that would overlap are left out. */
export function scatterOptions(plot: Plotting, look: Look, scatter: Scatter): PlotOptions {
  const { x, y, height, margin, inset, guides = { colour: "none" } } = scatter;
  const { clouds = [], lines = [], marks = [], ring } = scatter;
  const dash = { stroke: guides.colour, strokeDasharray: "4 3" };
  return {
    height,
    marginTop: margin.top,
    marginRight: margin.right,
    marginBottom: margin.bottom,
    marginLeft: margin.left,
    x: { ...axisOptions(x), insetLeft: inset.left, insetRight: inset.right },
    y: { ...axisOptions(y), inset: inset.y },
    marks: [
      ...gridLines(plot, look, { x: x.ticks, y: y.ticks }),
      ...bandMarks(plot, look, scatter.band, y.domain),
      ...(scatter.heading === undefined ? [] : [heading(plot, scatter.heading)]),
      ...(guides.x === undefined ? [] : [plot.ruleX([guides.x], dash)]),
      ...(guides.y === undefined ? [] : [plot.ruleY([guides.y], dash)]),
      ...clouds.map((cloud) => cloudMark(plot, cloud)),
      ...lines.map(({ points, colour, opacity = 1 }) =>
        plot.line(points, { x: "x", y: "y", stroke: colour, strokeWidth: 1.75, strokeOpacity: opacity }),
      ),
      ...marks.flatMap((mark) => [...intervalMarks(plot, mark, scatter), markDot(plot, look, mark)]),
      ...(ring === undefined
        ? []
        : [plot.dot([ring], { x: "x", y: "y", r: 7.5, stroke: look.theme.ink, strokeWidth: 1.5 })]),
      ...labelMarks(plot, look, scatter),
    ],
  };
}

function axisOptions({ domain, label, ticks, labelOffset, tickFormat }: ScatterAxis): ScaleOptions {
  return {
    ...AXIS,
    domain,
    label,
    ticks,
    ...(labelOffset === undefined ? {} : { labelOffset }),
    ...(tickFormat === undefined ? {} : { tickFormat }),
  };
}

function cloudMark(plot: Plotting, { points, r, ...style }: Cloud): Markish {
  return plot.dot(points, { x: "x", y: "y", ...dotOptions(style), strokeWidth: 0.9, r });
}

function markDot(plot: Plotting, { theme }: Look, { x, y, r, halo = false, ...style }: Mark): Markish {
  return plot.dot([{ x, y }], {
    x: "x",
    y: "y",
    r,
    ...dotOptions(style),
    ...(style.hollow === true ? { fill: theme.background } : {}),
    ...(halo ? { stroke: theme.background, strokeWidth: 1.5 } : {}),
  });
}

/** The intervals of a mark, as far as they lie within the axes. */
function intervalMarks(plot: Plotting, { x, y, colour, intervals }: Mark, scatter: Scatter): Markish[] {
  if (intervals === undefined) return [];
  const style = { stroke: colour, strokeWidth: intervals.width, strokeOpacity: intervals.opacity ?? 1 };
  const within = ([low, high]: Domain, domain: Domain) => [clamp(low, domain), clamp(high, domain)] as const;
  const marks: Markish[] = [];
  if (intervals.x !== undefined) {
    const [x1, x2] = within(intervals.x, scatter.x.domain);
    marks.push(plot.link([0], { ...style, x1, x2, y1: y, y2: y }));
  }
  if (intervals.y !== undefined) {
    const [y1, y2] = within(intervals.y, scatter.y.domain);
    marks.push(plot.link([0], { ...style, x1: x, x2: x, y1, y2 }));
  }
  return marks;
}

/** A label in pixels from the upper left corner of the frame. */
interface PlacedLabel extends Label {
  readonly colour: string;
}

function labelMarks(plot: Plotting, look: Look, scatter: Scatter): Markish[] {
  const { labels = [], placement = { side: "centre" } } = scatter;
  const placed = labels.flatMap((label) => placeLabel(look, scatter, label, placement) ?? []);
  const centred = placement.side === "centre";
  return withoutOverlap(placed).map(({ text, x, y, colour }) =>
    plot.text([text], {
      frameAnchor: "top-left",
      dx: centred ? x + (CHARACTER * text.length) / 2 : x,
      dy: y,
      textAnchor: centred ? "middle" : "start",
      lineAnchor: "middle",
      fontSize: 11,
      fontWeight: centred ? 700 : 600,
      fill: colour,
      stroke: look.theme.background,
      strokeWidth: 3.5,
    }),
  );
}

/** A label in the frame; undefined where there is no room above or below. */
function placeLabel(
  { width }: Look,
  { x, y, height, margin, inset }: Scatter,
  { text, colour, ...point }: PointLabel,
  placement: LabelPlacement,
): PlacedLabel | undefined {
  const frame = { x: width - margin.left - margin.right, y: height - margin.top - margin.bottom };
  const share = (value: number, [low, high]: Domain) => (value - low) / (high - low);
  const at = {
    x: inset.left + (frame.x - inset.left - inset.right) * share(point.x, x.domain),
    y: inset.y + (frame.y - 2 * inset.y) * (1 - share(point.y, y.domain)),
  };
  const size = CHARACTER * text.length;
  if (placement.side === "centre") {
    if (at.y <= 6 || at.y >= frame.y - 6) return undefined;
    return { text, colour, x: clamp(at.x - size / 2, [2, frame.x - size - 2]), y: at.y };
  }
  const top = at.y + placement.dy;
  if (top <= 0) return undefined;
  const right = at.x + 8;
  const fits = right + size < frame.x + margin.right;
  return { text, colour, x: fits ? right : at.x - 8 - size, y: top };
}
