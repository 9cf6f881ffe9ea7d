/** A legend: what the marks of a figure stand for, in as many lines as it takes. */
import type { Markish, PlotOptions } from "@observablehq/plot";

import { shorten } from "../html.ts";
import type { FamilyStyle } from "./family-styles.ts";
import type { Library, Look } from "./look.ts";

export interface DotStyle {
  readonly mark: FamilyStyle["symbol"];
  readonly colour: string;
  /** Draw the outline only. */
  readonly hollow?: boolean | undefined;
  readonly opacity?: number | undefined;
}

export interface LegendItem extends Omit<DotStyle, "mark"> {
  readonly label: string;
  /** A dot of this shape, a line, or a band. */
  readonly mark: FamilyStyle["symbol"] | "line" | "dashed" | "band";
}

/** Height of a line, width of a mark and space between two items, pixels. */
const LINE = 22;
const MARK = 20;
const SPACE = 16;

/** Characters of a label. */
const MAX_LABEL = 36;

/** Width of an average character at 12 pixels, rounded up because fonts differ. */
export const CHARACTER = 7;

/** About the width of a text at 12 pixels. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text)
    width += "fijlrt’,.:; ".includes(character) ? 4.5 : "mw%MW".includes(character) ? 11 : 7.4;
  return width;
}

/** The legend as a plot of its own, without axes. */
export function legendOptions(plot: Library, look: Look, items: readonly LegendItem[]): PlotOptions {
  let [x, y] = [4, LINE / 2];
  const placed = items.map((item) => {
    const text = shorten(item.label, MAX_LABEL);
    const width = MARK + widthOf(text);
    if (x > 4 && x + width > look.width) [x, y] = [4, y + LINE];
    const at = { ...item, text, x, y };
    x += width + SPACE;
    return at;
  });
  const height = y + LINE / 2 + 6;
  return {
    height,
    margin: 0,
    x: { domain: [0, look.width], range: [0, look.width], axis: null },
    y: { domain: [0, height], range: [0, height], axis: null },
    marks: [
      ...placed.map((item) => markOf(plot, item)),
      plot.text(placed, { x: ({ x }: { x: number }) => x + MARK, y: "y", text: "text", textAnchor: "start" }),
    ],
  };
}

function markOf(plot: Library, { x, y, mark, ...item }: LegendItem & { x: number; y: number }): Markish {
  const { colour, opacity = 1 } = item;
  const line = { x1: x, x2: x + 14, stroke: colour, strokeOpacity: opacity, strokeWidth: 2 };
  switch (mark) {
    case "band":
      return plot.rect([0], { x1: x, x2: x + 14, y1: y - 5, y2: y + 5, fill: colour, fillOpacity: opacity });
    case "line":
      return plot.ruleY([y], line);
    case "dashed":
      return plot.ruleY([y], { ...line, strokeDasharray: "4 2" });
    default:
      return plot.dot([0], { x: x + 7, y, ...dotOptions({ ...item, mark }), r: 4 });
  }
}

/** Options of a dot mark: filled, or its outline where it is hollow or a cross. */
export function dotOptions({ mark: symbol, colour, hollow = false, opacity = 1 }: DotStyle) {
  const outline = hollow || symbol === "times" || symbol === "plus";
  return outline
    ? { symbol, stroke: colour, strokeWidth: 1.4, strokeOpacity: opacity, fill: "none" }
    : { symbol, fill: colour, fillOpacity: opacity, stroke: "none" };
}
