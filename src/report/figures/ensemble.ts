/** Ensembles: the probabilities of networks averaged, against the number of networks. */
import type { Markish, PlotOptions } from "@observablehq/plot";

import type { Audit, EnsemblePoint, Family } from "../../records/index.ts";
import { familyOf } from "../audit-groups.ts";
import { AXIS, gridLines, heading, isNarrow, logAxis, someOf } from "../drawing/axes.ts";
import { familyStyles } from "../drawing/family-styles.ts";
import { dotOptions } from "../drawing/legend.ts";
import type { Look } from "../drawing/look.ts";
import type { Plotting } from "../drawing/plot.ts";
import { span } from "../drawing/range.ts";
import type { ReportInput } from "../input.ts";
import { counted } from "../text/nouns.ts";
import { compact, whole } from "../text/number-format.ts";
import { sentences } from "../text/sentences.ts";
import { tip } from "../text/tip.ts";
import type { Figure } from "./figure.ts";

/** A quantity of an ensemble, a panel each. */
interface Quantity {
  readonly name: string;
  readonly value: (point: EnsemblePoint) => number;
}

interface Line {
  readonly name: string;
  readonly family: Family;
  readonly points: readonly EnsemblePoint[];
}

const AUROC: Quantity = { name: "AUROC, other data", value: ({ auroc }) => auroc ?? Number.NaN };

const ACCURACY: Quantity = { name: "accuracy, %", value: ({ accuracy }) => 100 * accuracy.value };

const QUANTITIES: readonly Quantity[] = [
  ACCURACY,
  { name: "negative log-likelihood", value: ({ nll }) => nll },
  { name: "Brier score", value: ({ brier }) => brier },
  { name: "calibration error (ECE)", value: ({ ece }) => ece },
  AUROC,
];

/** Where a size lies on the axis. */
const at = ({ size }: { size: number }) => Math.log10(size);

/** The figure, or undefined where there is no ensemble. */
export function ensembleFigure(plot: Plotting, { audit }: ReportInput): Figure | undefined {
  const lines = linesOf(audit);
  const quantities = QUANTITIES.filter(({ value }) =>
    lines.some(({ points }) => points.some((point) => Number.isFinite(value(point)))),
  );
  if (quantities.length === 0) return undefined;
  const sizes = [...new Set(lines.flatMap(({ points }) => points.map(({ size }) => size)))].sort((a, b) => a - b);
  return {
    name: "ensembles",
    title: "Ensembles",
    caption: sentences(
      `The averaged probabilities of several networks. Higher is better for accuracy${quantities.includes(AUROC) ? " and AUROC" : ""}, lower for the others; bars at the accuracy are its 95\u00a0% interval.`,
      quantities.includes(AUROC) &&
        audit.otherData !== null &&
        `AUROC: how well the greatest probability separates test images from those of ${audit.otherData} (0.5: not at all).`,
      "Look for how much a group gains from its first network to its last: networks that make the same mistakes gain nothing together, however accurate each of them is.",
    ),
    data: {
      columns: ["group", "size", "accuracy", "low", "high", "nll", "brier", "ece", "auroc"],
      rows: lines.flatMap(({ name, points }) =>
        points.map(({ size, accuracy: { value, low, high }, nll, brier, ece, auroc = Number.NaN }) => [
          name,
          size,
          value,
          low,
          high,
          nll,
          brier,
          ece,
          auroc,
        ]),
      ),
    },
    draw: (look) =>
      plot.grid(look, `Quality of ensembles against their size: ${lines.map(({ name }) => name).join(", ")}.`, {
        columns: isNarrow(look) ? 1 : Math.min(3, quantities.length),
        legend: lines.map(({ name, family }) => ({
          label: name,
          colour: look.theme[family],
          mark: familyStyles[family].symbol,
        })),
        panels: quantities.map((quantity) => (inner) => panelOf(plot, inner, lines, sizes, quantity)),
      }),
  };
}

function linesOf(audit: Audit): Line[] {
  return audit.ensembles
    .map(({ name, points }) => ({
      name,
      family: familyOf(audit, name),
      points: points.filter(({ size }) => size > 0).toSorted((a, b) => a.size - b.size),
    }))
    .filter(({ points }) => points.length > 0);
}

function panelOf(
  plot: Plotting,
  look: Look,
  lines: readonly Line[],
  sizes: readonly number[],
  quantity: Quantity,
): PlotOptions {
  const { theme } = look;
  const { name, value } = quantity;
  const intervals = quantity === ACCURACY ? lines.map(intervalsOf) : [];
  const drawn = lines.map((line) => ({
    ...line,
    points: line.points.filter((point) => Number.isFinite(value(point))),
  }));
  const [first, last] = [Math.log10(Math.min(...sizes)), Math.log10(Math.max(...sizes))];
  const y = span([
    ...drawn.flatMap(({ points }) => points.map(value)),
    ...intervals.flat().flatMap(({ low, high }) => [low, high]),
  ]) ?? [0, 1];
  return {
    height: 230,
    marginTop: 34,
    marginRight: 12,
    marginBottom: 44,
    marginLeft: 56,
    x: {
      ...AXIS,
      domain: first < last ? [first, last] : [first - 1, first + 1],
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
      ...intervalMarks(plot, look, lines, intervals),
      ...drawn.flatMap(({ name: group, family, points }) => [
        plot.line(points, { x: at, y: value, stroke: theme[family], strokeWidth: 1.75 }),
        plot.dot(points, {
          x: at,
          y: value,
          title: (point: EnsemblePoint) =>
            tip(`${group}, ${counted(point.size, "network")}`, `${name} ${compact(value(point))}`),
          r: 3.6,
          ...dotOptions({ mark: familyStyles[family].symbol, colour: theme[family] }),
        }),
      ]),
    ],
  };
}

/** An interval of the accuracy, percent. */
interface SizedInterval {
  readonly size: number;
  readonly low: number;
  readonly high: number;
}

function intervalsOf({ points }: Line): SizedInterval[] {
  return points
    .map(({ size, accuracy: { low, high } }) => ({ size, low: 100 * low, high: 100 * high }))
    .filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high));
}

/** Intervals side by side, because they would hide each other. */
function intervalMarks(
  plot: Plotting,
  { theme }: Look,
  lines: readonly Line[],
  intervals: readonly (readonly SizedInterval[])[],
): Markish[] {
  return lines.flatMap(({ family }, i) => {
    const own = intervals[i];
    if (own === undefined) return [];
    return [
      plot.ruleX(own, {
        x: at,
        y1: "low",
        y2: "high",
        dx: 3 * (i - (lines.length - 1) / 2),
        stroke: theme[family],
        strokeWidth: 1.25,
        strokeOpacity: 0.6,
      }),
    ];
  });
}
