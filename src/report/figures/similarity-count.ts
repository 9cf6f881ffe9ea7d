/** Greatest similarity against the number of originals that it is sought among: the paper's figure 5(c). */
import type { Family } from "../audit.ts";
import { AXIS, gridLines, isNarrow, logAxis, someOf } from "../drawing/axes.ts";
import { families, familyOf } from "../drawing/group-styles.ts";
import { dotStyle } from "../drawing/legend.ts";
import type { Plotting } from "../drawing/plot.ts";
import { span } from "../drawing/range.ts";
import type { ReportInput } from "../results.ts";
import { decimal, whole } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

/** Where a number of originals stands on the axis. */
const at = ({ count }: { count: number }) => Math.log10(count);

/** Held-out networks run where originals do, hence the dashes. */
const lineOf = (family: Family, stroke: string) => ({
  ...{ stroke, strokeWidth: 1.75 },
  ...(family === "heldOut" ? { strokeDasharray: "5 3" } : {}),
});

/** The figure, or undefined where fewer than two numbers of originals were tried. */
export function similarityCountFigure(plot: Plotting, { audit }: ReportInput): Figure | undefined {
  const { counts, groups } = audit.againstCount;
  const lines = groups
    .map(({ name, greatest }) => ({
      ...{ name, family: familyOf(audit, name) },
      points: counts.flatMap((count, i) => {
        const similar = greatest[i];
        return similar !== undefined && Number.isFinite(similar.median) ? [{ count, ...similar }] : [];
      }),
    }))
    .filter(({ points }) => points.length > 0);
  if (lines.length === 0 || counts.length < 2) return undefined;
  const banded = lines.map((line) => ({
    ...line,
    band: line.points.filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high)),
  }));
  const y = span(
    banded.flatMap(({ points, band }) => [...points.map((p) => p.median), ...band.flatMap((p) => [p.low, p.high])]),
  )!;
  const ends = lines.map(({ name, points }) => `${name} ${decimal(points.at(-1)!.median)}`).join(", ");
  return {
    name: "similarity-count",
    title: "Similarity against the number of originals",
    caption: `The greatest similarity to any of the first K originals, in random order: the groups’ medians and the middle 90\u00a0% of their networks. With all ${whole(counts.at(-1)!)}: ${ends}. Every group’s greatest similarity rises with K, because there is more to be like. Look for samples that rise faster than held-out networks and references: they resemble particular originals.`,
    data: {
      columns: ["group", "originals", "low", "median", "high"],
      rows: lines.flatMap(({ name, points }) =>
        points.map(({ count, low, median, high }) => [name, count, low, median, high]),
      ),
    },
    draw: (look) => {
      const { theme } = look;
      const ticks = someOf(counts, isNarrow(look) ? 6 : 12);
      return plot.grid(look, `Greatest similarity against the number of originals; with all of them: ${ends}.`, {
        columns: 1,
        legend: lines.map(({ name, family }) => ({
          label: name,
          colour: theme[family],
          mark: families[family].symbol,
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
              domain: [Math.log10(counts[0]!), Math.log10(counts.at(-1)!)],
              ...logAxis(ticks, whole),
              label: "number of originals K",
              labelOffset: 42,
              insetLeft: 6,
            },
            y: { ...AXIS, domain: y, ticks: 6, label: "greatest similarity" },
            marks: [
              ...gridLines(plot, inner, { y: 6 }),
              ...banded.flatMap(({ family, points, band }) => [
                plot.areaY(band, { x: at, y1: "low", y2: "high", fill: theme[family], fillOpacity: 0.13 }),
                plot.line(points, { x: at, y: "median", ...lineOf(family, theme[family]) }),
                plot.dot(points, {
                  ...{ x: at, y: "median", r: 4 },
                  ...dotStyle({ mark: families[family].symbol, colour: theme[family] }),
                }),
              ]),
            ],
          }),
        ],
      });
    },
  };
}
