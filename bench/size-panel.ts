/** One panel of a figure about growth: lines against a size on a logarithmic axis. */
import type { Plotting } from "../src/report/drawing/plot.ts";
import type { Theme } from "../src/report/drawing/theme.ts";

export interface SizePanel {
  readonly theme: Theme;
  readonly title: string;
  readonly unit: string;
  /** What the sizes count, and the ends of their axis. */
  readonly label: string;
  readonly domain: readonly [number, number];
  /** Where that axis is labelled; about six round numbers by default. */
  readonly places?: readonly number[];
  /** Of the vertical axis, from its end to its other one, and what they are called. */
  readonly ticks: readonly number[];
  readonly named: (value: number) => string;
  /** Whether that axis is linear; logarithmic by default. */
  readonly linear?: boolean;
  readonly sizes: readonly number[];
  readonly lines: readonly PanelLine[];
}

export interface PanelLine {
  readonly values: readonly number[];
  readonly colour: string;
  readonly dashed?: boolean;
}

/** What Plot is to draw. */
export const sizePanel = (
  plot: Plotting,
  { theme, title, unit, label, domain, places, ticks, named, linear = false, sizes, lines }: SizePanel,
) => ({
  height: 300,
  marginLeft: 56,
  marginTop: 46,
  marginBottom: 44,
  marginRight: 16,
  x: {
    type: "log" as const,
    domain,
    label,
    labelAnchor: "center" as const,
    labelArrow: "none" as const,
    ticks: places ?? 6,
    tickFormat: "~s",
    tickSize: 0,
  },
  y: { type: linear ? ("linear" as const) : ("log" as const), domain: [ticks[0]!, ticks.at(-1)!], label: null },
  marks: [
    plot.axisY({ ticks, tickFormat: named, tickSize: 0 }),
    plot.gridY({ ticks, stroke: theme.rule, strokeOpacity: 1 }),
    plot.text([title], { frameAnchor: "top-left", dx: -52, dy: -42, fontWeight: 600 }),
    plot.text([unit], { frameAnchor: "top-left", dx: -52, dy: -26, fillOpacity: 0.75 }),
    ...lines.flatMap(({ values, colour, dashed }) => {
      const points = sizes.map((x, i) => ({ x, y: values[i]! }));
      return [
        plot.line(points, {
          x: "x",
          y: "y",
          stroke: colour,
          strokeWidth: 2,
          ...(dashed && { strokeDasharray: "5 4" }),
        }),
        ...(dashed ? [] : [plot.dot(points, { x: "x", y: "y", fill: colour, r: 3 })]),
      ];
    }),
  ],
});
