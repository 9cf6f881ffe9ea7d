/** The journal of a run: its state, times, measurements and log. */
import { readFile } from "node:fs/promises";

import { z } from "zod";

import { appendLine, readJson, writeAtomic, writeJson } from "../files/index.ts";
import { type StageName, stageNames } from "./events.ts";
import type { Paths } from "./paths.ts";
import { continuesFromSnapshot } from "./progress-items.ts";

const statusSchema = z.object({
  state: z.enum(["running", "interrupted", "failed", "done"]),
  stage: z.enum(stageNames),
  pid: z.number(),
  updated: z.string(),
  seconds: z.record(z.string(), z.number()),
  /** Seconds by the id of what was done, such as `train-base`. */
  tasks: z.record(z.string(), z.number()).default({}),
  error: z.string().optional(),
});

export type Status = z.output<typeof statusSchema>;

/** The run's status; undefined if its file is missing or damaged. */
export async function readStatus(p: Paths): Promise<Status | undefined> {
  const value = await readJson(p.status).catch(() => undefined);
  const parsed = statusSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** How often the status file is written while a stage works. */
const HEARTBEAT_MS = 2_000;

/** Writes a run's status, metrics and log. */
export interface Journal {
  /** Marks a stage as the current one. */
  enter(stage: StageName): Promise<void>;
  /**
   * Counts the time since the last beat for an item; writes the status every two seconds, and when
   * the item is done. The time of work that continues from snapshots is written only once a
   * snapshot holds it, or all of it is done.
   */
  beat(task: string, isDone?: boolean): Promise<void>;
  /** Says that a snapshot now holds all work done so far. */
  saved(): void;
  /** Writes the state in which this process leaves the run. */
  leave(state: Status["state"], error?: string): Promise<void>;
  /** Forgets the seconds of stages, which are to be done again. */
  forget(stages: readonly StageName[]): void;
  /** Seconds spent in each stage so far, by all processes that worked in the run. */
  seconds(): Record<string, number>;
  /** Seconds spent in each task so far, by all processes that worked in the run. */
  taskSeconds(): Record<string, number>;
  /** Appends a measurement to metrics.jsonl. */
  measure(values: { stage: StageName; task: string; step: number } & Record<string, number | string>): Promise<void>;
  /** Appends a line to log.txt. */
  log(line: string): Promise<void>;
}

/** Opens the journal of a run, and continues it if there is one. */
export async function openJournal(p: Paths): Promise<Journal> {
  const before = await readStatus(p);
  const seconds: Record<string, number> = { ...before?.seconds };
  const tasks: Record<string, number> = { ...before?.tasks };
  // A kill loses the work since the last snapshot, so its time is not part of what the run took.
  let safe = { seconds: { ...seconds }, tasks: { ...tasks } };
  let stage: StageName = "collect";
  let since = performance.now();
  let beaten = since;
  let written = Number.NEGATIVE_INFINITY;
  const account = () => {
    const now = performance.now();
    seconds[stage] = (seconds[stage] ?? 0) + (now - since) / 1000;
    since = now;
  };
  const saved = () => {
    account();
    safe = { seconds: { ...seconds }, tasks: { ...tasks } };
  };
  const write = async (state: Status["state"], error?: string) => {
    if (state !== "running") saved();
    written = performance.now();
    const status: Status = {
      state,
      stage,
      pid: process.pid,
      updated: new Date().toISOString(),
      ...safe,
      ...(error !== undefined && { error }),
    };
    await writeJson(p.status, status);
  };
  return {
    async enter(next) {
      stage = next;
      since = performance.now();
      beaten = since;
      saved();
      await write("running");
    },
    async beat(task, isDone = false) {
      const now = performance.now();
      tasks[task] = (tasks[task] ?? 0) + (now - beaten) / 1000;
      beaten = now;
      if (isDone || !continuesFromSnapshot(task)) saved();
      if (isDone || performance.now() - written > HEARTBEAT_MS) await write("running");
    },
    saved,
    leave: write,
    forget(stages) {
      for (const name of stages) delete seconds[name];
      // Tasks are not known by their stage; from the first one on, all are done again.
      if (stages.includes("collect")) for (const task of Object.keys(tasks)) delete tasks[task];
      safe = { seconds: { ...seconds }, tasks: { ...tasks } };
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

/** Removes the measurements of stages, which are to be done again. */
export async function forgetMeasurements(p: Paths, stages: readonly StageName[]): Promise<void> {
  const text = await readFile(p.metrics, "utf8").catch(() => "");
  const kept = text.split("\n").filter((line) => !stages.some((stage) => line.includes(`"stage":"${stage}"`)));
  if (kept.join("\n") !== text) await writeAtomic(p.metrics, kept.join("\n"));
}

/** All measurements of a run; of each step the last one, as a resumed run repeats some steps. */
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
