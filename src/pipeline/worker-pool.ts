/** Work on all cores: tasks handed out to processes of our own. What is computed does not depend on who computes it. */
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

import { type ErrorCode, UserError } from "../errors.ts";
import type { TrainingGroup } from "./collect-separate.ts";
import type { JudgeTask } from "./judge.ts";
import type { Recipe } from "./recipe.ts";

/** A piece of work that reads and writes only files of its run. */
export type WorkerTask =
  | { readonly kind: "judge"; readonly task: JudgeTask }
  | { readonly kind: "train"; readonly group: TrainingGroup };

/** What is heard of a task under way: images more that have been classified, or steps done and the last loss of each network. */
export type Told =
  | { readonly kind: "images"; readonly more: number }
  | { readonly kind: "steps"; readonly done: number; readonly losses: readonly number[] };

/** From the parent. */
export type Order =
  | { readonly type: "open"; readonly folder: string; readonly workers: number }
  | { readonly type: "task"; readonly task: WorkerTask }
  | { readonly type: "stop" };

/** To the parent. */
export type Answer =
  | { readonly type: "ready" }
  | { readonly type: "told"; readonly told: Told }
  | { readonly type: "stopped" }
  | { readonly type: "failed"; readonly message: string; readonly code?: string };

/** How many processes can be at work at once where each takes the device's threads. */
export const mostWorkers = ({ device }: Pick<Recipe, "device">): number =>
  device.name === "cpu" ? Math.max(1, Math.floor(availableParallelism() / device.threads)) : 1;

export interface WorkOptions {
  /** The run's folder. */
  readonly folder: string;
  readonly tasks: readonly WorkerTask[];
  /** How many processes. */
  readonly workers: number;
  /** When it aborts, tasks under way save where they stand, and no others begin. */
  readonly signal: AbortSignal;
  /** Hears of a task, named by its number; may throw to stop. */
  onTold(task: number, told: Told): void | Promise<void>;
}

/** Does all tasks, in the order in which processes come free, or as many as the signal leaves time for. */
export async function workInProcesses({ folder, tasks, workers, signal, onTold }: WorkOptions): Promise<void> {
  const queue = tasks.map((task, number) => ({ task, number }));
  const children: ChildProcess[] = [];
  const stop = () => {
    queue.length = 0;
    for (const child of children) give(child, { type: "stop" });
  };
  signal.addEventListener("abort", stop);
  try {
    if (signal.aborted) return;
    const done = Array.from({ length: workers }, () => {
      const child = startWorker();
      children.push(child);
      return work(child, { folder, queue, workers, onTold });
    });
    await Promise.all(done);
  } finally {
    signal.removeEventListener("abort", stop);
    for (const child of children) child.kill("SIGTERM");
  }
}

const give = (child: ChildProcess, order: Order): void => {
  if (child.connected) child.send(order);
};

/** Starts this program's worker, from TypeScript in a clone or from the built package. */
function startWorker(): ChildProcess {
  const source = import.meta.url.endsWith(".ts");
  const script = fileURLToPath(new URL(source ? "./worker.ts" : "./worker.js", import.meta.url));
  return fork(script, [], {
    execArgv: source ? ["--import", import.meta.resolve("tsx")] : [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

interface Work extends Pick<WorkOptions, "folder" | "workers" | "onTold"> {
  readonly queue: { readonly task: WorkerTask; readonly number: number }[];
}

/** Gives a worker tasks from the queue until there are none left. */
function work(child: ChildProcess, { folder, queue, workers, onTold }: Work): Promise<void> {
  let current = -1;
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) =>
      reject(new Error(`a process at work ended early (${signal ?? `exit code ${code}`})`)),
    );
    child.on("message", (answer: Answer) => {
      switch (answer.type) {
        case "ready": {
          const next = queue.shift();
          if (next === undefined) return resolve();
          current = next.number;
          return give(child, { type: "task", task: next.task });
        }
        case "told": {
          const task = current;
          Promise.resolve(answer.told)
            .then((told) => onTold(task, told))
            .catch(reject);
          return;
        }
        case "stopped":
          return resolve();
        case "failed":
          reject(
            answer.code?.startsWith("E_")
              ? new UserError(answer.code as ErrorCode, answer.message)
              : new Error(answer.message),
          );
      }
    });
    give(child, { type: "open", folder, workers });
  });
}
