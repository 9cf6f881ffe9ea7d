/** `pdiff doctor`: examines the machine, to choose settings and for bug reports. */
import { cpus, freemem, release, type } from "node:os";
import type { Command } from "commander";

import { version } from "../../version.ts";
import { examples, terminalOf } from "../command.ts";
import { bytes, printable } from "../format.ts";
import { blocks, indented, lines, list, type Text } from "../terminal/layout.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("doctor")
    .summary("check this machine: versions, devices, speed, disk, data")
    .description("Check this machine: versions, devices, speed by number of threads, disk and data sets.")
    .addHelpText("after", examples("doctor", "doctor --json"))
    .action((_, command: Command) => doctor(terminalOf(command)));
}

/** The matrices of the speed test: large enough for threads to help, small enough to be fast. */
const SIZE = 768;

/** Seconds of multiplying for each number of threads. */
const SECONDS = 0.5;

/** GFLOP/s of a float32 matrix product with a number of threads: the best of several runs. */
async function matMulSpeed(threads: number): Promise<number> {
  const { compile } = await import("../../runtime/index.ts");
  const { nodeDevice } = await import("../../runtime-node/index.ts");
  const { input, matMul } = await import("../../graph/index.ts");
  const [a, b] = [input("a", [SIZE, SIZE]), input("b", [SIZE, SIZE])];
  const program = await compile({ product: matMul(a, b) }, nodeDevice({ name: "cpu", threads }));
  const feeds = { a: new Float32Array(SIZE ** 2).fill(0.5), b: new Float32Array(SIZE ** 2).fill(0.25) };
  const into = { product: new Float32Array(SIZE ** 2) };
  await program.run(feeds, into);
  let best = Infinity;
  for (const end = performance.now() + 1000 * SECONDS; performance.now() < end; ) {
    const start = performance.now();
    await program.run(feeds, into);
    best = Math.min(best, performance.now() - start);
  }
  await program.release();
  return (2 * SIZE ** 3) / (best * 1e6);
}

/** 1, 2, 4, … and all cores. */
function threadCounts(cores: number): number[] {
  const counts = [];
  for (let threads = 1; threads < cores; threads *= 2) counts.push(threads);
  return [...counts, cores];
}

/** For each published data set, why it cannot be read here; undefined where it can. */
async function dataSets(root: string | undefined): Promise<{ name: string; problem: string | undefined }[]> {
  const { listDataSets, loadData } = await import("../../data/index.ts");
  const result = [];
  for (const { name } of listDataSets(root)) {
    const problem = await loadData({ name, root, selection: 0, pad: 0, train: 1, test: 1, seed: 0 }).then(
      () => undefined,
      (error: Error) => error.message,
    );
    result.push({ name, problem });
  }
  return result;
}

/** Examines the machine. */
async function examine() {
  const { availableDevices, machineCores, machineMemory, versions } = await import("../../runtime-node/index.ts");
  const { freeSpace } = await import("../../files/index.ts");
  const cores = machineCores();
  const speeds: { threads: number; gflops: number }[] = [];
  for (const threads of threadCounts(cores)) speeds.push({ threads, gflops: await matMulSpeed(threads) });
  const fastest = speeds.reduce((best, speed) => (speed.gflops > best.gflops ? speed : best)).threads;
  const { dataRoot } = await import("../../data/index.ts");
  const folder = dataRoot();
  return {
    versions: { pdiff: version, ...versions() },
    system: `${type()} ${release()}`,
    processor: cpus()[0]?.model ?? "unknown",
    cores,
    memory: { totalBytes: machineMemory(), freeBytes: Math.min(freemem(), machineMemory()) },
    devices: await availableDevices(),
    matMul: { size: SIZE, speeds, fastest },
    disk: await freeSpace("runs"),
    data: { folder, sets: await dataSets(folder) },
  };
}

/** Examines the machine and prints the findings. */
async function doctor(terminal: Terminal): Promise<void> {
  terminal.say("measuring speed, trying devices, reading data sets …\n");
  const findings = await examine();
  terminal.result(findings, doctorText(findings));
}

type Findings = Awaited<ReturnType<typeof examine>>;

/** The findings as lines. */
function doctorText({ versions, system, processor, cores, memory, devices, matMul, disk, data }: Findings): Text {
  // Our messages end with advice after a semicolon, which is left out here.
  const works = (problem: string | undefined) => (problem === undefined ? "works" : `not here: ${problem}`);
  const ready = (problem: string | undefined) => problem?.split("; ")[0] ?? "ready";
  const section = (title: string, pairs: readonly (readonly [string, string])[]) => lines(title, indented(list(pairs)));
  // Without a data folder, the same holds for all sets that need one.
  const shown = data.sets.filter(({ problem }) => problem === undefined || data.folder !== undefined);
  return blocks(
    section("versions", Object.entries(versions)),
    section("machine", [
      ["system", system],
      ["processor", `${processor}, ${cores} cores`],
      ["memory", `${bytes(memory.freeBytes)} of ${bytes(memory.totalBytes)} free`],
      ["disk", `${bytes(disk.freeBytes)} free in ${disk.folder}`],
    ]),
    section(
      "devices",
      devices.map(({ name, problem }) => [name, printable(works(problem))]),
    ),
    section(
      `matrix product, ${matMul.size} × ${matMul.size}, GFLOP/s`,
      matMul.speeds.map(({ threads, gflops }) => [
        `${threads} ${threads === 1 ? "thread" : "threads"}`,
        `${gflops.toFixed(1)}${threads === matMul.fastest ? `  fastest here; use device.threads=${threads}` : ""}`,
      ]),
    ),
    section(data.folder === undefined ? "data sets" : `data sets in ${data.folder}`, [
      ...shown.map(({ name, problem }): [string, string] => [name, printable(ready(problem))]),
      ...(data.folder === undefined
        ? [["others", "no data folder: set PDIFF_DATA, or get one with pdiff data get NAME"] as [string, string]]
        : []),
    ]),
  );
}
