/**
 * Trains reference networks: whole networks trained like the base network from other initial
 * values, as a scale for "truly different". They are trained on idle cores while the zoo is
 * collected.
 */

import { join } from "node:path";
import { throwIfAborted } from "../../errors.ts";
import { exists, makeFolder, remove, writeJson } from "../../files/index.ts";
import { at } from "../../lookup.ts";
import { foldIn } from "../../random/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { checkpointPath, indexOf, trainReferenceItem, writeCheckpoint } from "../../run/index.ts";
import { type StageContext, type TrainingTask, trainingReporter } from "../context.ts";
import { baseStepCost, secondsOf } from "../step-cost.ts";
import type { Reference, ReferenceWork } from "../worker-messages.ts";
import { mostWorkers, workInProcesses } from "../worker-pool.ts";
import type { TrainingContext } from "./task-training.ts";
import { stepsOf, trainWhole } from "./whole-training.ts";

/**
 * The number of reference networks of a run. A base that started from pretrained weights can have
 * none, and separate trainings need none beside the held-out ones.
 */
export const referenceCount = ({ zoo, base }: Recipe): number =>
  zoo.kind === "seeds" || zoo.kind === "files" || base.weights !== undefined ? 0 : zoo.references;

/**
 * Trains a reference network and writes it.
 * @param processes how many share the machine's cores.
 * @throws Interrupted after saving, when the signal aborts before the last step.
 */
export async function trainReference(
  context: TrainingContext,
  task: TrainingTask,
  { index, count }: Reference,
  { processes, onStep }: { processes: number; onStep(done: number, loss: number): void | Promise<void> },
): Promise<void> {
  const { references } = context.paths;
  const files = unfinished(references, index);
  const key = foldIn(context.key, "reference", index);
  const theta = await trainWhole(context, task, { key, files, processes, onStep });
  const metadata = { reference: String(index) };
  await writeCheckpoint(checkpointPath(references, index, count), task.network.layout, theta, metadata);
  for (const file of Object.values(files)) await remove(file);
}

/** The files of an unfinished training. */
const unfinished = (folder: string, index: number) => ({
  state: join(folder, `state-${index}.safetensors`),
  best: join(folder, `best-${index}.safetensors`),
});

/** Seconds from which a training is worth a process. */
const WORTH_A_PROCESS = 10;

/** The number of processes that may run beside this one. */
function idleCores(recipe: Recipe, task: TrainingTask, steps: number): number {
  const cost = baseStepCost(recipe, task);
  return steps * secondsOf(cost) < WORTH_A_PROCESS ? 0 : mostWorkers(recipe, cost.peak) - 1;
}

/**
 * Trains reference networks in other processes while this one does something else, and afterwards
 * the remaining ones here. The networks do not depend on where they are trained.
 */
export async function withReferences(
  context: StageContext,
  task: TrainingTask,
  meanwhile: () => Promise<void> = async () => {},
): Promise<void> {
  const { recipe, paths: p, signal } = context;
  const count = referenceCount(recipe);
  if (count === 0) return meanwhile();
  await makeFolder(p.references);
  const queue: ReferenceWork[] = [];
  for (let index = 1; index <= count; index++) {
    if (!(await exists(checkpointPath(p.references, index, count))))
      queue.push({ kind: "reference", reference: { index, count } });
    else for (const file of Object.values(unfinished(p.references, index))) await remove(file);
  }
  const steps = stepsOf(recipe, task);
  const workers = queue.length === 0 ? 0 : Math.min(idleCores(recipe, task, steps), queue.length);
  const itemOf = ({ index }: Reference) => trainReferenceItem(index, count);
  /** Whether nothing else runs here whose progress is shown. */
  let waiting = false;
  const stop = new AbortController();
  const elsewhere = workInProcesses({
    folder: p.folder,
    recipe,
    queue,
    workers,
    signal: AbortSignal.any([signal, stop.signal]),
    async onProgress({ reference }, progress) {
      if (progress.kind !== "steps") return;
      const [item, loss] = [itemOf(reference), at(progress.losses, 0)];
      await context.journal.measure({ stage: "collect", task: item.id, step: progress.done, loss });
      if (waiting) await context.progress(item, progress.done, steps, { loss });
    },
  });
  // A failure is thrown after the work here has ended.
  const ended = elsewhere.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  try {
    await meanwhile();
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const onStep = trainingReporter(context, "collect", itemOf(next.reference), steps);
      await trainReference(context, task, next.reference, { processes: workers + 1, onStep });
      throwIfAborted(signal);
    }
    waiting = true;
    const failed = await ended;
    if (failed !== undefined) throw failed.error;
    throwIfAborted(signal);
  } catch (error) {
    stop.abort();
    await ended;
    throw error;
  }
  await writeJson(p.referencesIndex, { count, checkpoints: await indexOf(p.references, count, context.signal) });
}
