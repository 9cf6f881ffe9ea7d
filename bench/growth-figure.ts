/**
 * The figure of docs/performance.md, from what bench/growth.ts prints:
 *
 *     npm run -s bench:growth > growth.txt;
 *     npx tsx bench/growth-figure.ts < growth.txt > docs/figures/growth.svg
 */
import { text } from "node:stream/consumers";

import { plotting } from "../src/report/drawing/plot.ts";
import { paperTheme } from "../src/report/drawing/theme.ts";
import { sizePanel } from "./size-panel.ts";

const COLOURS: Readonly<Record<string, string>> = {
  copy: paperTheme.originals,
  fit: paperTheme.average,
  sample: paperTheme.samples,
  evaluate: paperTheme.latent,
};

/** What grows, its sizes, and for each stage the seconds that they take. */
interface Sweep {
  readonly label: string;
  readonly sizes: readonly number[];
  readonly stages: { readonly name: string; readonly seconds: readonly number[] }[];
}

const sweeps: Sweep[] = [];
for (const line of (await text(process.stdin)).split("\n")) {
  const sweep = /^(\S.*): ([\d, ]+)$/.exec(line);
  const stage = /^ {2}(\w+) +([\d. ]+) s /.exec(line);
  if (sweep !== null) sweeps.push({ label: sweep[1]!, sizes: sweep[2]!.split(", ").map(Number), stages: [] });
  if (stage !== null)
    sweeps.at(-1)?.stages.push({ name: stage[1]!, seconds: stage[2]!.trim().split(/ +/).map(Number) });
}

const plot = await plotting();
process.stdout.write(
  plot.grid(
    { width: 960, theme: paperTheme },
    "Seconds against parameters, checkpoints and checkpoints evaluated, all axes logarithmic.",
    {
      columns: 3,
      legend: Object.entries(COLOURS).map(([label, colour]) => ({ label, colour, mark: "line" as const })),
      panels: sweeps.map(({ label, sizes, stages }, i) => () => {
        const lines = stages.map(({ name, seconds }) => ({ values: seconds, colour: COLOURS[name]! }));
        return sizePanel(plot, {
          theme: paperTheme,
          title: i === 0 ? "seconds, one thread" : "",
          unit: "",
          label,
          domain: [sizes[0]! * 0.8, sizes.at(-1)! * 1.25] as const,
          sizes,
          places: sizes,
          lines,
          ticks: [0.01, 0.1, 1, 10, 100, 1000],
          named: String,
        });
      }),
    },
  ),
);
