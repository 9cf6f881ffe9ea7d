/** Axes, grid lines and headings that the figures share. */
import type { Markish } from "@observablehq/plot";
import type { Look } from "./look.ts";
import type { Plotting } from "./plot.ts";

/** An axis with a label along its middle and without marks at its ticks. */
export const AXIS = { labelAnchor: "center", labelArrow: "none", tickSize: 0 } as const;

/** The two ends of an axis. */
export type Domain = readonly [low: number, high: number];

/** Below this width, pixels, panels stack and figures have fewer labels. */
const NARROW = 500;

/** Whether a figure is drawn for a narrow screen. */
export const isNarrow = ({ width }: Look): boolean => width < NARROW;

/** Grid lines at ticks: a number of them, or their places. */
export function gridLines(
  plot: Plotting,
  { theme }: Look,
  ticks: { x?: number | number[]; y?: number | number[] },
): Markish[] {
  const style = { stroke: theme.rule, strokeOpacity: 1 };
  return [
    ...(ticks.x === undefined ? [] : [plot.gridX({ ...style, ticks: ticks.x })]),
    ...(ticks.y === undefined ? [] : [plot.gridY({ ...style, ticks: ticks.y })]),
  ];
}

/** The name of a panel, above its left end. */
export function heading(plot: Plotting, text: string, colour = "currentColor"): Markish {
  return plot.text([text], { frameAnchor: "top-left", dy: -22, fontWeight: 600, fill: colour });
}

/** About `max` of the values, at equal strides, for the ticks of a logarithmic axis. */
export function someOf(values: readonly number[], max: number): number[] {
  const stride = Math.ceil(values.length / max);
  return values.filter((_, i) => i % stride === 0);
}

/**
 * The tick options of an axis whose values are logarithms already. Plot's own logarithmic scale
 * hides labels that do not begin with 1, 2 or 5, and ensembles have 8 networks, or 64.
 */
export function logAxis(ticks: readonly number[], format: (value: number) => string) {
  const places = ticks.map(Math.log10);
  const nearest = (at: number) =>
    ticks.reduce((a, b) => (Math.abs(Math.log10(b) - at) < Math.abs(Math.log10(a) - at) ? b : a));
  return { ticks: places, tickFormat: (at: number) => format(nearest(at)) };
}

/**
 * Round values between two positive ones for a logarithmic axis: powers of ten where there are at
 * least `minPowers` of them (then about six), else 1, 2 and 5 times powers of ten, or the ends
 * where there are fewer than two.
 */
export function logTicks(low: number, high: number, minPowers = 3): number[] {
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const powers = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  const within = (value: number) => value >= low && value <= high;
  const tens = powers.filter(within);
  if (tens.length >= minPowers) return someOf(tens, 6);
  const fine = powers.flatMap((power) => [1, 2, 5].map((digit) => digit * power)).filter(within);
  return fine.length >= 2 ? fine : [low, high];
}
