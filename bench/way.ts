/**
 * npm run bench:way
 *
 * The whole way of recipes/mnist-cnn.yaml, collect, fit, sample and evaluate, beside the same
 * recipe written plainly in PyTorch (bench/torch_way.py): seconds of each stage, one after the
 * other, on one core each and then on all of them. Needs MNIST under PDIFF_DATA, a Python with
 * torch that PDIFF_PYTHON names, and Linux's taskset.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { loadRecipe } from "../src/recipe/index.ts";
import { readResults } from "../src/run/index.ts";
import { runPipeline } from "../src/stages/index.ts";

const STAGES = ["collect", "fit", "sample", "evaluate"] as const;
interface Found {
  readonly seconds: Readonly<Record<string, number>>;
  readonly originals: number;
  readonly samples: number;
}

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

// A process of its own does our part, so that it can be kept to one core.
const [folder] = process.argv.slice(2);
if (folder !== undefined) {
  const recipe = await loadRecipe(path("../recipes/mnist-cnn.yaml"));
  const seconds: Record<string, number> = {};
  for (const stage of STAGES) {
    const began = performance.now();
    await runPipeline({ folder, recipe, stages: [stage] });
    seconds[stage] = (performance.now() - began) / 1000;
  }
  const { originals, samples } = (await readResults(folder))!.classification!;
  console.log(JSON.stringify({ seconds, originals: originals.test.mean, samples: samples.test.mean }));
  process.exit();
}

const { PDIFF_DATA: data, PDIFF_PYTHON: python } = process.env;
if (data === undefined || python === undefined) {
  console.error("set PDIFF_DATA to a folder with mnist, and PDIFF_PYTHON to a Python that has torch");
  process.exit(2);
}

function must(command: string, args: readonly string[]): string {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
  return stdout;
}

/** Runs a command on one core, or on all. */
const on = (cores: number, command: string, args: readonly string[]): string =>
  cores === 1 ? must("taskset", ["-c", "0", command, ...args]) : must(command, args);

function ours(cores: number): Found {
  const folder = mkdtempSync(join(tmpdir(), "pdiff-way-"));
  try {
    return JSON.parse(
      on(cores, process.execPath, ["--import", "tsx", fileURLToPath(import.meta.url), folder]),
    ) as Found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const torch = (cores: number): Found =>
  JSON.parse(on(cores, python, [path("torch_way.py"), String(cores), data])) as Found;

const total = ({ seconds }: Found): number => STAGES.reduce((sum, stage) => sum + seconds[stage]!, 0);
for (const cores of [1, availableParallelism()]) {
  const [own, theirs] = [ours(cores), torch(cores)];
  console.log(`${cores} core(s)   ours, s   PyTorch, s   ratio`);
  const row = (name: string, a: number, b: number) =>
    console.log(
      `${name.padEnd(10)} ${a.toFixed(1).padStart(10)} ${b.toFixed(1).padStart(12)} ${(b / a).toFixed(2).padStart(7)}`,
    );
  for (const stage of STAGES) row(stage, own.seconds[stage]!, theirs.seconds[stage]!);
  row("whole way", total(own), total(theirs));
  for (const [who, found] of [
    ["ours", own],
    ["PyTorch", theirs],
  ] as const)
    console.log(
      `${who}: originals ${(100 * found.originals).toFixed(2)} %, samples ${(100 * found.samples).toFixed(2)} %`,
    );
}
