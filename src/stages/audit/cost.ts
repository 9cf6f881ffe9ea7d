/** What networks cost: a sample, a checkpoint of the zoo, and an independent training. */

import { loadRunRecipe } from "../../recipe/index.ts";
import type { Cost } from "../../records/index.ts";
import { type ProgressId, paths, readStatus } from "../../run/index.ts";
import type { StageContext } from "../context.ts";

/** Seconds that an item of progress took. */
const secondsOf = (tasks: Readonly<Record<string, number>>, id: ProgressId): number => tasks[id] ?? 0;

/**
 * The cost of a run, from its journal and from that of the run whose zoo it reuses. Null if they
 * lack the time of trainings, or the samples are those of another generator.
 */
export async function costOf({ recipe, journal, parts }: StageContext): Promise<Cost | null> {
  const { zoo, sample } = recipe;
  if (recipe.generator === "files") return null;
  const stages = journal.seconds();
  const from = zoo.reuse === undefined ? undefined : paths(zoo.reuse);
  const tasks = (from && (await readStatus(from))?.tasks) ?? journal.taskSeconds();
  // Only a part of the zoo of another run may be reused.
  const collected = from === undefined ? zoo.count : (await loadRunRecipe(from.config, parts)).zoo.count;
  const base = secondsOf(tasks, "train-base");
  const separate = secondsOf(tasks, "train-zoo");
  const perCheckpoint = (secondsOf(tasks, "collect-zoo") + separate) / collected;
  const collect = zoo.count * perCheckpoint;
  // Reference networks are such trainings, too, but run at the same time as others.
  const perTraining = zoo.kind === "trajectory" ? base : separate / collected;
  if (perTraining === 0) return null;
  const fit = stages.fit ?? 0;
  const drawn = stages.sample ?? 0;
  const perSample = drawn / sample.count;
  const saved = perTraining - perSample;
  return {
    base,
    collect,
    fit,
    sample: drawn,
    perSample,
    perCheckpoint,
    perTraining,
    breakEven: saved > 0 ? Math.ceil((base + collect + fit) / saved) : null,
  };
}
