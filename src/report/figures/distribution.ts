/** How the parameters of chosen tensors are distributed, of originals and of samples. */
import type { DistributionFigure } from "../audit.ts";
import { AXIS, gridLines, heading, isNarrow } from "../drawing/axes.ts";
import type { Look, Plotting } from "../drawing/plot.ts";
import { shorten } from "../html.ts";
import type { ReportInput } from "../results.ts";
import { compact } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

const GROUPS = ["originals", "samples"] as const;

/** More panels say nothing more. */
const MAX_PANELS = 9;

interface Step {
  readonly from: number;
  readonly to: number;
  readonly originals: number;
  readonly samples: number;
}

/** The figure, or undefined where there is no histogram. */
export function distributionFigure(plot: Plotting, { audit }: ReportInput): Figure | undefined {
  const tensors = audit.distributions.filter(({ edges }) => edges.length > 1).slice(0, MAX_PANELS);
  if (tensors.length === 0) return undefined;
  const left = audit.distributions.length - tensors.length;
  const panels = tensors.map((tensor) => ({ tensor: tensor.tensor, steps: stepsOf(tensor) }));
  return {
    name: "distributions",
    title: "Distributions of parameters",
    caption: `Densities of all values of a tensor over all networks. Look for samples that are narrower than the originals: a generator that averages pulls every parameter towards its mean.${left > 0 ? ` ${left} more tensors are left out.` : ""}`,
    data: {
      columns: ["tensor", "from", "to", "originals", "samples"],
      rows: panels.flatMap(({ tensor, steps }) =>
        steps.map(({ from, to, originals, samples }) => [tensor, from, to, originals, samples]),
      ),
    },
    draw: (look) =>
      plot.grid(look, `Distributions of parameters: ${tensors.map(({ tensor }) => tensor).join(", ")}.`, {
        columns: isNarrow(look) ? 1 : panels.length === 4 ? 2 : Math.min(3, panels.length),
        legend: [
          { label: "originals", colour: look.theme.originals, mark: "band", opacity: 0.35 },
          { label: "samples", colour: look.theme.samples, mark: "line" },
        ],
        panels: panels.map((panel) => (inner) => panelOf(plot, inner, panel)),
      }),
  };
}

function stepsOf({ edges, originals, samples }: DistributionFigure): Step[] {
  return edges.slice(1).map((to, i) => ({
    from: edges[i]!,
    to,
    originals: originals[i] ?? Number.NaN,
    samples: samples[i] ?? Number.NaN,
  }));
}

function panelOf(plot: Plotting, look: Look, { tensor, steps }: { tensor: string; steps: readonly Step[] }) {
  const { theme } = look;
  const x = [steps[0]!.from, steps.at(-1)!.to];
  const high = Math.max(...steps.flatMap((step) => GROUPS.map((group) => step[group])).filter(Number.isFinite), 0);
  // The outline of a histogram: level over a bin, and down to nothing at both ends.
  const outline = (group: (typeof GROUPS)[number]) => [
    { x: x[0]!, y: 0 },
    ...steps
      .filter((step) => Number.isFinite(step[group]))
      .flatMap((step) => [
        { x: step.from, y: step[group] },
        { x: step.to, y: step[group] },
      ]),
    { x: x[1]!, y: 0 },
  ];
  return {
    height: 190,
    marginTop: 34,
    marginRight: 12,
    marginBottom: 30,
    marginLeft: 44,
    x: { ...AXIS, domain: x, ticks: 4, tickFormat: compact, label: null },
    y: { ...AXIS, domain: [0, (high || 1) * 1.04], ticks: 4, tickFormat: compact, label: null },
    marks: [
      ...gridLines(plot, look, { y: 4 }),
      heading(plot, shorten(tensor, 30)),
      plot.areaY(outline("originals"), { x: "x", y1: 0, y2: "y", fill: theme.originals, fillOpacity: 0.35 }),
      plot.line(outline("samples"), { x: "x", y: "y", stroke: theme.samples, strokeWidth: 1.75 }),
    ],
  };
}
