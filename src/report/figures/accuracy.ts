/** Test accuracies of all networks, a row of dots for each group, with the average of the weights as a line. */
import type { Markish } from "@observablehq/plot";
import { evenly } from "../drawing/fewer-points.ts";
import type { Look, Plotting } from "../drawing/plot.ts";
import { percentRange, quantile } from "../drawing/range.ts";
import type { ReportInput } from "../results.ts";
import { counted, percent, whole } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

const GROUPS = ["originals", "reconstructions", "samples"] as const;

/** More dots to a row overlap, and only make the page heavy. */
const MAX_DOTS = 500;

/** The part of a row that dots may fill, above and below their line. */
const HALF_HEIGHT = 0.26;

/** Multiples of it modulo 1 fill the unit interval evenly, whatever their number. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/** The figure, or undefined where there is no accuracy to show. */
export function accuracyFigure(plot: Plotting, { accuracies, results, images }: ReportInput): Figure | undefined {
  const rows = GROUPS.map((group) => ({ group, values: percentages(accuracies, group) })).filter(
    ({ values }) => values.length > 0,
  );
  if (rows.length === 0) return undefined;
  const ensemble = percentages(accuracies, "ensemble")[0];
  const range = percentRange(rows.map(({ values }) => values));
  if (ensemble !== undefined && near(ensemble, range)) {
    range[0] = Math.min(range[0], ensemble);
    range[1] = Math.max(range[1], ensemble);
  }
  const thinned = rows.some(({ values }) => values.length > MAX_DOTS);
  const medians = rows.map(({ group, values }) => `${group} ${percent(quantile(values, 0.5) / 100)}`).join(", ");
  return {
    name: "test-accuracy",
    title: "Test accuracy of every network",
    caption: [
      "Each dot is a network; the bar under the dots spans the middle half of them and its notch is the median. The dashed line is the one network made by averaging the originals’ weights.",
      "Look for samples to the right of the originals – and whether they pass the dashed line, which takes no generator to reach.",
      thinned
        ? `Rows of more than ${whole(MAX_DOTS)} networks show ${whole(MAX_DOTS)} of them, evenly chosen by rank.`
        : "",
    ]
      .join(" ")
      .trim(),
    data: {
      columns: ["group", "accuracy"],
      rows: [...rows, ...(ensemble === undefined ? [] : [{ group: "average of weights", values: [ensemble] }])].flatMap(
        ({ group, values }) => values.map((value) => [group, value / 100]),
      ),
    },
    draw: (look) =>
      plot.draw(look, `Test accuracies of single networks. Medians: ${medians}.`, {
        height: 94 * rows.length + 78,
        marginTop: 26,
        marginBottom: 52,
        marginLeft: 8,
        marginRight: 12,
        x: {
          domain: range,
          insetLeft: 8,
          insetRight: 12,
          ticks: ticks(look),
          label: `accuracy on ${counted(images.test, "test image")}, %`,
          labelAnchor: "center",
          labelOffset: 44,
          labelArrow: "none",
          tickSize: 0,
        },
        y: { domain: [rows.length, 0], axis: null },
        marks: [
          plot.gridX({ stroke: look.theme.rule, strokeOpacity: 1, ticks: ticks(look) }),
          ...(ensemble === undefined
            ? []
            : ensembleMarks(plot, look, range, ensemble, `average of weights ${percent(results.ensemble.test.mean)}`)),
          ...rows.flatMap(({ group, values }, row) =>
            rowMarks(plot, look, range, { group, values, row, title: rowTitle(group, values) }),
          ),
        ],
      }),
  };
}

/** About one tick for every 90 pixels. */
function ticks({ width }: Look): number {
  return Math.round(width / 90);
}

interface Row {
  readonly group: (typeof GROUPS)[number];
  /** Ascending percentages. */
  readonly values: readonly number[];
  /** Counted from the top. */
  readonly row: number;
  readonly title: string;
}

function rowTitle(group: string, values: readonly number[]): string {
  const median = percent(quantile(values, 0.5) / 100);
  return `${group} (${whole(values.length)}) · ${values.length === 1 ? "" : "median "}${median}`;
}

/** Ascending accuracies of a group in percent, without those that are not numbers. */
function percentages(accuracies: ReportInput["accuracies"], group: string): number[] {
  return accuracies
    .filter((network) => network.group === group && Number.isFinite(network.test))
    .map(({ test }) => 100 * test)
    .sort((a, b) => a - b);
}

/** Whether a value is in the range or less than twice its width beyond. */
function near(value: number, [low, high]: readonly [number, number]): boolean {
  const reach = 2 * (high - low);
  return value > low - reach && value < high + reach;
}

function rowMarks(
  plot: Plotting,
  { theme }: Look,
  [low, high]: readonly [number, number],
  { group, values, row, title }: Row,
): Markish[] {
  const colour = theme[group];
  const inside = values.filter((value) => value >= low && value <= high);
  const dots = swarm(evenly(inside, MAX_DOTS), (high - low) / 50);
  const [lower, median, upper] = [0.25, 0.5, 0.75].map((p) => quantile(values, p)) as [number, number, number];
  const below = values.filter((value) => value < low).length;
  const above = values.filter((value) => value > high).length;
  const clamp = (value: number) => Math.min(high, Math.max(low, value));
  const bar = [{ x1: clamp(lower), x2: clamp(upper), y: row + 0.93 }];
  return [
    plot.dot(dots, {
      x: (dot) => dot.value,
      y: (dot) => row + 0.57 + HALF_HEIGHT * dot.offset,
      r: 2.4,
      fill: colour,
      fillOpacity: 0.55,
    }),
    ...(values.length > 1
      ? [
          plot.ruleY(bar, { x1: "x1", x2: "x2", y: "y", stroke: colour, strokeWidth: 5, strokeOpacity: 0.45 }),
          plot.ruleX([clamp(median)], { y1: row + 0.875, y2: row + 0.985, stroke: colour, strokeWidth: 2.5 }),
        ]
      : []),
    plot.text([title], {
      frameAnchor: "left",
      y: row + 0.14,
      fill: colour,
      fontWeight: 600,
      stroke: theme.background,
      strokeWidth: 4,
    }),
    ...(below > 0 ? [edge(plot, `◂ ${whole(below)} further left`, "left", row, colour)] : []),
    ...(above > 0 ? [edge(plot, `${whole(above)} further right ▸`, "right", row, colour)] : []),
  ];
}

/** Says at the edge of a row how many networks lie beyond it. */
function edge(plot: Plotting, text: string, frameAnchor: "left" | "right", row: number, fill: string): Markish {
  return plot.text([text], { frameAnchor, y: row + 0.57, fill });
}

function ensembleMarks(
  plot: Plotting,
  { theme }: Look,
  [low, high]: readonly [number, number],
  value: number,
  name: string,
): Markish[] {
  const style = { frameAnchor: "top", dy: -14, fill: theme.ink } as const;
  if (value < low) return [plot.text([`◂ ${name}`], { ...style, frameAnchor: "top-left" })];
  if (value > high) return [plot.text([`${name} ▸`], { ...style, frameAnchor: "top-right" })];
  const textAnchor = value < (low + high) / 2 ? "start" : "end";
  return [
    plot.ruleX([value], { stroke: theme.ensemble, strokeDasharray: "5 3", strokeWidth: 1.25, insetTop: -18 }),
    plot.text([name], { ...style, x: [value], textAnchor, dx: textAnchor === "start" ? 6 : -6 }),
  ];
}

/**
 * Spreads dots to both sides of their line, further where there are more within `reach`, so that the outline of the
 * swarm is the density of the values.
 * @param sorted ascending.
 */
function swarm(sorted: readonly number[], reach: number): { value: number; offset: number }[] {
  let [from, to] = [0, 0];
  const neighbours = sorted.map((value) => {
    while (sorted[from]! < value - reach) from++;
    while (to < sorted.length && sorted[to]! <= value + reach) to++;
    return to - from;
  });
  const most = Math.max(...neighbours);
  return sorted.map((value, i) => {
    const side = most > 1 ? 2 * ((i * GOLDEN_RATIO) % 1) - 1 : 0;
    return { value, offset: (side * neighbours[i]!) / most };
  });
}
