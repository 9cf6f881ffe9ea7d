/**
 * Greatest similarity against the number of originals to compare with: figure 5(c) of the paper.
 */
import type { Markish } from "@observablehq/plot";

import type { Family, Quantiles, SimilarityByCount } from "../../records/index.ts";
import { familyOf } from "../audit-groups.ts";
import { AXIS, gridLines, isNarrow, logAxis, someOf } from "../drawing/axes.ts";
import { familyStyles } from "../drawing/family-styles.ts";
import { dotOptions } from "../drawing/legend.ts";
import type { Look } from "../drawing/look.ts";
import type { Plotting } from "../drawing/plot.ts";
import { span } from "../drawing/range.ts";
import type { ReportInput } from "../input.ts";
import { counted } from "../text/nouns.ts";
import { decimal, whole } from "../text/number-format.ts";
import { sentences } from "../text/sentences.ts";
import { tip, withInterval } from "../text/tip.ts";
import type { Figure } from "./figure.ts";

/** Where a number of originals stands on the axis. */
const at = ({ count }: { count: number }) => Math.log10(count);

/** Pixels between the intervals of two groups at the same number of originals. */
const SHIFT = 5;

/** Held-out networks are dashed because originals often lie in the same place. */
const dashesOf = (family: Family) => (family === "heldOut" ? { strokeDasharray: "5 3" } : {});

/** A group's greatest similarities, by the number of originals. */
interface Line {
  readonly name: string;
  readonly family: Family;
  readonly points: readonly (Quantiles & { readonly count: number })[];
}

/** The figure, or undefined where fewer than two numbers of originals were tried. */
export function similarityCountFigure(plot: Plotting, { audit }: ReportInput): Figure | undefined {
  if (audit.similarityByCount === null) return undefined;
  const { counts } = audit.similarityByCount;
  const lines = linesOf(audit.similarityByCount, (name) => familyOf(audit, name));
  const [first, last] = [counts[0], counts.at(-1)];
  if (lines.length === 0 || counts.length < 2 || first === undefined || last === undefined) return undefined;
  const ends = lines.map(({ name, points }) => `${name} ${decimal(points.at(-1)?.median ?? Number.NaN)}`).join(", ");
  return {
    name: "similarity-count",
    title: "Similarity against the number of originals",
    caption: sentences(
      "The greatest similarity to any of the first K originals, in random order: the groups’ medians and the middle 90\u00a0% of their networks.",
      `With all ${whole(last)}: ${ends}.`,
      "Every group’s greatest similarity rises with K, because there are more originals to be like. Look for samples that rise faster than held-out networks and references: they resemble particular originals.",
    ),
    data: {
      columns: ["group", "originals", "low", "median", "high"],
      rows: lines.flatMap(({ name, points }) =>
        points.map(({ count, low, median, high }) => [name, count, low, median, high]),
      ),
    },
    draw: (look) => {
      const { theme } = look;
      return plot.grid(look, `Greatest similarity against the number of originals; with all of them: ${ends}.`, {
        columns: 1,
        legend: lines.map(({ name, family }) => ({
          label: name,
          colour: theme[family],
          mark: familyStyles[family].symbol,
        })),
        panels: [
          (inner) => ({
            height: isNarrow(look) ? 290 : 340,
            marginTop: 10,
            marginRight: 18,
            marginBottom: 50,
            marginLeft: 56,
            x: {
              ...AXIS,
              domain: [Math.log10(first), Math.log10(last)],
              ...logAxis(someOf(counts, isNarrow(look) ? 6 : 12), whole),
              label: "number of originals K",
              labelOffset: 42,
              insetLeft: 12,
              insetRight: 12,
            },
            y: {
              ...AXIS,
              domain: span(lines.flatMap(({ points }) => points.flatMap((p) => [p.median, p.low, p.high]))) ?? [0, 1],
              ticks: 6,
              label: "greatest similarity",
            },
            marks: [
              ...gridLines(plot, inner, { y: 6 }),
              ...lines.flatMap((line, i) => lineMarks(plot, look, line, SHIFT * (i - (lines.length - 1) / 2))),
            ],
          }),
        ],
      });
    },
  };
}

/** The groups with a known median, by number of originals. */
function linesOf({ counts, groups }: SimilarityByCount, family: (name: string) => Family): Line[] {
  return groups
    .map(({ name, greatest }) => ({
      name,
      family: family(name),
      points: counts.flatMap((count, i) => {
        const similar = greatest[i];
        return similar !== undefined && Number.isFinite(similar.median) ? [{ count, ...similar }] : [];
      }),
    }))
    .filter(({ points }) => points.length > 0);
}

/** @param dx pixels to the side: intervals at the same place would hide one another. */
function lineMarks(plot: Plotting, { theme }: Look, { name, family, points }: Line, dx: number): Markish[] {
  const colour = theme[family];
  const intervals = points.filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high));
  return [
    plot.ruleX(intervals, { x: at, y1: "low", y2: "high", dx, stroke: colour, strokeWidth: 1.5, strokeOpacity: 0.5 }),
    plot.line(points, { x: at, y: "median", dx, stroke: colour, strokeWidth: 1.75, ...dashesOf(family) }),
    plot.dot(points, {
      x: at,
      y: "median",
      dx,
      r: 4,
      ...dotOptions({ mark: familyStyles[family].symbol, colour }),
      title: ({ count, low, median, high }: Line["points"][number]) =>
        tip(
          `${name}, ${counted(count, "original")}`,
          `median ${withInterval(decimal(median), decimal(low), decimal(high))}`,
        ),
    }),
  ];
}
