/**
 * The figure of docs/performance.md, from the table that bench/scale.ts prints:
 *
 *     npm run -s bench:scale > scale.txt;
 *     npx tsx bench/scale-figure.ts < scale.txt > docs/figures/scale.svg
 */
import { text } from "node:stream/consumers";

import { plotting } from "../src/report/drawing/plot.ts";
import { paperTheme } from "../src/report/drawing/theme.ts";
import { sizePanel } from "./size-panel.ts";

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
    parameters: parameters!,
    checkpoints: checkpoints!,
    copy: copy!,
    fit: fit!,
    sample: sample!,
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

const bytesNamed = (bytes: number): string =>
  bytes < 1e6 ? `${bytes / 1e3} kB` : bytes < 1e9 ? `${bytes / 1e6} MB` : `${bytes / 1e9} GB`;

const plot = await plotting();
const common = {
  theme,
  label: "parameters D",
  domain: [1e3, 4e8] as const,
  sizes: rows.map((row) => row.parameters),
};
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
          sizePanel(plot, {
            ...common,
            title: "time",
            unit: "seconds, one thread",
            ticks: [0.1, 1, 10, 100, 1000],
            named: String,
            lines: stages.map(({ key, colour }) => ({ values: rows.map((row) => row[key]), colour })),
          }),
        () =>
          sizePanel(plot, {
            ...common,
            title: "memory",
            unit: "",
            ticks: [1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11],
            named: bytesNamed,
            lines: [
              { values: rows.map((row) => row.megabytes * 1e6), colour: peak.colour },
              { values: rows.map((row) => 4 * row.parameters * row.checkpoints), colour: held.colour, dashed: true },
            ],
          }),
      ],
    },
  ),
);
