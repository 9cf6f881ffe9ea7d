/**
 * How a generator's networks grow with the number of networks that it learned from: the table and
 * figure of docs/results.md, from the folders of its runs.
 *
 *     npx tsx bench/count-figure.ts runs/seeds-200 runs/seeds-1000 runs/seeds-4000 \
 *       > docs/figures/units-count.svg
 *
 * The rows of the table go to the standard error.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Audit, AuditGroup, Results } from "../src/records/index.ts";
import { plotting } from "../src/report/drawing/plot.ts";
import { paperTheme as theme } from "../src/report/drawing/theme.ts";
import { type PanelLine, sizePanel } from "./size-panel.ts";

const runs = process.argv.slice(2).map((folder) => {
  const read = <T>(file: string): T => JSON.parse(readFileSync(join(folder, "evaluation", file), "utf8"));
  const [audit, results] = [read<Audit>("audit.json"), read<Results>("results.json")];
  const group = (name: string): AuditGroup => {
    const found = audit.groups.find((each) => each.name === name);
    if (found === undefined) throw new Error(`the audit of ${folder} knows no ${name}`);
    return found;
  };
  return {
    count: results.classification!.originals.count,
    audit,
    samples: group("samples"),
    heldOut: group("held-out"),
  };
});
runs.sort((a, b) => a.count - b.count);

const percent = (x: number): string => (100 * x).toFixed(2);
/** A distance as a share of the held-out networks'. */
const share = (own: { median: number }, held: { median: number }): number => own.median / held.median;
const ensemblesOf = (audit: Audit, name: string): string =>
  (audit.ensembles.find((each) => each.name === name)?.points ?? [])
    .filter(({ size }) => [1, 4, 16, 32].includes(size))
    .map(({ accuracy }) => percent(accuracy.value))
    .join(" · ");

for (const { count, audit, samples, heldOut } of runs) {
  const best = audit.excess[0]!;
  const interval = ({ value, low, high }: { value: number; low: number; high: number }) =>
    `${percent(value)} [${percent(low)}, ${percent(high)}]`;
  const cells = [
    `K = ${count}`,
    [samples.score!.mean.value, samples.score!.median, samples.score!.best].map(percent).join(" · "),
    [heldOut.score!.mean.value, heldOut.score!.median, heldOut.score!.best].map(percent).join(" · "),
    `${share(samples.distance, heldOut.distance).toFixed(2)} / ${share(samples.raw, heldOut.raw).toFixed(2)}`,
    `${best.family}: ${interval(best.excess)}; exactly there ${interval(best.exact)}`,
    ensemblesOf(audit, "samples"),
    ensemblesOf(audit, "held-out"),
    ensemblesOf(audit, "originals"),
    `${(100 * samples.novel["1"]!).toFixed(0)} % / ${(100 * heldOut.novel["1"]!).toFixed(0)} %`,
    `\`${audit.verdict.name}\``,
  ];
  console.error(`| ${cells.join(" | ")} |`);
}

const plot = await plotting();
const sizes = runs.map(({ count }) => count);
interface Line extends PanelLine {
  readonly label: string;
}
const ensembleOf = (size: number) =>
  runs.map(({ audit }) => {
    const points = audit.ensembles.find(({ name }) => name === "samples")?.points;
    return 100 * (points?.find((point) => point.size === size)?.accuracy.value ?? Number.NaN);
  });
const accuracies: Line[] = [
  {
    label: "held-out networks",
    colour: theme.heldOut,
    values: runs.map(({ heldOut }) => 100 * heldOut.score!.mean.value),
  },
  { label: "16 samples together", colour: theme.samples, values: ensembleOf(16), dashed: true },
  { label: "samples", colour: theme.samples, values: runs.map(({ samples }) => 100 * samples.score!.mean.value) },
  {
    label: "best baseline, as far away",
    colour: theme.gaussian,
    values: runs.map(({ samples, audit }) => 100 * (samples.score!.mean.value - audit.excess[0]!.exact.value)),
  },
];
const distances: Line[] = [
  {
    label: "by effect",
    colour: theme.samples,
    values: runs.map(({ samples, heldOut }) => share(samples.distance, heldOut.distance)),
  },
  {
    label: "plain",
    colour: theme.samples,
    values: runs.map(({ samples, heldOut }) => share(samples.raw, heldOut.raw)),
    dashed: true,
  },
];

const panel = (title: string, unit: string, tick: number, lines: readonly Line[]) => {
  const all = lines.flatMap(({ values }) => values).filter(Number.isFinite);
  const [low, high] = [Math.floor(Math.min(...all) / tick), Math.ceil(Math.max(...all) / tick)];
  return sizePanel(plot, {
    theme,
    title,
    unit,
    label: "networks learned from, K",
    sizes,
    places: sizes,
    lines,
    linear: true,
    domain: [sizes[0]! * 0.85, sizes.at(-1)! * 1.15],
    ticks: Array.from({ length: high - low + 1 }, (_, i) => (low + i) * tick),
    named: (value) => String(Number(value.toPrecision(3))),
  });
};
process.stdout.write(
  plot.grid(
    { width: 900, theme },
    `Test accuracy and distance of samples against the number of networks learned from, ${sizes.join(", ")}.`,
    {
      columns: 2,
      legend: accuracies.map(({ label, colour, dashed }) => ({ label, colour, mark: dashed ? "dashed" : "line" })),
      panels: [
        () => panel("right on the test images", "%", 5, accuracies),
        () =>
          panel(
            "distance to the nearest original",
            "1: as far as held-out networks; by effect, and plain (dashed)",
            0.05,
            distances,
          ),
      ],
    },
  ),
);
