/** Trains networks separately, for the zoo or to be held out, in groups on all cores. */

import { join } from "node:path";
import { throwIfAborted } from "../../errors.ts";
import { exists, makeFolder, remove } from "../../files/index.ts";
import { at } from "../../lookup.ts";
import { checkpointPath, progressItem } from "../../run/index.ts";
import type { StageContext, TrainingTask } from "../context.ts";
import { baseStepCost } from "../step-cost.ts";
import { mostWorkers, workInProcesses } from "../worker-pool.ts";
import { groupTrainer, networksAtOnce, type TrainingGroup } from "./training-groups.ts";

/** Seconds of work that are worth a process, which takes about one to load program and data. */
const WORTH_A_PROCESS = 5;

/** What the progress of each part is reported as. */
const ITEMS = { seed: "train-zoo", "held-out": "train-held-out", unseen: "train-unseen" } as const;

/**
 * Trains networks separately, small ones in batches. Each has its own order of the data, and its
 * own initial values or, with `zoo.kind: orders`, shared ones. The first group is trained here: it
 * shows how long the others take, and canonical forms are aligned to its first network. The groups,
 * and so all numbers, do not depend on where they are trained.
 */
export async function collectSeparate(
  context: StageContext,
  task: TrainingTask,
  { part, folder, count }: Omit<TrainingGroup, "networks">,
): Promise<void> {
  if (count === 0) return;
  const { recipe, signal } = context;
  await makeFolder(folder);
  const atOnce = networksAtOnce(task.network, task.data.augmentation);
  const missing: TrainingGroup[] = [];
  for (let first = 1; first <= count; first += atOnce) {
    const networks = Array.from({ length: Math.min(atOnce, count - first + 1) }, (_, i) => first + i);
    const written = await Promise.all(networks.map((i) => exists(checkpointPath(folder, i, count))));
    if (written.includes(false)) missing.push({ part, folder, count, networks });
    else await remove(join(folder, `state-${first}.safetensors`));
  }
  const [first, ...others] = missing;
  if (first === undefined) return;

  const trainer = groupTrainer(context, task);
  const { steps } = trainer;
  const item = progressItem(ITEMS[part]);
  /** Steps done by each running group; `total` counts the steps of all networks. */
  const done = new Map<TrainingGroup, number>();
  let total = steps * (count - missing.reduce((sum, { networks }) => sum + networks.length, 0));
  const report = async (group: TrainingGroup, step: number, losses: readonly number[]): Promise<void> => {
    total += (step - (done.get(group) ?? 0)) * group.networks.length;
    done.set(group, step);
    const loss = losses.reduce((a, b) => a + b, 0) / losses.length;
    if (step === steps)
      for (const [k, each] of losses.entries())
        await context.journal.measure({ stage: "collect", task: item.id, step: at(group.networks, k), loss: each });
    await context.progress(item, total, count * steps, { loss });
  };
  const trainHere = (group: TrainingGroup) => trainer.train(group, (step, losses) => report(group, step, losses));
  try {
    const began = performance.now();
    await trainHere(first);
    const seconds = (performance.now() - began) / 1000;
    throwIfAborted(signal);
    const worth = Math.floor((others.length * seconds) / WORTH_A_PROCESS);
    const most = worth > 1 ? mostWorkers(recipe, atOnce * baseStepCost(recipe, task).peak) : 1;
    const workers = Math.min(most, others.length, worth);
    if (workers > 1)
      await workInProcesses({
        folder: context.paths.folder,
        recipe: context.recipe,
        workers,
        signal,
        queue: others.map((group) => ({ kind: "train" as const, group })),
        onProgress: ({ group }, progress) =>
          progress.kind === "steps" ? report(group, progress.done, progress.losses) : undefined,
      });
    else
      for (const group of others) {
        await trainHere(group);
        throwIfAborted(signal);
      }
    throwIfAborted(signal);
  } finally {
    await trainer.release();
  }
}
