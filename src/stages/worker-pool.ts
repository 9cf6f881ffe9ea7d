/** Runs jobs in worker processes, on all cores. Results do not depend on which process computes. */

import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { type ErrorCode, UserError } from "../errors.ts";
import { given } from "../lookup.ts";
import type { Recipe } from "../recipe/index.ts";
import { machineCores, machineMemory } from "../runtime-node/index.ts";
import type { WorkerJob, WorkerProgress, WorkerRequest, WorkerResponse } from "./worker-messages.ts";
import { workerScript } from "./worker-script.ts";

/** The share of the machine's memory for all workers, and what program and data take in each. */
const MEMORY_SHARE = 0.5;
const PROCESS_BYTES = 500e6;

/**
 * How many worker processes can run at once: one for each core, or fewer if a device has several
 * threads or memory is short. One on a GPU.
 * @param bytes memory that the jobs of each process take at most.
 */
export function mostWorkers({ device }: Pick<Recipe, "device">, bytes = 0): number {
  if (device.name !== "cpu") return 1;
  const most = Math.min(machineCores() / device.threads, (MEMORY_SHARE * machineMemory()) / (PROCESS_BYTES + bytes));
  return Math.max(1, Math.floor(most));
}

/** The signals that ask a program to stop, and the time in which they reach all its processes. */
const STOP_SIGNALS: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGTERM", "SIGHUP"]);
const SIGNAL_DELAY_MS = 500;

/** What to do, in how many processes, and who listens. */
export interface WorkOptions<Work extends WorkerJob> {
  /** The run's folder. */
  readonly folder: string;
  readonly recipe: Recipe;
  /** The jobs, in order. A shared queue: other consumers may also shift from it. */
  readonly queue: Work[];
  /** Number of processes; with 0 nothing is done. */
  readonly workers: number;
  /** When it aborts, running jobs save their state, and no others begin. */
  readonly signal: AbortSignal;
  /** Called with the progress of a job; may throw to stop. */
  onProgress(task: Work, progress: WorkerProgress): void | Promise<void>;
}

/**
 * Runs the queued jobs, or as many as are done before the signal aborts.
 * @throws UserError `E_RUN` when a process ends early, or the error of a job that failed.
 */
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

/** A worker that has ended hears nothing; the event "exit" says so. */
const give = (child: ChildProcess, request: WorkerRequest): void => {
  if (child.connected) child.send(request, () => {});
};

/** Starts this program's worker. */
function startWorker(): ChildProcess {
  const { path, execArgv } = workerScript();
  return fork(path, [], { execArgv: [...execArgv], stdio: ["ignore", "ignore", "inherit", "ipc"] });
}

/** Gives a worker jobs from the queue until there are none left. */
function work<Work extends WorkerJob>(
  child: ChildProcess,
  { folder, recipe, queue, workers, signal, onProgress }: WorkOptions<Work>,
): Promise<void> {
  let current: Work | undefined;
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", async (code, by) => {
      // Ctrl-C ends a worker that is only starting. The same signal is on its way to this process.
      if (by !== null && STOP_SIGNALS.has(by)) await pause(SIGNAL_DELAY_MS);
      if (signal.aborted) return resolve();
      reject(
        new UserError(
          "E_RUN",
          `a process of this run ended early (${by ?? `exit code ${code}`}), perhaps out of memory; run the same command to resume; a larger device.threads starts fewer processes`,
        ),
      );
    });
    child.on("message", (response: WorkerResponse) => {
      switch (response.type) {
        case "ready": {
          current = queue.shift();
          return current === undefined ? resolve() : give(child, { type: "job", job: current });
        }
        case "progress": {
          const task = given(current);
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
          return;
        default:
          response satisfies never;
      }
    });
    give(child, { type: "open", folder, recipe, workers });
  });
}
