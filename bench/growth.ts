/**
 * How time grows, on one thread: with the parameters D and the checkpoints K of a generator (`bench/scale.ts`: copy, fit linear
 * latents and a denoiser of 500 steps, sample), and with the checkpoints evaluated on 1 000 images. Prints the seconds of every
 * size and the exponent of growth between the last two, where what is constant weighs least; with --figure PATH the figure of
 * docs/performance.md.
 *
 *     npm run bench:growth -- [--figure docs/figures/growth.svg]
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { plotting } from "../src/report/plot.ts";
import { paperTheme } from "../src/report/theme.ts";
import { cnnEvaluation } from "./cases.ts";
import { logPanel } from "./log-panel.ts";

/** One thing that grows and what it takes at every size, in seconds. */
interface Sweep {
  readonly label: string;
  readonly domain: readonly [number, number];
  readonly sizes: readonly number[];
  readonly seconds: Readonly<Record<string, readonly number[]>>;
}

const COLOURS: Readonly<Record<string, string>> = {
  copy: paperTheme.originals,
  fit: paperTheme.average,
  sample: paperTheme.samples,
  evaluate: paperTheme.latent,
};

/** What `bench/scale.ts` measures of sizes D:K. */
function generator(sizes: readonly string[]): Sweep["seconds"] {
  const script = fileURLToPath(new URL("scale.ts", import.meta.url));
  const { stdout, status } = spawnSync(process.execPath, ["--import", "tsx", script, ...sizes], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error("the generator could not be measured");
  const cells = stdout
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/).map(Number));
  const column = (i: number) => cells.map((row) => row[i]!);
  return { copy: column(2), fit: column(3), sample: column(4) };
}

/** Predictions of so many checkpoints, compiled once as a run does it. */
async function evaluation(sizes: readonly number[]): Promise<Sweep["seconds"]> {
  const evaluate: number[] = [];
  for (const count of sizes) {
    const { run, release } = await cnnEvaluation({ checkpoints: count, images: 1000 })({ name: "cpu", threads: 1 });
    const began = performance.now();
    await run();
    evaluate.push((performance.now() - began) / 1000);
    await release();
  }
  return { evaluate };
}

const { values: options } = parseArgs({ options: { figure: { type: "string" } } });
const D = [1000, 10_000, 100_000, 1_000_000];
const K = [50, 200, 500, 1000, 2000];
const evaluated = [10, 50, 200, 500, 1000, 2000];
const sweeps: Sweep[] = [
  {
    ...{ label: "parameters D, of 50 checkpoints", domain: [1e3, 1e6], sizes: D },
    seconds: generator(D.map((d) => `${d}:50`)),
  },
  {
    ...{ label: "checkpoints K, of 10 000 parameters", domain: [40, 2500], sizes: K },
    seconds: generator(K.map((k) => `10000:${k}`)),
  },
  {
    ...{ label: "checkpoints evaluated", domain: [8, 2500], sizes: evaluated },
    seconds: await evaluation(evaluated),
  },
];
for (const { label, sizes, seconds } of sweeps) {
  console.log(`${label}: ${sizes.join(", ")}`);
  for (const [stage, values] of Object.entries(seconds)) {
    const [n0, n1] = sizes.slice(-2) as [number, number];
    const [t0, t1] = values.slice(-2) as [number, number];
    const exponent = Math.log(t1 / t0) / Math.log(n1 / n0);
    console.log(
      `  ${stage.padEnd(10)} ${values.map((t) => t.toFixed(2).padStart(8)).join("")} s   exponent ${exponent.toFixed(2)}`,
    );
  }
}
if (options.figure !== undefined) {
  const plot = await plotting();
  const ticks = [0.01, 0.1, 1, 10, 100, 1000];
  writeFileSync(
    options.figure,
    plot.grid(
      { width: 960, theme: paperTheme },
      "Seconds against parameters, checkpoints and checkpoints evaluated, all axes logarithmic.",
      {
        columns: 3,
        legend: Object.entries(COLOURS).map(([label, colour]) => ({ label, colour, mark: "line" as const })),
        panels: sweeps.map(({ label, domain, sizes, seconds }, i) => () => {
          const lines = Object.entries(seconds).map(([stage, values]) => ({ values, colour: COLOURS[stage]! }));
          const title = i === 0 ? "seconds, one thread" : "";
          return logPanel(plot, {
            ...{ theme: paperTheme, title, unit: "", label, domain, ticks, named: String, sizes, lines },
          });
        }),
      },
    ),
  );
}
