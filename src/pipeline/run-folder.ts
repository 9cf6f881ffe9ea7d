/** The folder of a run: where everything lies, what state it is in, and who is at work in it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { appendLine, readJson, remove, writeJson } from "../files/index.ts";
import { type StageName, stageNames } from "./events.ts";

/** Paths in a run folder. A stage is done when its index exists, which is written last. */
export const paths = (folder: string) => ({
  folder,
  config: join(folder, "config.yaml"),
  environment: join(folder, "env.json"),
  status: join(folder, "status.json"),
  metrics: join(folder, "metrics.jsonl"),
  log: join(folder, "log.txt"),
  network: join(folder, "network.onnx"),
  base: join(folder, "base"),
  like: join(folder, "base", "like"),
  baseNetwork: join(folder, "base", "network.safetensors"),
  baseIndex: join(folder, "base", "index.json"),
  baseState: join(folder, "base", "state.safetensors"),
  baseBest: join(folder, "base", "best.safetensors"),
  zoo: join(folder, "zoo"),
  zooIndex: join(folder, "zoo", "index.json"),
  heldOut: join(folder, "held-out"),
  heldOutIndex: join(folder, "held-out", "index.json"),
  references: join(folder, "references"),
  referencesIndex: join(folder, "references", "index.json"),
  generator: join(folder, "generator"),
  generatorIndex: join(folder, "generator", "index.json"),
  autoencoder: join(folder, "generator", "autoencoder.safetensors"),
  autoencoderState: join(folder, "generator", "autoencoder.state.safetensors"),
  denoiser: join(folder, "generator", "denoiser.safetensors"),
  denoiserState: join(folder, "generator", "denoiser.state.safetensors"),
  moments: join(folder, "generator", "moments"),
  samples: join(folder, "samples"),
  samplesIndex: join(folder, "samples", "index.json"),
  samplesState: join(folder, "samples", "state.safetensors"),
  evaluation: join(folder, "evaluation"),
  predictions: join(folder, "evaluation", "predictions"),
  ensemble: join(folder, "evaluation", "ensemble.safetensors"),
  reconstructions: join(folder, "evaluation", "reconstructions"),
  results: join(folder, "evaluation", "results.json"),
  rivals: join(folder, "evaluation", "rivals"),
  measuring: join(folder, "evaluation", "measuring"),
  measurements: join(folder, "evaluation", "measurements"),
  fineTuned: join(folder, "evaluation", "fine-tuned.safetensors"),
  audit: join(folder, "evaluation", "audit.json"),
  accuracies: join(folder, "evaluation", "accuracies.csv"),
  figures: join(folder, "figures"),
  report: join(folder, "report.html"),
});

export type Paths = ReturnType<typeof paths>;

/** What each stage leaves behind: the file that says it is done, and everything to remove before doing it again. */
export const outputsOf = (p: Paths): Record<StageName, { done: string; all: readonly string[] }> => ({
  collect: { done: p.zooIndex, all: [p.base, p.zoo, p.heldOut, p.references] },
  fit: { done: p.generatorIndex, all: [p.generator] },
  sample: { done: p.samplesIndex, all: [p.samples] },
  evaluate: { done: p.results, all: [p.evaluation] },
  audit: { done: p.audit, all: [p.audit, p.rivals, p.fineTuned] },
  report: { done: p.report, all: [p.report, p.figures] },
});

/** Every folder into which files are written. */
export const foldersOf = (p: Paths): readonly string[] => [
  p.folder,
  p.base,
  p.zoo,
  p.heldOut,
  p.references,
  p.generator,
  p.moments,
  p.samples,
  p.evaluation,
  p.predictions,
  p.reconstructions,
  p.rivals,
  p.figures,
];

const statusSchema = z.object({
  state: z.enum(["running", "interrupted", "failed", "done"]),
  stage: z.enum(stageNames),
  pid: z.number(),
  updated: z.string(),
  seconds: z.record(z.string(), z.number()),
  /** Seconds by task, such as `training the network`. */
  tasks: z.record(z.string(), z.number()).default({}),
  error: z.string().optional(),
});

export type Status = z.output<typeof statusSchema>;

/** The run's status file; undefined where there is none that can be read, which is no reason to refuse the run. */
export async function readStatus(p: Paths): Promise<Status | undefined> {
  const value = await readJson(p.status).catch(() => undefined);
  const parsed = statusSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Without a sign of life for so long, a process with the same number is taken for another one. */
const HEARTBEAT_LIMIT_MS = 120_000;

/** Whether some other process is at work in the folder now. */
export const isBusy = (status: Status | undefined): boolean =>
  status?.state === "running" &&
  status.pid !== process.pid &&
  isAlive(status.pid) &&
  Date.now() - Date.parse(status.updated) < HEARTBEAT_LIMIT_MS;

/** How often the status file is renewed while a stage works. */
const HEARTBEAT_MS = 2_000;

/** Keeps a run's status, metrics and log. */
export interface Journal {
  /** Marks a stage as the one at work. */
  enter(stage: StageName): Promise<void>;
  /** A sign of life of a task, whose time it counts; writes the status now and then. */
  beat(task: string): Promise<void>;
  /** The end, for now. */
  leave(state: Status["state"], error?: string): Promise<void>;
  /** Takes stages as never begun: they are to be done again. */
  forget(stages: readonly StageName[]): void;
  /** Seconds spent in each stage so far, over all sittings. */
  seconds(): Record<string, number>;
  /** Seconds spent in each task so far, over all sittings. */
  taskSeconds(): Record<string, number>;
  /** Appends a measurement to metrics.jsonl. */
  measure(values: { stage: StageName; task: string; step: number } & Record<string, number | string>): Promise<void>;
  /** Appends a line to log.txt. */
  log(line: string): Promise<void>;
}

/** Opens the journal of a run, continuing the one that is there. */
export async function journal(p: Paths): Promise<Journal> {
  const before = await readStatus(p);
  const seconds: Record<string, number> = { ...before?.seconds };
  const tasks: Record<string, number> = { ...before?.tasks };
  let stage: StageName = "collect";
  let since = performance.now();
  let beaten = since;
  let written = Number.NEGATIVE_INFINITY;
  const account = () => {
    const now = performance.now();
    seconds[stage] = (seconds[stage] ?? 0) + (now - since) / 1000;
    since = now;
  };
  const write = async (state: Status["state"], error?: string) => {
    account();
    written = performance.now();
    const status: Status = {
      state,
      stage,
      pid: process.pid,
      updated: new Date().toISOString(),
      seconds,
      tasks,
      ...(error !== undefined && { error }),
    };
    await writeJson(p.status, status);
  };
  return {
    async enter(next) {
      stage = next;
      since = performance.now();
      beaten = since;
      await write("running");
    },
    async beat(task) {
      const now = performance.now();
      tasks[task] = (tasks[task] ?? 0) + (now - beaten) / 1000;
      beaten = now;
      if (performance.now() - written > HEARTBEAT_MS) await write("running");
    },
    leave: write,
    forget(stages) {
      for (const name of stages) delete seconds[name];
    },
    seconds() {
      account();
      return { ...seconds };
    },
    taskSeconds: () => ({ ...tasks }),
    measure: (values) => appendLine(p.metrics, JSON.stringify(values)),
    log: (line) => appendLine(p.log, `${new Date().toISOString()} ${line}`),
  };
}

/** One measurement of metrics.jsonl. */
const measurement = z.looseObject({ stage: z.string(), task: z.string(), step: z.number() });

/** All measurements of a run, the last one of each step: a continued run may have measured a step twice. */
export async function readMetrics(p: Paths): Promise<z.output<typeof measurement>[]> {
  const text = await readFile(p.metrics, "utf8").catch(() => "");
  const byStep = new Map<string, z.output<typeof measurement>>();
  for (const line of text.split("\n")) {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      continue; // a line that a kill cut short
    }
    const parsed = measurement.safeParse(value);
    if (parsed.success) byStep.set(`${parsed.data.stage}/${parsed.data.task}/${parsed.data.step}`, parsed.data);
  }
  return [...byStep.values()].sort((a, b) => a.step - b.step);
}

/** Removes what the given stages left: first what says that they are done, so that half a removal leaves none done. */
export async function removeOutputs(p: Paths, stages: readonly StageName[]): Promise<void> {
  const outputs = stages.map((stage) => outputsOf(p)[stage]);
  for (const { done } of outputs) await remove(done);
  for (const { all } of outputs) for (const path of all) await remove(path);
}
