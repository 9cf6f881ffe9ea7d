/**
 * npm run bench [-- --device cpu|webgpu|cuda] [--threads N] [--rounds N] [--no-torch]
 *   [--only CASE,CASE] [--json] [--compare OLD.json]
 *
 * Times the hot paths, and the same work in PyTorch if a Python with torch is found (PDIFF_PYTHON
 * names one). The two take turns within each round, so that a busy machine slows both; medians and
 * the quartiles' distance are shown, beside the share of what a large matrix product reaches in the
 * same rounds, and the memory that the graph takes by its shapes. On a GPU the numbers are compared
 * with the CPU's, and ONNX Runtime's profile says which nodes ran on the CPU. With an older result,
 * cases that became slower are listed, and the exit code is 1.
 */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { type Device, deviceNames } from "../src/runtime/index.ts";
import { nodeDevice } from "../src/runtime-node/index.ts";
import { cases } from "./cases.ts";
import { compare, readResult } from "./compare.ts";
import { differenceFromCpu, fallbacks } from "./devices.ts";
import { largeProduct } from "./peak.ts";

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    torch: { type: "boolean", default: true },
    device: { type: "string", default: "cpu" },
    threads: { type: "string", default: "1" },
    rounds: { type: "string", default: "9" },
    only: { type: "string" },
    json: { type: "boolean", default: false },
    compare: { type: "string" },
  },
});

interface Torch {
  readonly version: string;
  /** Milliseconds of one run, on average over a number of runs. */
  time(name: string, runs: number): Promise<number>;
  stop(): void;
}

/** Starts the PyTorch side; undefined where no Python with torch is found. */
async function startTorch(threads: string, device: string): Promise<Torch | undefined> {
  const script = fileURLToPath(new URL("torch_bench.py", import.meta.url));
  for (const python of [process.env.PDIFF_PYTHON, "python3", "/usr/bin/python3"]) {
    if (python === undefined) continue;
    const child: ChildProcessWithoutNullStreams = spawn(python, [script, threads, device === "cpu" ? "cpu" : "cuda"]);
    child.on("error", () => {});
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value ?? "{}") as { torch?: string; ms?: number };
    const { torch } = await next();
    if (torch === undefined) continue;
    return {
      version: torch,
      async time(name, runs) {
        child.stdin.write(`${name} ${runs}\n`);
        return (await next()).ms ?? Number.NaN;
      },
      stop: () => child.stdin.end(),
    };
  }
  return undefined;
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.round(q * (sorted.length - 1))] ?? Number.NaN;

const only = options.only?.split(",") ?? Object.keys(cases);
const unknown = only.filter((name) => !(name in cases));
if (unknown.length > 0) {
  console.error(`unknown case ${unknown.join(", ")}; known: ${Object.keys(cases).join(", ")}`);
  process.exit(2);
}
const before = options.compare === undefined ? undefined : readResult(readFileSync(options.compare, "utf8"));
const torch = options.torch ? await startTorch(options.threads, options.device) : undefined;
const cpu: Device = nodeDevice({ name: "cpu", threads: Number(options.threads) });
const name = deviceNames.find((known) => known === options.device);
if (name === undefined) {
  console.error(`unknown device ${options.device}; known: ${deviceNames.join(", ")}`);
  process.exit(2);
}
const device: Device = nodeDevice({ name, threads: cpu.threads });
const product = await largeProduct(cpu);
await product.rate();
const rows = [];
for (const name of only) {
  const onGpu =
    device.name === "cpu"
      ? null
      : { difference: await differenceFromCpu(cases[name]!, device, cpu), ...(await fallbacks(cases[name]!, device)) };
  const prepared = await cases[name]!.prepare(device);
  const times = { ours: [] as number[], torch: [] as number[] };
  const rates: number[] = [];
  for (let i = 0; i < 3; i++) await prepared.run();
  for (let round = 0; round < Number(options.rounds); round++) {
    const start = performance.now();
    await prepared.run();
    times.ours.push((performance.now() - start) / (prepared.times ?? 1));
    // As many one after another as ours, which finds caches as warm.
    if (torch !== undefined) times.torch.push(await torch.time(name, prepared.times ?? 1));
    if (device.name === "cpu") rates.push(await product.rate());
  }
  await prepared.release();
  const [ours, theirs] = [times.ours, times.torch].map((t) => t.toSorted((a, b) => a - b)) as [number[], number[]];
  const flops = prepared.cost?.flops;
  const peak = quantile(
    rates.toSorted((a, b) => a - b),
    0.5,
  ); // NaN on a GPU, whose peak is not measured
  const row = {
    case: name,
    title: cases[name]!.title,
    ours: quantile(ours, 0.5),
    spread: quantile(ours, 0.75) - quantile(ours, 0.25),
    torch: torch === undefined ? null : quantile(theirs, 0.5),
    ratio: torch === undefined ? null : quantile(theirs, 0.5) / quantile(ours, 0.5),
    gflop: flops === undefined ? null : flops / 1e9,
    peakShare: flops === undefined || onGpu !== null ? null : (1000 * flops) / quantile(ours, 0.5) / peak,
    memory: prepared.cost?.peak ?? null,
    onGpu,
  };
  rows.push(row);
  if (!options.json) {
    const beside =
      row.torch === null ? "" : `   PyTorch ${row.torch.toFixed(2).padStart(9)} ms   ratio ${row.ratio!.toFixed(2)}`;
    const share = row.peakShare === null ? "       " : `${(100 * row.peakShare).toFixed(0).padStart(5)} %`;
    const memory = row.memory === null ? "         " : `${(row.memory / 1e6).toFixed(0).padStart(6)} MB`;
    console.log(
      `${name.padEnd(24)} ${row.ours.toFixed(2).padStart(9)} ms ± ${row.spread.toFixed(2).padStart(6)}${beside} ${share} ${memory}   ${row.title}`,
    );
    if (onGpu !== null)
      console.log(`${" ".repeat(24)} difference from the CPU ${onGpu.difference.toExponential(1)}; ${onGpu.text}`);
  }
}
torch?.stop();
await product.release();
if (options.json)
  console.log(JSON.stringify({ threads: device.threads, torch: torch?.version ?? null, cases: rows }, null, 2));
else
  console.log(
    torch === undefined
      ? "PyTorch: not found (set PDIFF_PYTHON to a Python that has torch)"
      : `PyTorch ${torch.version}, ${device.threads} thread(s); ratio above 1: we are faster`,
  );

if (before !== undefined) {
  const changes = compare(before, { cases: rows });
  for (const { case: name, by, factor, slower } of changes)
    console.error(`${name.padEnd(24)} ${factor.toFixed(2)} × as long as before, by ${by}${slower ? ": slower" : ""}`);
  if (changes.some(({ slower }) => slower)) process.exitCode = 1;
}
