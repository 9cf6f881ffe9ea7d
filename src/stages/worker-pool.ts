/** Work on all cores: tasks handed out to processes of our own. What is computed does not depend on who computes it. */
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

import { type ErrorCode, UserError } from "../errors.ts";
import type { Recipe } from "../recipe/index.ts";
import type { WorkerJob, WorkerProgress, WorkerRequest, WorkerResponse } from "./worker-messages.ts";

/** The share of the machine's memory that all processes may take, and what each takes with the program and the data. */
const MEMORY_SHARE = 0.5;
const PROCESS_BYTES = 500e6;

/**
 * How many processes can be at work at once: one for each core, or for as many as the device's threads take.
 * @param bytes what the work of each takes at most.
 */
export function mostWorkers({ device }: Pick<Recipe, "device">, bytes = 0): number {
  if (device.name !== "cpu") return 1;
  const most = Math.min(availableParallelism() / device.threads, (MEMORY_SHARE * totalmem()) / (PROCESS_BYTES + bytes));
  return Math.max(1, Math.floor(most));
}

export interface WorkOptions<Work extends WorkerJob> {
  /** The run's folder. */
  readonly folder: string;
  /** What is to be done, from the first on. Whoever else takes from the front of it may do so. */
  readonly queue: Work[];
  /** How many processes; with none, nothing is done. */
  readonly workers: number;
  /** When it aborts, tasks under way save where they stand, and no others begin. */
  readonly signal: AbortSignal;
  /** Hears of a task; may throw to stop. */
  onProgress(task: Work, progress: WorkerProgress): void | Promise<void>;
}

/** Does what is queued, or as much of it as the signal leaves time for. */
export async function workInProcesses<Work extends WorkerJob>(options: WorkOptions<Work>): Promise<void> {
  const { queue, workers, signal } = options;
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
      return work(child, options);
    });
    await Promise.all(done);
  } finally {
    signal.removeEventListener("abort", stop);
    for (const child of children) child.kill("SIGTERM");
  }
}

const give = (child: ChildProcess, request: WorkerRequest): void => {
  if (child.connected) child.send(request);
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

/** Gives a worker tasks from the queue until there are none left. */
function work<Work extends WorkerJob>(
  child: ChildProcess,
  { folder, queue, workers, onProgress }: WorkOptions<Work>,
): Promise<void> {
  let current: Work | undefined;
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) =>
      reject(
        new UserError(
          "E_RUN",
          `a process of this run ended early (${signal ?? `exit code ${code}`}), perhaps for want of memory; the same command goes on from what is there, in fewer processes with a larger device.threads`,
        ),
      ),
    );
    child.on("message", (response: WorkerResponse) => {
      switch (response.type) {
        case "ready": {
          current = queue.shift();
          return current === undefined ? resolve() : give(child, { type: "job", job: current });
        }
        case "progress": {
          const task = current!;
          Promise.resolve(response.progress)
            .then((progress) => onProgress(task, progress))
            .catch(reject);
          return;
        }
        case "stopped":
          return resolve();
        case "failed":
          reject(
            response.code?.startsWith("E_")
              ? new UserError(response.code as ErrorCode, response.message)
              : new Error(response.message),
          );
      }
    });
    give(child, { type: "open", folder, workers });
  });
}
