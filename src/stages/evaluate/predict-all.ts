/** Runs prediction jobs on all cores, or in this process if that is faster. */

import { cost } from "../../graph/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Paths } from "../../run/index.ts";
import type { TrainingTask } from "../context.ts";
import { SECONDS_AN_IMAGE, secondsOf } from "../step-cost.ts";
import { mostWorkers, workInProcesses } from "../worker-pool.ts";
import { openJobPredictor, type PredictJob } from "./predict.ts";

export interface PredictAllOptions {
  readonly recipe: Recipe;
  readonly paths: Paths;
  readonly task: () => Promise<TrainingTask>;
  readonly tasks: readonly PredictJob[];
  /** Number of images to classify in all jobs, over all networks. */
  readonly images: number;
  readonly signal: AbortSignal;
  /** Called with the number of images classified since the last call. May throw to stop. */
  onImages(more: number): void | Promise<void>;
}

/** Seconds of work that are worth a process, which takes about as long to load program and data. */
const WORTH_A_PROCESS = 2;

/**
 * How many processes predictions are worth: one for every two seconds of work, at most as many as
 * there are jobs, and as the machine can run.
 * @param work the number of jobs, and of images that are classified in all of them.
 */
export function processesFor(
  recipe: Pick<Recipe, "device" | "evaluate">,
  network: Pick<TrainingTask["network"], "logits">,
  { jobs, images }: { readonly jobs: number; readonly images: number },
): number {
  const { batch } = recipe.evaluate;
  const perImage = SECONDS_AN_IMAGE + secondsOf(cost([network.logits(batch).outputs])) / batch;
  return Math.min(mostWorkers(recipe), jobs, Math.floor((images * perImage) / WORTH_A_PROCESS));
}

/** Runs all jobs. The results do not depend on the number of processes. */
export async function predictAll({
  recipe,
  paths,
  task,
  tasks,
  images,
  signal,
  onImages,
}: PredictAllOptions): Promise<void> {
  const { network } = await task();
  const workers = processesFor(recipe, network, { jobs: tasks.length, images });
  if (workers > 1)
    return workInProcesses({
      folder: paths.folder,
      recipe,
      workers,
      signal,
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
