/** Selection accuracy against test accuracy: whether choosing a network on one split means anything on the other. */

import { evenly } from "../drawing/fewer-points.ts";
import type { Plotting } from "../drawing/plot.ts";
import { percentRange } from "../drawing/range.ts";
import type { NetworkAccuracy, ReportInput } from "../results.ts";
import { counted, decimal, whole } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

const GROUPS = ["originals", "samples"] as const;
const MAX_DOTS = 500;

/** Fewer networks have no correlation to speak of. */
const FEWEST = 8;

interface Point {
  readonly group: (typeof GROUPS)[number];
  readonly selection: number;
  readonly test: number;
}

/** The figure, or undefined where there are too few networks to choose from. */
export function selectionFigure(plot: Plotting, { accuracies, images, results }: ReportInput): Figure | undefined {
  const panels = GROUPS.map((group) => ({ group, points: pointsOf(accuracies, group) })).filter(
    ({ points }) => points.length >= FEWEST,
  );
  if (panels.length === 0) return undefined;
  const ranges = (["selection", "test"] as const).map((axis) =>
    percentRange(panels.map(({ points }) => points.map((point) => point[axis]).sort((a, b) => a - b))),
  );
  const [x, y] = ranges as [[number, number], [number, number]];
  const inside = ({ selection, test }: Point) => selection >= x[0] && selection <= x[1] && test >= y[0] && test <= y[1];
  const left = panels.reduce((sum, { points }) => sum + points.filter((point) => !inside(point)).length, 0);
  const chosen = panels.map(({ group, points }) => best(points, 100 * results[group].chosenTest)).filter(inside);
  // The chosen ones once more, because thinning may have dropped them.
  const shown = [...panels.flatMap(({ points }) => evenly(points.filter(inside), MAX_DOTS)), ...chosen];
  const correlations = panels
    .map(({ group, points }) => ({ group, r: rankCorrelation(points) }))
    .filter(({ r }) => Number.isFinite(r))
    .map(({ group, r }) => `${decimal(r)} among the ${group}`);
  return {
    name: "selection-and-test",
    title: "Choosing a network on the selection images",
    caption: [
      "Each dot is a network; the ring marks the one that is best on the selection images, which the table reports.",
      "Look for a slope: without one, the best network on the test images owes its place to luck.",
      correlations.length > 0 ? `The rank correlation is ${correlations.join(" and ")}.` : "",
      left > 0
        ? `${counted(left, "network")} far from all others ${left === 1 ? "lies" : "lie"} outside the frame.`
        : "",
    ]
      .filter((text) => text !== "")
      .join(" "),
    data: {
      columns: ["group", "selection_accuracy", "test_accuracy"],
      rows: panels.flatMap(({ group, points }) =>
        points.map(({ selection, test }) => [group, selection / 100, test / 100]),
      ),
    },
    draw: (look) => {
      const facet = look.width < 500 ? ({ fy: "group" } as const) : ({ fx: "group" } as const);
      const scale = { domain: panels.map(({ group }) => group), label: null, axis: null };
      const rows = look.width < 500 ? panels.length : 1;
      const channels = { x: "selection", y: "test", ...facet } as const;
      const axis = { labelAnchor: "center", labelArrow: "none", tickSize: 0, inset: 10 } as const;
      return plot.draw(look, "Test accuracy against selection accuracy of single networks.", {
        height: rows * 250 + 76,
        marginTop: 24,
        marginLeft: 58,
        marginBottom: 52,
        marginRight: 8,
        fx: { ...scale, padding: 0.06 },
        fy: { ...scale, padding: 0.14 },
        x: {
          ...axis,
          domain: x,
          ticks: 5,
          label: `accuracy on ${counted(images.selection, "selection image")}, %`,
          labelOffset: 44,
        },
        y: { ...axis, domain: y, ticks: 5, label: `accuracy on ${counted(images.test, "test image")}, %` },
        marks: [
          plot.gridX({ stroke: look.theme.rule, strokeOpacity: 1, ticks: 5 }),
          plot.gridY({ stroke: look.theme.rule, strokeOpacity: 1, ticks: 5 }),
          plot.dot(shown, { ...channels, r: 2.6, fill: (point: Point) => look.theme[point.group], fillOpacity: 0.5 }),
          plot.dot(chosen, { ...channels, r: 6.5, stroke: look.theme.ink, strokeWidth: 1.75 }),
          plot.text(panels, {
            ...facet,
            text: ({ group, points }) => `${group} (${whole(points.length)})`,
            fill: ({ group }: Pick<Point, "group">) => look.theme[group],
            fontWeight: 600,
            frameAnchor: "top-left",
            dy: -18,
          }),
        ],
      });
    },
  };
}

/** Accuracies of a group in percent, by rising selection accuracy, without those that are not numbers. */
function pointsOf(accuracies: readonly NetworkAccuracy[], group: Point["group"]): Point[] {
  return accuracies
    .filter((network) => network.group === group && Number.isFinite(network.selection + network.test))
    .map(({ selection, test }) => ({ group, selection: 100 * selection, test: 100 * test }))
    .sort((a, b) => a.selection - b.selection);
}

/** The point of the greatest selection accuracy; among equals the one whose test accuracy is the reported one. */
function best(points: readonly Point[], reported: number): Point {
  const top = points.at(-1)!.selection;
  const off = (point: Point) => Math.abs(point.test - reported);
  return points.filter(({ selection }) => selection === top).reduce((a, b) => (off(b) < off(a) ? b : a));
}

/**
 * Spearman's correlation of selection and test accuracy, which a few failed networks do not decide; NaN where one of
 * them does not vary.
 */
function rankCorrelation(points: readonly Point[]): number {
  const x = ranks(points.map(({ selection }) => selection));
  const y = ranks(points.map(({ test }) => test));
  const middle = (points.length - 1) / 2;
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < points.length; i++) {
    const [a, b] = [x[i]! - middle, y[i]! - middle];
    xx += a * a;
    xy += a * b;
    yy += b * b;
  }
  return xy / Math.sqrt(xx * yy);
}

/** Ranks from 0; equal values share the mean of theirs. */
function ranks(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const rank = new Float64Array(values.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (const i of order.slice(start, end)) rank[i] = (start + end - 1) / 2;
  }
  return rank;
}
