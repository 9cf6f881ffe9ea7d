/**
 * A scatter plot of networks: clouds of dots, marks with intervals, lines and labels on two axes.
 * The figures choose what lies on the axes.
 */
import type { Markish, PlotOptions, ScaleOptions } from "@observablehq/plot";

import { AXIS, type Domain, gridLines, heading } from "./axes.ts";
import { type Box, type Label, placeLabels } from "./label-placement.ts";
import { type DotStyle, dotOptions } from "./legend.ts";
import type { Look } from "./look.ts";
import { type Band, bandMarks } from "./originals-band.ts";
import type { Plotting } from "./plot.ts";
import { clamp } from "./range.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
  /** What its mark says when it is pointed at. */
  readonly tip?: string | undefined;
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
  /** The most important ones first. */
  readonly labels?: readonly PointLabel[];
}

/** The options of a scatter plot of a width and theme. Labels without room are left out. */
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
  return plot.dot(points, { x: "x", y: "y", title: "tip", ...dotOptions(style), strokeWidth: 0.9, r });
}

function markDot(plot: Plotting, { theme }: Look, { x, y, r, tip, halo = false, ...style }: Mark): Markish {
  return plot.dot([{ x, y, tip }], {
    x: "x",
    y: "y",
    title: "tip",
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
  const { labels = [], height, margin } = scatter;
  const place = placing(look, scatter);
  const frame: Box = {
    x1: 2,
    y1: 0,
    x2: look.width - margin.left - margin.right + margin.right / 2,
    y2: height - margin.top - margin.bottom,
  };
  const points = labels.map(({ text, colour, ...point }): PlacedLabel => ({ text, colour, ...place(point) }));
  return placeLabels(points, obstaclesOf(scatter, place), frame).map(({ text, x, y, colour }) =>
    plot.text([text], {
      frameAnchor: "top-left",
      dx: x,
      dy: y,
      textAnchor: "middle",
      lineAnchor: "middle",
      fontSize: 11,
      fontWeight: 600,
      fill: colour,
      stroke: look.theme.background,
      strokeWidth: 3.5,
    }),
  );
}

type Placing = (point: Point) => { readonly x: number; readonly y: number };

/** Where points lie, in pixels from the upper left corner of the frame. */
function placing({ width }: Look, { x, y, height, margin, inset }: Scatter): Placing {
  const frame = { x: width - margin.left - margin.right, y: height - margin.top - margin.bottom };
  const share = (value: number, [low, high]: Domain) => (value - low) / (high - low);
  return (point) => ({
    x: inset.left + (frame.x - inset.left - inset.right) * share(point.x, x.domain),
    y: inset.y + (frame.y - 2 * inset.y) * (1 - share(point.y, y.domain)),
  });
}

/** All dots and marks, and the intervals that are not faint. */
function obstaclesOf({ clouds = [], marks = [], y: axis }: Scatter, place: Placing): Box[] {
  const around = (point: Point, r: number): Box => {
    const { x, y } = place(point);
    return { x1: x - r, x2: x + r, y1: y - r, y2: y + r };
  };
  return [
    ...clouds.flatMap(({ points, r }) => points.map((point) => around(point, r))),
    ...marks.map((mark) => around(mark, mark.r + 1)),
    ...marks.flatMap(({ x, intervals }) => {
      if (intervals?.y === undefined || intervals.opacity !== undefined) return [];
      const [low, high] = intervals.y.map((y) => place({ x, y: clamp(y, axis.domain) }));
      if (low === undefined || high === undefined) return [];
      return [{ x1: low.x - 1, x2: low.x + 1, y1: high.y, y2: low.y }];
    }),
  ];
}
