/** Networks trained separately, as a zoo or to be held out: group by group, on all cores where that is worth it. */
import { join } from "node:path";

import { canonicalForms, type UnitSpace } from "../checkpoints/index.ts";
import { makeFolder, remove } from "../files/index.ts";
import { fold } from "../random/index.ts";
import {
  checkpointPath,
  exists,
  readCheckpoint,
  type StageContext,
  type Task,
  throwIfAborted,
  writeCheckpoint,
} from "./context.ts";
import { spaceOf } from "./known-units.ts";
import { networksAtOnce, separateTrainers } from "./separate-trainings.ts";
import { baseStepCost } from "./step-cost.ts";
import { type TrainingContext, trainingOf } from "./task-training.ts";
import { stepsOf } from "./whole-training.ts";
import { mostWorkers, workInProcesses } from "./worker-pool.ts";

/** Networks of a part of a run that are trained as one piece of work. Plain data, so that another process can do it. */
export interface TrainingGroup {
  readonly part: "seed" | "held-out";
  readonly folder: string;
  /** Networks in the folder, in the end. */
  readonly count: number;
  /** Numbers of those of the group, from 1. */
  readonly networks: readonly number[];
}

/** Trains groups, one after another. */
export interface GroupTrainer {
  /** Steps of a training. */
  readonly steps: number;
  /**
   * Trains the networks of a group and writes those that are not there. Where it was stopped, it goes on.
   * @param onStep hears of steps done, with the losses before them.
   * @returns the last loss of each.
   * @throws Interrupted after saving, when the signal aborts before the last step.
   */
  train(
    group: TrainingGroup,
    onStep: (done: number, losses: readonly number[]) => void | Promise<void>,
  ): Promise<readonly number[]>;
  release(): Promise<void>;
}

/** @param processes how many share the machine's cores. */
export function groupTrainer(context: TrainingContext, task: Task, processes = 1): GroupTrainer {
  const { recipe } = context;
  const steps = stepsOf(recipe, task);
  const trainers = separateTrainers(
    {
      ...{ ...trainingOf(context, task, recipe.base, processes), steps },
      ...(recipe.zoo.kind === "orders" && { initialise: fold(context.key, "initialise") }),
    },
    networksAtOnce(task.network, task.data.augmentation),
  );
  const canonical = canonically(context, task);
  return {
    steps,
    async train({ part, folder, count, networks }, onStep) {
      const state = join(folder, `state-${networks[0]}.safetensors`);
      const trained = await trainers.train({
        keys: networks.map((i) => fold(context.key, part, i)),
        saver: context.saver(state),
        onStep,
      });
      for (const [k, { theta, loss }] of trained.entries()) {
        const path = checkpointPath(folder, networks[k]!, count);
        if (await exists(path)) continue;
        const metadata = { seed: String(networks[k]), loss: String(loss) };
        await writeCheckpoint(path, task.chosen, await canonical(theta), metadata);
      }
      await remove(state);
      return trained.map(({ loss }) => loss);
    },
    release: trainers.release,
  };
}

/** What becomes of a trained network before it is kept: its canonical form, by the first of the zoo, where the recipe asks for it. */
function canonically(context: TrainingContext, { chosen }: Task) {
  const { recipe, paths: p } = context;
  if (!recipe.zoo.canonical) return async (theta: Float32Array) => theta;
  const first = checkpointPath(p.zoo, 1, recipe.zoo.count);
  let space: UnitSpace | undefined;
  return async (theta: Float32Array): Promise<Float32Array> => {
    space ??= await spaceOf(context, (await exists(first)) ? await readCheckpoint(first, chosen) : theta, chosen);
    return canonicalForms(theta, space, recipe.device);
  };
}

/** Seconds of work that are worth another process, which takes about one to load the program and the data. */
const WORTH_A_PROCESS = 5;

/**
 * Trains networks, small ones many at once, each with its own order of the data, and each from its own initial values or,
 * as `zoo.kind` says, all from the same ones. The first group is trained here: it tells how long the others take, and its first
 * network is what canonical forms are aligned to. Which networks make a group, and so every number, is the same wherever
 * they are trained.
 */
export async function collectSeparate(
  context: StageContext,
  task: Task,
  { part, folder, count }: Omit<TrainingGroup, "networks">,
): Promise<void> {
  if (count === 0) return;
  const { recipe, signal } = context;
  await makeFolder(folder);
  const atOnce = networksAtOnce(task.network, task.data.augmentation);
  const missing: TrainingGroup[] = [];
  for (let first = 1; first <= count; first += atOnce) {
    const networks = Array.from({ length: Math.min(atOnce, count - first + 1) }, (_, i) => first + i);
    const there = await Promise.all(networks.map((i) => exists(checkpointPath(folder, i, count))));
    if (there.includes(false)) missing.push({ part, folder, count, networks });
    else await remove(join(folder, `state-${first}.safetensors`));
  }
  const [first, ...others] = missing;
  if (first === undefined) return;

  const bytes = atOnce * baseStepCost(recipe, task).peak;
  const trainer = groupTrainer(context, task);
  const { steps } = trainer;
  const name = part === "seed" ? "training separate networks" : "training held-out networks";
  /** Steps done of each group under way, and of all networks one after another, as if each took its share of the time. */
  const done = new Map<TrainingGroup, number>();
  let total = steps * (count - missing.reduce((sum, { networks }) => sum + networks.length, 0));
  const heard = async (group: TrainingGroup, step: number, losses: readonly number[]): Promise<void> => {
    total += (step - (done.get(group) ?? 0)) * group.networks.length;
    done.set(group, step);
    const loss = losses.reduce((a, b) => a + b, 0) / losses.length;
    if (step === steps)
      for (const [k, each] of losses.entries())
        await context.journal.measure({ stage: "collect", task: name, step: group.networks[k]!, loss: each });
    await context.progress(name, total, count * steps, { loss });
  };
  const trainHere = (group: TrainingGroup) => trainer.train(group, (step, losses) => heard(group, step, losses));
  try {
    const began = performance.now();
    await trainHere(first);
    const seconds = (performance.now() - began) / 1000;
    throwIfAborted(signal);
    const worth = Math.floor((others.length * seconds) / WORTH_A_PROCESS);
    const workers = Math.min(mostWorkers(recipe, bytes), others.length, worth);
    if (workers > 1)
      await workInProcesses({
        ...{ folder: context.paths.folder, workers, signal },
        queue: others.map((group) => ({ kind: "train" as const, group })),
        onTold: ({ group }, told) => (told.kind === "steps" ? heard(group, told.done, told.losses) : undefined),
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
