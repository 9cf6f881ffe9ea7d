/**
 * How time grows, on one thread: with the parameters D and the checkpoints K of a generator
 * (`bench/scale.ts`: copy, fit linear latents and a denoiser of 500 steps, sample), and with the
 * checkpoints evaluated on 1 000 images. Prints the seconds of every size and the exponent of
 * growth between the last two, where what is constant weighs least.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { nodeDevice } from "../src/runtime-node/index.ts";
import { cnnEvaluation } from "./cases.ts";

/** One thing that grows and what it takes at every size, in seconds. */
interface Sweep {
  readonly label: string;
  readonly sizes: readonly number[];
  readonly seconds: Readonly<Record<string, readonly number[]>>;
}

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

/** Predicts with a number of checkpoints; compiled once, as in a run. */
async function evaluation(sizes: readonly number[]): Promise<Sweep["seconds"]> {
  const evaluate: number[] = [];
  for (const count of sizes) {
    const { run, release } = await cnnEvaluation({ checkpoints: count, images: 1000 })(
      nodeDevice({ name: "cpu", threads: 1 }),
    );
    const began = performance.now();
    await run();
    evaluate.push((performance.now() - began) / 1000);
    await release();
  }
  return { evaluate };
}

const D = [1000, 10_000, 100_000, 1_000_000];
const K = [50, 200, 500, 1000, 2000];
const evaluated = [10, 50, 200, 500, 1000, 2000];
const sweeps: Sweep[] = [
  {
    label: "parameters D, of 50 checkpoints",
    sizes: D,
    seconds: generator(D.map((d) => `${d}:50`)),
  },
  {
    label: "checkpoints K, of 10 000 parameters",
    sizes: K,
    seconds: generator(K.map((k) => `10000:${k}`)),
  },
  {
    label: "checkpoints evaluated",
    sizes: evaluated,
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
