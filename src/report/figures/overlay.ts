/** Scores against distance of several runs in one plot: samples, held-out networks, baselines. */
import { evenlyWithEnds } from "../../numeric/index.ts";
import type { Audit, Metric } from "../../records/index.ts";
import { groupOf } from "../audit-groups.ts";
import { isNarrow } from "../drawing/axes.ts";
import type { LegendItem } from "../drawing/legend.ts";
import type { Plotting } from "../drawing/plot.ts";
import { span } from "../drawing/range.ts";
import { type Mark, type Scatter, scatterOptions } from "../drawing/scatter.ts";
import type { Theme } from "../drawing/theme.ts";
import { type ComparedRun, differentMetrics } from "../text/comparison-table.ts";
import { compact } from "../text/number-format.ts";
import { capitalised, direction, scoreAxis, scoreScale } from "../text/score-format.ts";
import { sentences } from "../text/sentences.ts";
import { tip } from "../text/tip.ts";
import type { Figure } from "./figure.ts";
import { curveOf, dotsOf, type Mean, meanOf, meanTip } from "./score-distance.ts";

/** Dots of one run. */
const MAX_DOTS = 150;

/** One colour a run, those that differ most first. */
export const runColours = [
  "originals",
  "samples",
  "reconstructions",
  "gaussian",
  "average",
  "latent",
  "references",
  "trained",
] as const satisfies readonly (keyof Theme)[];

/** What is shown of a run. Scores are as the axis shows them. */
interface RunContent {
  readonly name: string;
  readonly colour: keyof Theme;
  readonly cloud: ReturnType<typeof dotsOf>;
  readonly landmarks: readonly Mean[];
  /** The frontier of the best family of baselines. */
  readonly frontier: readonly Mean[];
}

/**
 * The figure, or undefined where runs have different metrics, or no run has scores and distances.
 * @param runs as many as there are colours, at most.
 */
export function overlayFigure(plot: Plotting, runs: readonly ComparedRun[]): Figure | undefined {
  const metric = runs.find(({ audit }) => audit?.metric != null)?.audit?.metric;
  if (metric == null || differentMetrics(runs)) return undefined;
  const contents = runs.flatMap(({ name, audit }, i) => contentOf(name, audit, metric, runColours[i] ?? "noise") ?? []);
  if (contents.length === 0) return undefined;
  return {
    name: "overlay",
    title: `${capitalised(metric.name)} against distance`,
    caption: sentences(
      `One colour a run. Small dots are samples and the large circle their mean, the diamond is the mean of held-out networks; of both, ${direction(metric)}.`,
      "The line is the best score that the best family of baselines reaches at a distance or farther out, through the triangles of its settings.",
      "Distances to the nearest original are in units of each run’s own held-out networks, so 1 is where these lie.",
      "Look for samples near 1, above the line of their own colour and near the diamond.",
    ),
    data: {
      columns: ["run", "kind", "group", "distance", metric.name],
      rows: contents.flatMap(({ name, cloud, landmarks, frontier }) => [
        ...landmarks.map((mean) => [name, "mean", mean.name, mean.x, mean.y / scoreScale(metric)]),
        ...frontier.map((mean) => [name, "frontier", mean.name, mean.x, mean.y / scoreScale(metric)]),
        ...cloud.map(({ x, y }) => [name, "network", "samples", x, y / scoreScale(metric)]),
      ]),
    },
    draw: (look) =>
      plot.grid(look, `${capitalised(metric.name)} against distance: ${contents.map(({ name }) => name).join(", ")}.`, {
        columns: 1,
        legend: [
          ...contents.map(
            ({ name, colour }): LegendItem => ({ label: name, colour: look.theme[colour], mark: "band" }),
          ),
          { label: "samples", colour: look.theme.ink, mark: "circle" },
          { label: "held-out", colour: look.theme.ink, mark: "diamond2" },
          { label: "best baselines", colour: look.theme.ink, mark: "triangle" },
        ],
        panels: [(inner) => scatterOptions(plot, inner, scatterOf(contents, metric, isNarrow(look), look.theme))],
      }),
  };
}

function contentOf(
  name: string,
  audit: Audit | undefined,
  metric: Metric,
  colour: RunContent["colour"],
): RunContent | undefined {
  const samples = audit && groupOf(audit, "samples");
  if (audit === undefined || samples === undefined || audit.metric === null) return undefined;
  const cloud = dotsOf(samples, metric, null);
  if (cloud.length === 0) return undefined;
  const scale = scoreScale(metric);
  const best = audit.excess[0]?.family;
  return {
    name,
    colour,
    cloud,
    landmarks: (["heldOut", "samples"] as const).flatMap((family) => {
      const group = groupOf(audit, family);
      return group === undefined ? [] : meanOf(group, scale);
    }),
    frontier: best === undefined ? [] : curveOf(audit, best, scale).frontier,
  };
}

function scatterOf(contents: readonly RunContent[], metric: Metric, narrow: boolean, theme: Theme): Scatter {
  const core = contents.flatMap(({ cloud, landmarks }) => [...cloud, ...landmarks]);
  const [, right] = span([1, ...core.map(({ x }) => x)], 0.04) ?? [0, 1];
  const shown = contents.map((content) => ({ ...content, frontier: content.frontier.filter(({ x }) => x <= right) }));
  const heights = [...core, ...shown.flatMap(({ frontier }) => frontier)].map(({ y }) => y);
  return {
    x: { domain: [0, right], ticks: narrow ? 5 : 9, label: "distance to the nearest original", labelOffset: 42 },
    y: {
      domain: span(heights) ?? [0, 1],
      ticks: 6,
      label: scoreAxis(metric, null),
      ...(metric.unit === "number" ? { tickFormat: compact } : {}),
    },
    height: narrow ? 360 : 420,
    margin: { top: 14, right: 16, bottom: 50, left: 56 },
    inset: { left: 0, right: 8, y: 8 },
    guides: { x: 1, colour: theme.references },
    clouds: shown.map(({ cloud, name, colour }) => ({
      points: evenlyWithEnds(cloud, MAX_DOTS).map((dot) => ({ ...dot, tip: tip(name, dot.tip ?? "") })),
      r: 2.2,
      mark: "circle",
      colour: theme[colour],
      opacity: 0.4,
    })),
    lines: shown.map(({ frontier, colour }) => ({ points: frontier, colour: theme[colour], opacity: 0.7 })),
    marks: shown.flatMap(({ name, frontier, landmarks, colour }) =>
      [...frontier.filter(({ x }) => x > 0), ...landmarks].map((mean) => markOf(mean, name, metric, theme[colour])),
    ),
  };
}

function markOf(mean: Mean, run: string, metric: Metric, colour: string): Mark {
  const { family, x, y } = mean;
  const samples = family === "samples";
  return {
    x,
    y,
    tip: tip(run, meanTip(mean, metric, null)),
    r: samples ? 7 : 4.5,
    halo: samples,
    mark: samples ? "circle" : family === "heldOut" ? "diamond2" : "triangle",
    colour,
    intervals: { y: [mean.low, mean.high], width: samples ? 2.5 : 1.25 },
  };
}
