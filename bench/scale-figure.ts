/**
 * The figure of docs/performance.md, from the table that bench/scale.ts prints:
 *
 *     npm run -s bench:scale > scale.txt; npx tsx bench/scale-figure.ts < scale.txt > docs/figures/scale.svg
 */
import { text } from "node:stream/consumers";

import { type Plotting, plotting } from "../src/report/plot.ts";
import { paperTheme } from "../src/report/theme.ts";

interface Row {
  readonly parameters: number;
  readonly checkpoints: number;
  readonly copy: number;
  readonly fit: number;
  readonly sample: number;
  readonly megabytes: number;
}

const rows: Row[] = (await text(process.stdin))
  .split("\n")
  .map((line) => line.trim().split(/\s+/).map(Number))
  .filter((cells) => cells.length === 6 && cells.every(Number.isFinite))
  .map(([parameters, checkpoints, copy, fit, sample, megabytes]) => ({
    ...{ parameters: parameters!, checkpoints: checkpoints!, copy: copy!, fit: fit!, sample: sample! },
    megabytes: megabytes!,
  }));

const theme = paperTheme;
const stages = [
  { key: "copy", label: "copy the checkpoints", colour: theme.originals },
  { key: "fit", label: "fit", colour: theme.average },
  { key: "sample", label: "sample 4 networks", colour: theme.samples },
] as const;
const held = { label: "the checkpoints' own size", colour: theme.references };
const peak = { label: "peak memory", colour: theme.latent };

/** One panel: lines against the number of parameters, both axes logarithmic. */
const panel = (
  plot: Plotting,
  {
    title,
    unit,
    ticks,
    named,
    lines,
  }: {
    readonly title: string;
    readonly unit: string;
    /** Of the vertical axis, from its end to its other one, and what they are called. */
    readonly ticks: readonly number[];
    readonly named: (value: number) => string;
    readonly lines: readonly {
      readonly values: readonly number[];
      readonly colour: string;
      readonly dashed?: boolean;
    }[];
  },
) => ({
  height: 300,
  marginLeft: 56,
  marginTop: 46,
  marginBottom: 44,
  marginRight: 16,
  x: {
    type: "log" as const,
    domain: [1e3, 4e8],
    label: "parameters D",
    labelAnchor: "center" as const,
    labelArrow: "none" as const,
    ticks: 6,
    tickFormat: "~s",
    tickSize: 0,
  },
  y: { type: "log" as const, domain: [ticks[0]!, ticks.at(-1)!], label: null },
  marks: [
    plot.axisY({ ticks, tickFormat: named, tickSize: 0 }),
    plot.gridY({ ticks, stroke: theme.rule, strokeOpacity: 1 }),
    plot.text([title], { frameAnchor: "top-left", dx: -52, dy: -42, fontWeight: 600 }),
    plot.text([unit], { frameAnchor: "top-left", dx: -52, dy: -26, fillOpacity: 0.75 }),
    ...lines.flatMap(({ values, colour, dashed }) => {
      const points = rows.map((row, i) => ({ x: row.parameters, y: values[i]! }));
      return [
        plot.line(points, {
          x: "x",
          y: "y",
          stroke: colour,
          strokeWidth: 2,
          ...(dashed && { strokeDasharray: "5 4" }),
        }),
        ...(dashed ? [] : [plot.dot(points, { x: "x", y: "y", fill: colour, r: 3 })]),
      ];
    }),
  ],
});

const bytesNamed = (bytes: number): string =>
  bytes < 1e6 ? `${bytes / 1e3} kB` : bytes < 1e9 ? `${bytes / 1e6} MB` : `${bytes / 1e9} GB`;

const plot = await plotting();
const last = rows.at(-1)!;
process.stdout.write(
  plot.grid(
    { width: 760, theme },
    `Time and memory against the number of parameters, from ${rows[0]!.parameters} to ${last.parameters}: time grows in proportion from a million on, memory hardly.`,
    {
      columns: 2,
      legend: [
        ...stages.map(({ label, colour }) => ({ label, colour, mark: "line" as const })),
        { ...peak, mark: "line" as const },
        { ...held, mark: "dashed" as const },
      ],
      panels: [
        () =>
          panel(plot, {
            ...{ title: "time", unit: "seconds, one thread", ticks: [0.1, 1, 10, 100, 1000], named: String },
            lines: stages.map(({ key, colour }) => ({ values: rows.map((row) => row[key]), colour })),
          }),
        () =>
          panel(plot, {
            ...{ title: "memory", unit: "", ticks: [1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11], named: bytesNamed },
            lines: [
              { values: rows.map((row) => row.megabytes * 1e6), colour: peak.colour },
              { values: rows.map((row) => 4 * row.parameters * row.checkpoints), colour: held.colour, dashed: true },
            ],
          }),
      ],
    },
  ),
);
