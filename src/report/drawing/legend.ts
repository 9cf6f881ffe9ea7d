/** A legend: what the marks of a figure stand for, in as many lines as it takes. */
import type { Markish, PlotOptions } from "@observablehq/plot";
import { shorten } from "../html.ts";
import type { FamilyLook } from "./group-styles.ts";
import type { Library, Look } from "./plot.ts";

export interface LegendItem {
  readonly label: string;
  readonly colour: string;
  /** A dot of this shape, a line, or a band. */
  readonly mark: FamilyLook["symbol"] | "line" | "dashed" | "band";
  readonly hollow?: boolean;
  readonly opacity?: number;
}

const LINE = 22;
const MARK = 20;
const SPACE = 16;
const LONGEST = 36;

/** Pixels of an average character at 12 pixels, on the large side: fonts differ. */
export const CHARACTER = 7;

/** About the width of a text in pixels at 12 pixels. */
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
    const text = shorten(item.label, LONGEST);
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
      ...placed.flatMap((item) => markOf(plot, item)),
      plot.text(placed, { x: ({ x }: { x: number }) => x + MARK, y: "y", text: "text", textAnchor: "start" }),
    ],
  };
}

function markOf(
  plot: Library,
  { mark, colour, hollow, opacity = 1, x, y }: LegendItem & { x: number; y: number },
): Markish[] {
  if (mark === "band")
    return [plot.rect([0], { x1: x, x2: x + 14, y1: y - 5, y2: y + 5, fill: colour, fillOpacity: opacity })];
  if (mark === "line" || mark === "dashed")
    return [
      plot.ruleY([y], {
        ...{ x1: x, x2: x + 14, stroke: colour, strokeOpacity: opacity, strokeWidth: 2 },
        ...(mark === "dashed" ? { strokeDasharray: "4 2" } : {}),
      }),
    ];
  return [plot.dot([0], { x: x + 7, y, ...dotStyle({ mark, colour, hollow, opacity }), r: 4 })];
}

/** How a dot of a shape is drawn: filled, or, where it is hollow or made of strokes, by its outline. */
export function dotStyle({
  mark,
  colour,
  hollow = false,
  opacity = 1,
}: Omit<LegendItem, "label" | "hollow"> & { hollow?: boolean | undefined }) {
  const symbol = mark as FamilyLook["symbol"];
  const strokes = hollow || symbol === "times" || symbol === "plus";
  return strokes
    ? { symbol, stroke: colour, strokeWidth: 1.4, strokeOpacity: opacity, fill: "none" }
    : { symbol, fill: colour, fillOpacity: opacity, stroke: "none" };
}
