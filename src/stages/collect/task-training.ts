/** The options that all trainings of a run's task network share. */
import type { Recipe } from "../../recipe/index.ts";
import { machineCores, nodeDevice } from "../../runtime-node/index.ts";
import type { StageContext, TrainingTask } from "../context.ts";

/** What training needs of a stage's context; it writes no journal. */
export type TrainingContext = Pick<
  StageContext,
  "recipe" | "paths" | "signal" | "key" | "saver" | "task" | "progress" | "note" | "warn"
>;

/** Threads that prepare batches, at most: a step takes longer than four need for its batch. */
const MAX_WORKERS = 4;

/** A larger share of time spent waiting for images is a warning, a smaller one a note. */
const MUCH_WAITING = 0.05;

/**
 * Options of a training.
 * @param processes how many share the machine's cores.
 */
export function trainingOf(
  { recipe, signal, note, warn }: TrainingContext,
  { data, network }: TrainingTask,
  { batch, lr, optimiser, schedule }: Recipe["base"] | Recipe["zoo"],
  processes = 1,
) {
  const cores = Math.floor(machineCores() / processes);
  const workers = data.view === null ? 0 : Math.min(MAX_WORKERS, Math.max(1, cores - recipe.device.threads));
  // One report is enough when several networks are trained one after another.
  let reported = workers === 0;
  return {
    classifier: network,
    data,
    batch,
    lr,
    optimiser,
    schedule,
    device: nodeDevice(recipe.device),
    signal,
    workers,
    async onWaited(share: number) {
      if (reported) return;
      reported = true;
      const text = `waited for images ${(100 * share).toFixed(1)} % of the time (decoding and augmentation by ${workers} ${workers === 1 ? "thread" : "threads"})`;
      await (share > MUCH_WAITING ? warn(text) : note(text));
    },
  };
}
