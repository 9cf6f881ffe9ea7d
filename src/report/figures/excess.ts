/**
 * How much better samples score than every family of baselines at the samples' own distances from
 * the originals: a forest plot.
 */
import type { Markish } from "@observablehq/plot";

import type { Excess, Family, Metric } from "../../records/index.ts";
import { AXIS, gridLines, isNarrow } from "../drawing/axes.ts";
import { familyStyles } from "../drawing/family-styles.ts";
import { dotOptions } from "../drawing/legend.ts";
import type { Look } from "../drawing/look.ts";
import type { Plotting } from "../drawing/plot.ts";
import { span } from "../drawing/range.ts";
import type { ReportInput } from "../input.ts";
import { compact, shareText } from "../text/number-format.ts";
import { capitalised, differenceColumn, differenceUnit, excessAxis, scoreScale } from "../text/score-format.ts";
import { sentences } from "../text/sentences.ts";
import { tip } from "../text/tip.ts";
import type { Figure } from "./figure.ts";

/** A row of the plot; values are as the axis shows them. */
interface Row {
  readonly family: Family;
  readonly title: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** The value and its interval in words. */
  readonly text: string;
}

/** The figure, or undefined where there is no baseline to compare with. */
export function excessFigure(plot: Plotting, { audit }: ReportInput): Figure | undefined {
  const { metric } = audit;
  const known = audit.excess.filter(({ excess }) => Number.isFinite(excess.value));
  if (metric === null || known.length === 0) return undefined;
  const rows = rowsOf(known, metric);
  const unit = differenceUnit(metric);
  const far = known.filter(({ beyond }) => beyond > 0);
  return {
    name: "excess",
    title: `${capitalised(metric.name)} beyond baselines at the same distance`,
    caption: sentences(
      `For every family of baselines: how much better the samples score (in ${unit}, above 0 is better) than the family does at their own distances from the originals or farther, with a 95\u00a0% interval over networks${metric.unit === "fraction" ? " and test images" : ""}. The best baseline that reaches the samples’ distance is on top.`,
      "Look for intervals wholly to the right of zero, the topmost above all: only there the generator makes something that the baseline does not.",
      far.length > 0 &&
        `Samples farther out than a family reaches are compared with its farthest networks: ${far.map(({ family, beyond }) => `${shareText(beyond)} of them for ${familyStyles[family].title}`).join(", ")}.`,
    ),
    data: {
      columns: ["family", "through", "excess", "low", "high", "exact", "exact_low", "exact_high", "beyond"],
      rows: known.map(({ family, through, excess, exact, beyond }) => [
        family,
        through.join(" "),
        excess.value,
        excess.low,
        excess.high,
        exact.value,
        exact.low,
        exact.high,
        beyond,
      ]),
    },
    draw: (look) => {
      const label = rows.map(({ title, text }) => `${title} ${text}`).join(", ");
      const narrow = isNarrow(look);
      const ticks = narrow ? 4 : 6;
      return plot.draw(look, `Excess ${metric.name} over baselines at the same distance, ${unit}: ${label}.`, {
        height: (narrow ? 52 : 40) * rows.length + 66,
        marginTop: 16,
        marginBottom: 50,
        marginLeft: narrow ? 12 : 150,
        marginRight: narrow ? 12 : 160,
        x: {
          ...AXIS,
          domain: span([0, ...rows.flatMap(({ value, low, high }) => [value, low, high])], 0.08) ?? [0, 1],
          ticks,
          ...(metric.unit === "number" ? { tickFormat: compact } : {}),
          label: excessAxis(metric),
          labelOffset: 42,
        },
        y: {
          domain: rows.map(({ title }) => title),
          label: null,
          tickSize: 0,
          axis: narrow ? null : "left",
          padding: 0.2,
        },
        marks: [
          ...gridLines(plot, look, { x: ticks }),
          plot.ruleX([0], { stroke: look.theme.ink, strokeWidth: 1.25 }),
          ...rows.flatMap((row) => rowMarks(plot, look, row)),
          valueTexts(plot, look, rows),
        ],
      });
    },
  };
}

function rowsOf(known: readonly Excess[], metric: Metric): Row[] {
  const ends = known.flatMap(({ excess }) => [excess.value, excess.low, excess.high]);
  const shown = differenceColumn(metric, ends);
  const scale = scoreScale(metric);
  return known.map(({ family, excess: { value, low, high } }, i) => {
    const [text, from, to] = shown.slice(3 * i, 3 * i + 3);
    return {
      family,
      title: familyStyles[family].title,
      value: scale * value,
      low: scale * low,
      high: scale * high,
      text: `${text} [${from}, ${to}]`,
    };
  });
}

function rowMarks(plot: Plotting, { theme }: Look, row: Row): Markish[] {
  const colour = theme[row.family];
  return [
    plot.ruleY([row], { y: "title", x1: "low", x2: "high", stroke: colour, strokeWidth: 2.5 }),
    plot.dot([row], {
      y: "title",
      x: "value",
      title: ({ title, text }: Row) => tip(title, text),
      r: 5.5,
      ...dotOptions({ mark: familyStyles[row.family].symbol, colour }),
    }),
  ];
}

/** The numbers beside the marks; above them, with the family, where there is no room. */
function valueTexts(plot: Plotting, look: Look, rows: readonly Row[]): Markish {
  if (!isNarrow(look))
    return plot.text(rows, { y: "title", text: "text", frameAnchor: "right", dx: 152, textAnchor: "end" });
  return plot.text(rows, {
    y: "title",
    text: ({ title, text }: Row) => `${title}: ${text}`,
    frameAnchor: "left",
    dy: -17,
    fill: look.theme.ink,
    stroke: look.theme.background,
    strokeWidth: 4,
  });
}
