/**
 * Test accuracies of all networks: a row of dots for each group, the average of weights as a line.
 */
import type { Markish } from "@observablehq/plot";

import { evenlyWithEnds, quantile } from "../../numeric/index.ts";
import type { Classification, ClassifierGroupName } from "../../records/index.ts";
import type { Domain } from "../drawing/axes.ts";
import type { Look } from "../drawing/look.ts";
import type { Plotting } from "../drawing/plot.ts";
import { clamp, PERCENT, robustRange } from "../drawing/range.ts";
import type { Classifiers, Images } from "../input.ts";
import { counted } from "../text/nouns.ts";
import { percent, whole } from "../text/number-format.ts";
import { accuracyDigits } from "../text/score-format.ts";
import { sentences } from "../text/sentences.ts";
import { tip } from "../text/tip.ts";
import type { Figure } from "./figure.ts";

const GROUPS = ["originals", "reconstructions", "samples"] as const;

/** More dots to a row overlap, and only make the page heavy. */
const MAX_DOTS = 500;

/** The part of a row that dots may fill, above and below their line. */
const HALF_HEIGHT = 0.26;

/** Multiples of it modulo 1 fill the unit interval evenly, however many there are. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

interface Row {
  readonly group: (typeof GROUPS)[number];
  /** Ascending percentages. */
  readonly values: readonly number[];
}

/** The figure, or undefined where there is no accuracy to show. */
export function testAccuracyFigure(plot: Plotting, { classification, images }: Classifiers): Figure | undefined {
  const rows = GROUPS.map((group) => ({ group, values: percentages(classification, group) })).filter(
    ({ values }) => values.length > 0,
  );
  if (rows.length === 0) return undefined;
  const [ensemble] = percentages(classification, "ensemble");
  const range = rangeOf(rows, ensemble);
  const medians = rows.map(({ group, values }) => `${group} ${medianOf(values, images)}`).join(", ");
  return {
    name: "test-accuracy",
    title: "Test accuracy of every network",
    caption: sentences(
      "Each dot is a network; the bar under the dots spans the middle half of them and its notch is the median. The dashed line is the one network made by averaging the originals’ weights.",
      "Look for samples to the right of the originals, and whether they pass the dashed line, which needs no generator.",
      rows.some(({ values }) => values.length > MAX_DOTS) &&
        `Rows of more than ${whole(MAX_DOTS)} networks show ${whole(MAX_DOTS)} of them, evenly chosen by rank.`,
    ),
    data: {
      columns: ["group", "accuracy"],
      rows: [
        ...rows.flatMap(({ group, values }) => values.map((value) => [group, value / 100])),
        ...(ensemble === undefined ? [] : [["average of weights", ensemble / 100]]),
      ],
    },
    draw: (look) => {
      // About one tick for every 90 pixels.
      const ticks = Math.round(look.width / 90);
      return plot.draw(look, `Test accuracies of single networks. Medians: ${medians}.`, {
        height: 94 * rows.length + 78,
        marginTop: 26,
        marginBottom: 52,
        marginLeft: 8,
        marginRight: 12,
        x: {
          domain: range,
          insetLeft: 8,
          insetRight: 12,
          ticks,
          label: `accuracy on ${counted(images.test, "test image")}, %`,
          labelAnchor: "center",
          labelOffset: 44,
          labelArrow: "none",
          tickSize: 0,
        },
        y: { domain: [rows.length, 0], axis: null },
        marks: [
          plot.gridX({ stroke: look.theme.rule, strokeOpacity: 1, ticks }),
          ...(ensemble === undefined ? [] : ensembleMarks(plot, look, range, ensemble, images)),
          ...rows.flatMap((row, place) => rowMarks(plot, look, range, row, place, images)),
        ],
      });
    },
  };
}

/** Finite accuracies of a group in percent, ascending. */
function percentages(classification: Classification, group: ClassifierGroupName): number[] {
  const accuracies = classification[group]?.accuracies.test ?? [];
  return accuracies
    .filter(Number.isFinite)
    .map((accuracy) => 100 * accuracy)
    .sort((a, b) => a - b);
}

const medianOf = (values: readonly number[], images: Images): string =>
  percent(quantile(values, 0.5) / 100, accuracyDigits(images));

/** The range of the rows, stretched to the average of weights where that is near. */
function rangeOf(rows: readonly Row[], ensemble: number | undefined): Domain {
  const [low, high] = robustRange(
    rows.map(({ values }) => values),
    PERCENT,
  );
  const reach = 2 * (high - low);
  if (ensemble === undefined || ensemble <= low - reach || ensemble >= high + reach) return [low, high];
  return [Math.min(low, ensemble), Math.max(high, ensemble)];
}

/** The dots, quartiles and title of a group. */
function rowMarks(
  plot: Plotting,
  { theme }: Look,
  range: Domain,
  { group, values }: Row,
  row: number,
  images: Images,
): Markish[] {
  const [low, high] = range;
  const colour = theme[group];
  const inside = values.filter((value) => value >= low && value <= high);
  const below = values.filter((value) => value < low).length;
  const above = values.filter((value) => value > high).length;
  const edge = (text: string, frameAnchor: "left" | "right") =>
    plot.text([text], { frameAnchor, y: row + 0.57, fill: colour });
  const title = `${group} (${whole(values.length)}) · ${values.length === 1 ? "" : "median "}${medianOf(values, images)}`;
  return [
    plot.dot(swarm(evenlyWithEnds(inside, MAX_DOTS), (high - low) / 50), {
      x: (dot) => dot.value,
      y: (dot) => row + 0.57 + HALF_HEIGHT * dot.offset,
      title: (dot) => tip(group, percent(dot.value / 100, accuracyDigits(images))),
      r: 2.4,
      fill: colour,
      fillOpacity: 0.55,
    }),
    ...(values.length > 1 ? quartileMarks(plot, range, values, row, colour) : []),
    plot.text([title], {
      frameAnchor: "left",
      y: row + 0.14,
      fill: colour,
      fontWeight: 600,
      stroke: theme.background,
      strokeWidth: 4,
    }),
    ...(below > 0 ? [edge(`◂ ${whole(below)} further left`, "left")] : []),
    ...(above > 0 ? [edge(`${whole(above)} further right ▸`, "right")] : []),
  ];
}

function quartileMarks(
  plot: Plotting,
  range: Domain,
  values: readonly number[],
  row: number,
  colour: string,
): Markish[] {
  const at = (p: number) => clamp(quantile(values, p), range);
  const bar = { x1: at(0.25), x2: at(0.75), stroke: colour, strokeWidth: 5, strokeOpacity: 0.45 };
  return [
    plot.ruleY([row + 0.93], bar),
    plot.ruleX([at(0.5)], { y1: row + 0.875, y2: row + 0.985, stroke: colour, strokeWidth: 2.5 }),
  ];
}

function ensembleMarks(plot: Plotting, { theme }: Look, [low, high]: Domain, value: number, images: Images): Markish[] {
  const name = `average of weights ${percent(value / 100, accuracyDigits(images))}`;
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
 * Spreads dots to both sides of their line, further where there are more within `reach`, so that
 * the outline of the swarm is the density of the values. Offsets are in [-1, 1].
 * @param sorted ascending.
 */
function swarm(sorted: readonly number[], reach: number): { value: number; offset: number }[] {
  let [from, to] = [0, 0];
  const neighbours = sorted.map((value) => {
    while ((sorted[from] ?? Infinity) < value - reach) from++;
    while ((sorted[to] ?? Infinity) <= value + reach) to++;
    return to - from;
  });
  const max = Math.max(...neighbours);
  return sorted.map((value, i) => {
    const side = max > 1 ? 2 * ((i * GOLDEN_RATIO) % 1) - 1 : 0;
    return { value, offset: (side * (neighbours[i] ?? 0)) / max };
  });
}
