/** Evaluation on all cores: tasks handed out to processes of our own, or done here where that is not worth it. */
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

import { type ErrorCode, UserError } from "../errors.ts";
import type { Task } from "./context.ts";
import { type JudgeTask, openJudge } from "./judge.ts";
import type { Answer, Order } from "./judge-worker.ts";
import type { Recipe } from "./recipe.ts";
import type { Paths } from "./run-folder.ts";

export interface JudgeAll {
  readonly recipe: Recipe;
  readonly paths: Paths;
  readonly task: () => Promise<Task>;
  readonly tasks: readonly JudgeTask[];
  /** Images to classify in all tasks, over all networks. */
  readonly images: number;
  /** Hears how many images more have been classified, and may throw to stop. */
  onImages(more: number): void | Promise<void>;
}

/** Fewer classifications than this are done before another process has loaded the data. */
const WORTH_A_PROCESS = 300_000;

/** Does all tasks. What is computed does not depend on who computes it. */
export async function judgeAll(all: JudgeAll): Promise<void> {
  const { recipe, tasks, images } = all;
  const workers = Math.min(
    Math.floor(availableParallelism() / recipe.device.threads),
    tasks.length,
    Math.floor(images / WORTH_A_PROCESS),
  );
  if (recipe.device.name === "cpu" && workers > 1) await judgeInProcesses(all, workers);
  else await judgeHere(all);
}

async function judgeHere({ recipe, paths, task, tasks, onImages }: JudgeAll): Promise<void> {
  const judge = await openJudge(recipe, paths, await task());
  try {
    for (const each of tasks) await judge.run(each, onImages);
  } finally {
    await judge.release();
  }
}

async function judgeInProcesses({ paths, tasks, onImages }: JudgeAll, workers: number): Promise<void> {
  const queue = [...tasks];
  const children: ChildProcess[] = [];
  try {
    const done = Array.from({ length: workers }, () => {
      const child = startWorker();
      children.push(child);
      return work(child, paths.folder, queue, onImages);
    });
    await Promise.all(done);
  } finally {
    for (const child of children) child.kill("SIGTERM");
  }
}

/** Starts this program's worker, from TypeScript in a clone or from the built package. */
function startWorker(): ChildProcess {
  const source = import.meta.url.endsWith(".ts");
  const script = fileURLToPath(new URL(source ? "./judge-worker.ts" : "./judge-worker.js", import.meta.url));
  return fork(script, [], {
    execArgv: source ? ["--import", import.meta.resolve("tsx")] : [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

/** Gives a worker tasks from the queue until there are none left. */
function work(child: ChildProcess, folder: string, queue: JudgeTask[], onImages: JudgeAll["onImages"]): Promise<void> {
  const give = (order: Order) => child.send(order);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) =>
      reject(new Error(`an evaluating process ended early (${signal ?? `exit code ${code}`})`)),
    );
    child.on("message", (answer: Answer) => {
      switch (answer.type) {
        case "ready": {
          const task = queue.shift();
          if (task === undefined) resolve();
          else give({ type: "task", task });
          break;
        }
        case "images":
          Promise.resolve(answer.more).then(onImages).catch(reject);
          break;
        case "failed":
          reject(
            answer.code?.startsWith("E_")
              ? new UserError(answer.code as ErrorCode, answer.message)
              : new Error(answer.message),
          );
      }
    });
    give({ type: "open", folder });
  });
}
