/** What networks are worth against their distance to the nearest original, where each is worth one number. */
import { AXIS, gridLines, isNarrow } from "../drawing/axes.ts";
import { BASELINES, families, setting } from "../drawing/group-styles.ts";
import { dotStyle, type LegendItem } from "../drawing/legend.ts";
import type { Plotting } from "../drawing/plot.ts";
import { span } from "../drawing/range.ts";
import type { MeasuredAudit, MeasuredGroup } from "../metric-audit.ts";
import { compact } from "../text/number-format.ts";
import type { Figure } from "./figure.ts";

const HEIGHT = 400;
const INSET = 8;

/** Beyond this share of the width, labels stand to the left of their marks, where there is room. */
const RIGHT = 0.85;

/** Networks this many times as far as samples and held-out ones are left out. */
const FAR = 1.6;

interface Dot {
  readonly x: number;
  readonly y: number;
}

interface Mean extends Dot {
  readonly group: MeasuredGroup;
  readonly low: number;
  readonly high: number;
}

/** The figure, or undefined where nothing was measured. */
export function metricDistanceFigure(plot: Plotting, audit: MeasuredAudit): Figure | undefined {
  const { metric } = audit;
  const samples = audit.groups.find(({ family }) => family === "samples");
  if (metric === null || samples?.metric == null) return undefined;
  const means = audit.groups.flatMap(meanOf);
  const cloud = dotsOf(samples);
  const core = means.filter(({ group }) => ["originals", "heldOut", "samples"].includes(group.family));
  const reach = FAR * Math.max(1, ...core.map(({ x }) => x), ...cloud.map(({ x }) => x));
  // Shuffled networks are so much worse that beside them all others would be one.
  const shown = means.filter(({ x, group }) => x <= reach && group.family !== "references");
  const x = [
    0,
    span(
      [...shown, ...cloud].map((dot) => dot.x),
      0.04,
    )![1],
  ] as const;
  const y = span([...shown.flatMap(({ low, high }) => [low, high]), ...cloud.map((dot) => dot.y)], 0.06)!;
  const out = means
    .filter((mean) => !shown.includes(mean))
    .map(({ group, x, y }) => `${group.name} (at ${compact(x)}, ${compact(y)})`);
  return {
    name: "metric-distance",
    title: `Worth at the same distance: ${metric.name}`,
    caption: [
      `How far networks lie from the nearest original (1: as far as the median held-out network, with every tensor in units of its spread), and their ${metric.name}: ${metric.better} is better. Large marks are the means of groups with an interval of 95\u00a0%, small dots single samples.`,
      "Look at the samples beside baselines as far out: worth no more than averages or noisy originals at the same distance, they are no better than what takes no generator.",
      out.length > 0 ? `Not shown: ${out.join(", ")}.` : "",
    ]
      .filter((text) => text !== "")
      .join(" "),
    data: {
      columns: ["kind", "group", "family", "distance", metric.name, "low", "high"],
      rows: [
        ...means.map(({ group, x, y, low, high }) => ["mean", group.name, group.family, x, y, low, high]),
        ...cloud.map((dot) => ["network", samples.name, "samples", dot.x, dot.y, "", ""]),
      ],
    },
    draw: (look) => {
      const { theme } = look;
      const narrow = isNarrow(look);
      const ticks = { x: narrow ? 5 : 9, y: 6 };
      const labels = shown.filter(({ group }) => (BASELINES as readonly string[]).includes(group.family));
      const named = (of: readonly Mean[], side: "start" | "end") =>
        plot.text(of, {
          ...{ x: "x", y: "y", text: ({ group }: Mean) => setting(group.name) },
          ...{ dx: side === "start" ? 9 : -9, dy: -8, textAnchor: side },
          ...{ fontSize: 11, fontWeight: 600, stroke: theme.background, strokeWidth: 3.5 },
          fill: ({ group }: Mean) => theme[group.family],
        });
      return plot.grid(
        look,
        `${metric.name} of samples and of baselines against the distance to the nearest original.`,
        {
          columns: 1,
          legend: legendOf(shown, theme),
          panels: [
            (inner) => ({
              ...{ height: narrow ? 360 : HEIGHT, marginTop: 14, marginRight: 16, marginBottom: 50, marginLeft: 60 },
              x: {
                ...AXIS,
                ...{ domain: x, insetRight: INSET, ticks: ticks.x, labelOffset: 42 },
                label: narrow ? "distance" : "distance to the nearest original (1: the median held-out network’s)",
              },
              y: { ...AXIS, domain: y, inset: INSET, ticks: ticks.y, tickFormat: compact, label: metric.name },
              marks: [
                ...gridLines(plot, inner, ticks),
                ...(audit.acceptanceThreshold === null
                  ? []
                  : [plot.ruleY([audit.acceptanceThreshold.value], { stroke: theme.heldOut, strokeDasharray: "4 3" })]),
                plot.dot(cloud, { x: "x", y: "y", r: 2.2, fill: theme.samples, fillOpacity: 0.45 }),
                ...shown.flatMap((mean) => {
                  const colour = theme[mean.group.family];
                  const own = mean.group.family === "samples";
                  return [
                    plot.ruleX([mean], {
                      x: "x",
                      y1: "low",
                      y2: "high",
                      stroke: colour,
                      strokeWidth: own ? 2.5 : 1.25,
                    }),
                    plot.dot([mean], {
                      ...{ x: "x", y: "y", r: own ? 7 : 4.5 },
                      ...dotStyle({ mark: families[mean.group.family].symbol, colour }),
                      ...(own ? { stroke: theme.background, strokeWidth: 1.5 } : {}),
                    }),
                  ];
                }),
                named(
                  labels.filter((mean) => mean.x <= RIGHT * x[1]),
                  "start",
                ),
                named(
                  labels.filter((mean) => mean.x > RIGHT * x[1]),
                  "end",
                ),
              ],
            }),
          ],
        },
      );
    },
  };
}

function meanOf(group: MeasuredGroup): Mean[] {
  const { metric, distance } = group;
  if (metric === null || !Number.isFinite(distance.median) || !Number.isFinite(metric.mean.value)) return [];
  const { value, low, high } = metric.mean;
  return [
    {
      group,
      x: distance.median,
      y: value,
      low: Number.isFinite(low) ? low : value,
      high: Number.isFinite(high) ? high : value,
    },
  ];
}

function dotsOf({ points }: MeasuredGroup): Dot[] {
  return points.metric.flatMap((y, i) => {
    const x = points.distance[i]!;
    return y !== null && Number.isFinite(y) && Number.isFinite(x) ? [{ x, y }] : [];
  });
}

function legendOf(means: readonly Mean[], theme: Parameters<Figure["draw"]>[0]["theme"]): LegendItem[] {
  const present = [...new Set(means.map(({ group }) => group.family))];
  return present.map((family) => ({
    label: families[family].title,
    colour: theme[family],
    mark: families[family].symbol,
  }));
}
