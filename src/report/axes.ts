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
  return plot.text([text], { frameAnchor: "top-left", dy: -18, fontWeight: 600, fill: colour });
}

/** Ticks of a logarithmic axis: about `most` of the values that are there. */
export function someOf(values: readonly number[], most: number): number[] {
  const stride = Math.ceil(values.length / most);
  return values.filter((_, i) => i % stride === 0);
}
