/** What the figures' axes and panels have in common. */
import type { Markish } from "@observablehq/plot";

import type { Look, Plotting } from "./plot.ts";

/** An axis with a label along its middle and without marks at its ticks. */
export const AXIS = { labelAnchor: "center", labelArrow: "none", tickSize: 0 } as const;

/** Below this width panels stand below each other and labels inside the figures are fewer. */
const NARROW = 500;

export const isNarrow = ({ width }: Look): boolean => width < NARROW;

/** Lines of a grid. */
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

/** Ticks of a logarithmic axis: about `most` of the values that are there. */
export function someOf(values: readonly number[], most: number): number[] {
  const stride = Math.ceil(values.length / most);
  return values.filter((_, i) => i % stride === 0);
}

/**
 * A logarithmic axis for values that are logarithms already, with these ticks. Plot's own scale hides labels that do not
 * begin with 1, 2 or 5, and ensembles have 8 networks, or 64.
 */
export function logAxis(ticks: readonly number[], format: (value: number) => string) {
  const places = ticks.map(Math.log10);
  const nearest = (at: number) =>
    ticks.reduce((a, b) => (Math.abs(Math.log10(b) - at) < Math.abs(Math.log10(a) - at) ? b : a));
  return { ticks: places, tickFormat: (at: number) => format(nearest(at)) };
}
