/** Selection accuracy against test accuracy: whether a choice on one split holds on the other. */
import { evenlyWithEnds } from "../../numeric/index.ts";
import type { Classification, ClassifierGroup } from "../../records/index.ts";
import type { Domain } from "../drawing/axes.ts";
import type { Plotting } from "../drawing/plot.ts";
import { PERCENT, robustRange } from "../drawing/range.ts";
import type { Classifiers } from "../input.ts";
import { counted } from "../text/nouns.ts";
import { decimal, percent, percentDigits, whole } from "../text/number-format.ts";
import { sentences } from "../text/sentences.ts";
import { networkTip } from "../text/tip.ts";
import type { Figure } from "./figure.ts";
import { rankCorrelation } from "./rank-correlation.ts";

const GROUPS = ["originals", "samples"] as const;
const MAX_DOTS = 500;

/** Fewer networks have no meaningful correlation. */
const MIN_NETWORKS = 8;

/** A network; accuracies are percentages. */
interface Point {
  readonly group: (typeof GROUPS)[number];
  /** Counted from 1. */
  readonly network: number;
  readonly selection: number;
  readonly test: number;
}

/** A group of networks by rising selection accuracy. */
interface Panel {
  readonly group: Point["group"];
  readonly points: readonly Point[];
}

/** The figure, or undefined where there are too few networks to choose from. */
export function selectionFigure(plot: Plotting, { classification, images }: Classifiers): Figure | undefined {
  const panels = GROUPS.map((group) => ({ group, points: pointsOf(classification[group], group) })).filter(
    ({ points }) => points.length >= MIN_NETWORKS,
  );
  if (panels.length === 0) return undefined;
  const [x, y] = [rangeOf(panels, "selection"), rangeOf(panels, "test")];
  const inside = ({ selection, test }: Point) => selection >= x[0] && selection <= x[1] && test >= y[0] && test <= y[1];
  const left = panels.reduce((sum, { points }) => sum + points.filter((point) => !inside(point)).length, 0);
  const chosen = panels.flatMap((panel) => chosenOf(panel, classification)).filter(inside);
  // The chosen ones once more, because thinning may have dropped them.
  const shown = [...panels.flatMap(({ points }) => evenlyWithEnds(points.filter(inside), MAX_DOTS)), ...chosen];
  return {
    name: "selection-and-test",
    title: "Choosing a network on the selection images",
    caption: sentences(
      "Each dot is a network; the ring marks the one that is best on the selection images, which the table reports.",
      "Look for a slope: without one, the best network on the test images is best by chance.",
      correlationSentence(panels),
      left > 0 && `${counted(left, "network")} far from all others ${left === 1 ? "lies" : "lie"} outside the frame.`,
    ),
    data: {
      columns: ["group", "selection_accuracy", "test_accuracy"],
      rows: panels.flatMap(({ group, points }) =>
        points.map(({ selection, test }) => [group, selection / 100, test / 100]),
      ),
    },
    draw: (look) => {
      const narrow = look.width < 500;
      const facet = narrow ? ({ fy: "group" } as const) : ({ fx: "group" } as const);
      const scale = { domain: panels.map(({ group }) => group), label: null, axis: null };
      const channels = { x: "selection", y: "test", ...facet } as const;
      const axis = { labelAnchor: "center", labelArrow: "none", tickSize: 0, inset: 10, ticks: 5 } as const;
      return plot.draw(look, "Test accuracy against selection accuracy of single networks.", {
        height: (narrow ? panels.length : 1) * 250 + 76,
        marginTop: 24,
        marginLeft: 58,
        marginBottom: 52,
        marginRight: 8,
        fx: { ...scale, padding: 0.06 },
        fy: { ...scale, padding: 0.14 },
        x: {
          ...axis,
          domain: x,
          label: `accuracy on ${counted(images.selection, "selection image")}, %`,
          labelOffset: 44,
        },
        y: { ...axis, domain: y, label: `accuracy on ${counted(images.test, "test image")}, %` },
        marks: [
          plot.gridX({ stroke: look.theme.rule, strokeOpacity: 1, ticks: 5 }),
          plot.gridY({ stroke: look.theme.rule, strokeOpacity: 1, ticks: 5 }),
          plot.dot(shown, {
            ...channels,
            r: 2.6,
            fill: ({ group }: Point) => look.theme[group],
            fillOpacity: 0.5,
            title: ({ group, network, selection, test }: Point) =>
              networkTip(
                group,
                network,
                `test ${percent(test / 100, percentDigits(images.test))}`,
                `selection ${percent(selection / 100, percentDigits(images.selection))}`,
              ),
          }),
          plot.dot(chosen, { ...channels, r: 6.5, stroke: look.theme.ink, strokeWidth: 1.75 }),
          plot.text(panels, {
            ...facet,
            text: ({ group, points }) => `${group} (${whole(points.length)})`,
            fill: ({ group }: Panel) => look.theme[group],
            fontWeight: 600,
            frameAnchor: "top-left",
            dy: -18,
          }),
        ],
      });
    },
  };
}

/** The networks of a group whose accuracies are finite, by rising selection accuracy. */
function pointsOf({ accuracies }: ClassifierGroup, group: Point["group"]): Point[] {
  return accuracies.selection
    .map((selection, i) => ({
      group,
      network: i + 1,
      selection: 100 * selection,
      test: 100 * (accuracies.test[i] ?? Number.NaN),
    }))
    .filter(({ selection, test }) => Number.isFinite(selection + test))
    .sort((a, b) => a.selection - b.selection);
}

function rangeOf(panels: readonly Panel[], axis: "selection" | "test"): Domain {
  const groups = panels.map(({ points }) => points.map((point) => point[axis]).sort((a, b) => a - b));
  return robustRange(groups, PERCENT);
}

/**
 * The network of the greatest selection accuracy; among equals the one whose test accuracy is
 * reported.
 */
function chosenOf({ group, points }: Panel, classification: Classification): Point[] {
  const reported = 100 * classification[group].chosenTest;
  const top = points.at(-1)?.selection;
  const off = (point: Point) => Math.abs(point.test - reported);
  const [first, ...others] = points.filter(({ selection }) => selection === top);
  return first === undefined ? [] : [others.reduce((a, b) => (off(b) < off(a) ? b : a), first)];
}

function correlationSentence(panels: readonly Panel[]): string {
  const correlations = panels
    .map(({ group, points }) => ({ group, r: rankCorrelation(points.map((p) => [p.selection, p.test])) }))
    .filter(({ r }) => Number.isFinite(r))
    .map(({ group, r }) => `${decimal(r)} among the ${group}`);
  return correlations.length > 0 ? `The rank correlation is ${correlations.join(" and ")}.` : "";
}
