/** What networks are worth together: their probabilities averaged, against how many there are. */
import type { PlotOptions } from "@observablehq/plot";

import type { EnsemblePoint } from "../audit.ts";
import { AXIS, gridLines, heading, isNarrow, logAxis, someOf } from "../drawing/axes.ts";
import { families, familyOf } from "../drawing/group-styles.ts";
import { dotStyle } from "../drawing/legend.ts";
import type { Look, Plotting } from "../drawing/plot.ts";
import { span } from "../drawing/range.ts";
import type { ReportInput } from "../results.ts";
import { compact, whole } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

interface Measure {
  readonly name: string;
  readonly value: (point: EnsemblePoint) => number;
}

interface Line {
  readonly name: string;
  readonly family: ReturnType<typeof familyOf>;
  readonly points: readonly EnsemblePoint[];
}

const MEASURES: readonly Measure[] = [
  { name: "accuracy, %", value: ({ accuracy }) => 100 * (accuracy.value ?? Number.NaN) },
  { name: "negative log-likelihood", value: ({ nll }) => nll },
  { name: "Brier score", value: ({ brier }) => brier },
  { name: "calibration error (ECE)", value: ({ ece }) => ece },
  { name: "AUROC, other data", value: ({ auroc }) => auroc ?? Number.NaN },
];

/** Where a size stands on the axis. */
const at = ({ size }: { size: number }) => Math.log10(size);

/** The figure, or undefined where there is no ensemble. */
export function ensembleFigure(plot: Plotting, { audit }: ReportInput): Figure | undefined {
  const lines: Line[] = audit.ensembles
    .map(({ name, points }) => ({
      ...{ name, family: familyOf(audit, name) },
      points: points.filter(({ size }) => size > 0).toSorted((a, b) => a.size - b.size),
    }))
    .filter(({ points }) => points.length > 0);
  const measures = MEASURES.filter(({ value }) =>
    lines.some(({ points }) => points.some((point) => Number.isFinite(value(point)))),
  );
  if (measures.length === 0) return undefined;
  const sizes = [...new Set(lines.flatMap(({ points }) => points.map(({ size }) => size)))].sort((a, b) => a - b);
  const auroc = measures.some(({ name }) => name.startsWith("AUROC"));
  return {
    name: "ensembles",
    title: "Ensembles",
    caption: [
      "The probabilities of so many networks averaged. Higher is better for accuracy and AUROC, lower for the others; bars at the accuracy are its interval of 95\u00a0%.",
      auroc && audit.otherData !== null
        ? `AUROC: how well the greatest probability tells test images from those of ${audit.otherData} (0.5: not at all).`
        : "",
      "Look for how much a group gains from its first network to its last: networks that make the same mistakes gain nothing together, whatever their accuracy alone.",
    ]
      .filter((text) => text !== "")
      .join(" "),
    data: {
      columns: ["group", "size", "accuracy", "low", "high", "nll", "brier", "ece", "auroc"],
      rows: lines.flatMap(({ name, points }) =>
        points.map(({ size, accuracy, nll, brier, ece, auroc }) => [
          ...[name, size, accuracy.value, accuracy.low, accuracy.high],
          ...[nll, brier, ece, auroc ?? Number.NaN],
        ]),
      ),
    },
    draw: (look) =>
      plot.grid(look, `Quality of ensembles against their size: ${lines.map(({ name }) => name).join(", ")}.`, {
        columns: isNarrow(look) ? 1 : Math.min(3, measures.length),
        legend: lines.map(({ name, family }) => ({
          label: name,
          colour: look.theme[family],
          mark: families[family].symbol,
        })),
        panels: measures.map((measure, i) => (inner) => panelOf(plot, inner, lines, sizes, measure, i === 0)),
      }),
  };
}

function panelOf(
  plot: Plotting,
  look: Look,
  lines: readonly Line[],
  sizes: readonly number[],
  { name, value }: Measure,
  bars: boolean,
): PlotOptions {
  const { theme } = look;
  const intervals = bars
    ? lines.flatMap(({ name, points }) =>
        points
          .map(({ size, accuracy }) => ({
            name,
            size,
            low: 100 * (accuracy.low ?? Number.NaN),
            high: 100 * (accuracy.high ?? Number.NaN),
          }))
          .filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high)),
      )
    : [];
  const drawn = lines.map((line) => ({
    ...line,
    points: line.points.filter((point) => Number.isFinite(value(point))),
  }));
  const y = span([
    ...drawn.flatMap(({ points }) => points.map(value)),
    ...intervals.flatMap(({ low, high }) => [low, high]),
  ])!;
  const [first, last] = [sizes[0]!, sizes.at(-1)!];
  return {
    height: 230,
    marginTop: 34,
    marginRight: 12,
    marginBottom: 44,
    marginLeft: 56,
    x: {
      ...AXIS,
      domain: first < last ? [Math.log10(first), Math.log10(last)] : [Math.log10(first) - 1, Math.log10(first) + 1],
      insetLeft: 8,
      insetRight: 8,
      ...logAxis(someOf(sizes, 6), whole),
      label: "networks together",
      labelOffset: 36,
    },
    y: { ...AXIS, domain: y, ticks: 5, tickFormat: compact, label: null },
    marks: [
      ...gridLines(plot, look, { y: 5 }),
      heading(plot, name),
      // Side by side, as they would hide each other.
      ...lines.map(({ name, family }, i) =>
        plot.ruleX(
          intervals.filter((interval) => interval.name === name),
          {
            ...{ x: at, y1: "low", y2: "high", dx: 3 * (i - (lines.length - 1) / 2) },
            ...{ stroke: theme[family], strokeWidth: 1.25, strokeOpacity: 0.6 },
          },
        ),
      ),
      ...drawn.flatMap(({ family, points }) => [
        plot.line(points, { x: at, y: value, stroke: theme[family], strokeWidth: 1.75 }),
        plot.dot(points, {
          x: at,
          y: value,
          r: 3.6,
          ...dotStyle({ mark: families[family].symbol, colour: theme[family] }),
        }),
      ]),
    ],
  };
}
