/** Evaluation on all cores, or here where that is not worth it. */

import type { Recipe } from "../../recipe/index.ts";
import type { Paths } from "../../run/index.ts";
import type { Task } from "../context.ts";
import { mostWorkers, workInProcesses } from "../worker-pool.ts";
import { type JudgeTask, openJudge } from "./predict.ts";

export interface JudgeAll {
  readonly recipe: Recipe;
  readonly paths: Paths;
  readonly task: () => Promise<Task>;
  readonly tasks: readonly JudgeTask[];
  /** Images to classify in all tasks, over all networks. */
  readonly images: number;
  readonly signal: AbortSignal;
  /** Hears how many images more have been classified, and may throw to stop. */
  onImages(more: number): void | Promise<void>;
}

/** Fewer classifications than this are done before another process has loaded the data. */
const WORTH_A_PROCESS = 300_000;

/** Does all tasks. What is computed does not depend on who computes it. */
export async function judgeAll({ recipe, paths, task, tasks, images, signal, onImages }: JudgeAll): Promise<void> {
  const workers = Math.min(mostWorkers(recipe), tasks.length, Math.floor(images / WORTH_A_PROCESS));
  if (workers > 1)
    return workInProcesses({
      ...{ folder: paths.folder, workers, signal },
      queue: tasks.map((each) => ({ kind: "judge" as const, task: each })),
      onTold: (_, told) => (told.kind === "images" ? onImages(told.more) : undefined),
    });
  const judge = await openJudge(recipe, paths, await task());
  try {
    for (const each of tasks) await judge.run(each, onImages);
  } finally {
    await judge.release();
  }
}
