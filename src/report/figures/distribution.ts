/** How the parameters of chosen tensors are distributed in originals and in samples. */
import type { PlotOptions } from "@observablehq/plot";

import type { Distribution } from "../../records/index.ts";
import { AXIS, gridLines, heading, isNarrow } from "../drawing/axes.ts";
import type { Look } from "../drawing/look.ts";
import type { Plotting } from "../drawing/plot.ts";
import { shorten } from "../html.ts";
import type { ReportInput } from "../input.ts";
import { counted } from "../text/nouns.ts";
import { compact } from "../text/number-format.ts";
import { sentences } from "../text/sentences.ts";
import type { Figure } from "./figure.ts";

const GROUPS = ["originals", "samples"] as const;

/** More panels do not show more. */
const MAX_PANELS = 9;

/** A bin of both histograms. */
interface Bin {
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
  const panels = tensors.map((tensor) => ({ tensor: tensor.tensor, bins: binsOf(tensor) }));
  return {
    name: "distributions",
    title: "Distributions of parameters",
    caption: sentences(
      "Densities of all values of a tensor over all networks. Look for samples that are narrower than the originals: a generator that averages pulls every parameter towards its mean.",
      left > 0 && `Not shown: ${counted(left, "tensor")} more.`,
    ),
    data: {
      columns: ["tensor", "from", "to", "originals", "samples"],
      rows: panels.flatMap(({ tensor, bins }) =>
        bins.map(({ from, to, originals, samples }) => [tensor, from, to, originals, samples]),
      ),
    },
    draw: (look) =>
      plot.grid(look, `Distributions of parameters: ${tensors.map(({ tensor }) => tensor).join(", ")}.`, {
        columns: isNarrow(look) ? 1 : panels.length === 4 ? 2 : Math.min(3, panels.length),
        legend: [
          { label: "originals", colour: look.theme.originals, mark: "band", opacity: 0.35 },
          { label: "samples", colour: look.theme.samples, mark: "line" },
        ],
        panels: panels.map(
          ({ tensor, bins }) =>
            (inner) =>
              panelOf(plot, inner, tensor, bins),
        ),
      }),
  };
}

function binsOf({ edges, originals, samples }: Distribution): Bin[] {
  return edges.slice(1).map((to, i) => ({
    from: edges[i] ?? Number.NaN,
    to,
    originals: originals[i] ?? Number.NaN,
    samples: samples[i] ?? Number.NaN,
  }));
}

function panelOf(plot: Plotting, look: Look, tensor: string, bins: readonly Bin[]): PlotOptions {
  const { theme } = look;
  const [left, right] = [bins[0]?.from ?? 0, bins.at(-1)?.to ?? 1];
  const high = Math.max(...bins.flatMap((bin) => GROUPS.map((group) => bin[group])).filter(Number.isFinite), 0);
  // The outline of a histogram: level over a bin, and down to nothing at both ends.
  const outline = (group: (typeof GROUPS)[number]) => [
    { x: left, y: 0 },
    ...bins
      .filter((bin) => Number.isFinite(bin[group]))
      .flatMap((bin) => [
        { x: bin.from, y: bin[group] },
        { x: bin.to, y: bin[group] },
      ]),
    { x: right, y: 0 },
  ];
  return {
    height: 190,
    marginTop: 34,
    marginRight: 12,
    marginBottom: 30,
    marginLeft: 44,
    x: { ...AXIS, domain: [left, right], ticks: 4, tickFormat: compact, label: null },
    y: { ...AXIS, domain: [0, (high || 1) * 1.04], ticks: 4, tickFormat: compact, label: null },
    marks: [
      ...gridLines(plot, look, { y: 4 }),
      heading(plot, shorten(tensor, 30)),
      plot.areaY(outline("originals"), { x: "x", y1: 0, y2: "y", fill: theme.originals, fillOpacity: 0.35 }),
      plot.line(outline("samples"), { x: "x", y: "y", stroke: theme.samples, strokeWidth: 1.75 }),
    ],
  };
}
