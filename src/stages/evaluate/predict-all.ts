/** Evaluation on all cores, or here where that is not worth it. */

import type { Recipe } from "../../recipe/index.ts";
import type { Paths } from "../../run/index.ts";
import type { TrainingTask } from "../context.ts";
import { mostWorkers, workInProcesses } from "../worker-pool.ts";
import { openJobPredictor, type PredictJob } from "./predict.ts";

export interface PredictAllOptions {
  readonly recipe: Recipe;
  readonly paths: Paths;
  readonly task: () => Promise<TrainingTask>;
  readonly tasks: readonly PredictJob[];
  /** Images to classify in all tasks, over all networks. */
  readonly images: number;
  readonly signal: AbortSignal;
  /** Hears how many images more have been classified, and may throw to stop. */
  onImages(more: number): void | Promise<void>;
}

/** Fewer classifications than this are done before another process has loaded the data. */
const WORTH_A_PROCESS = 300_000;

/** Does all tasks. What is computed does not depend on who computes it. */
export async function predictAll({
  recipe,
  paths,
  task,
  tasks,
  images,
  signal,
  onImages,
}: PredictAllOptions): Promise<void> {
  const workers = Math.min(mostWorkers(recipe), tasks.length, Math.floor(images / WORTH_A_PROCESS));
  if (workers > 1)
    return workInProcesses({
      ...{ folder: paths.folder, recipe, workers, signal },
      queue: tasks.map((each) => ({ kind: "predict" as const, job: each })),
      onProgress: (_, progress) => (progress.kind === "images" ? onImages(progress.more) : undefined),
    });
  const predictor = await openJobPredictor(recipe, paths, await task());
  try {
    for (const each of tasks) await predictor.run(each, onImages);
  } finally {
    await predictor.release();
  }
}
