/** Groups of separate trainings of one network: their size, and training and writing a group. */

import { join } from "node:path";
import { type PreparedImages, preparedImages } from "../../data/index.ts";
import { exists, remove } from "../../files/index.ts";
import { at } from "../../lookup.ts";
import { matrix } from "../../numeric/index.ts";
import { foldIn, type Key } from "../../random/index.ts";
import { checkpointPath, readCheckpoints, writeCheckpoint } from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { type CanonicalSpace, canonicalForms } from "../../symmetry/index.ts";
import type { Saver } from "../../training/index.ts";
import {
  type BatchedTrainer,
  batchedTrainer,
  type Classifier,
  canTrainBatched,
  canUseBatchedTrainer,
  type TrainOptions,
  trainClassifier,
} from "../../zoo/index.ts";
import { canonicalSpaceOf } from "../canonical-form.ts";
import type { TrainingTask } from "../context.ts";
import { type TrainingContext, trainingOf } from "./task-training.ts";
import { stepsOf } from "./whole-training.ts";

/** Parameters and networks trained at once, at most: more do not fit in the CPU's caches. */
const MAX_BATCHED = { numbers: 2 ** 18, networks: 20 };

/** The number of separate trainings that are done at once; 1 if they cannot be batched. */
export function networksAtOnce(network: Classifier, augmentation: unknown): number {
  const fitting = Math.floor(MAX_BATCHED.numbers / network.layout.size);
  return canTrainBatched(network, augmentation) ? Math.max(1, Math.min(MAX_BATCHED.networks, fitting)) : 1;
}

/** A trained network and its last loss. */
interface TrainedNetwork {
  readonly theta: Float32Array;
  readonly loss: number;
}

/** The inputs of the separate trainings of a group. */
export interface GroupTraining {
  /** At most as many as are trained at once. */
  readonly keys: readonly Key[];
  /** Initial values of each; freshly drawn by default. */
  readonly starts?: readonly Float32Array[] | undefined;
  readonly saver?: Saver;
  /**
   * Called after each step, with the losses before it. Where `watched` returns true, `thetas` gives
   * the networks as they are after that step.
   */
  onStep(done: number, losses: readonly number[], thetas: () => Promise<readonly Float32Array[]>): void | Promise<void>;
  /** Whether `onStep` asks for the networks after `done` steps; never by default. */
  watched?(done: number): boolean;
}

/** Bytes of prepared images that are kept in memory, at most, when networks are trained singly. */
const MAX_IMAGE_BYTES = 2 ** 28;

/**
 * Trains groups of whole networks: with one batched trainer for all groups, or singly.
 * @param atOnce networks of a group, at most: `networksAtOnce`.
 */
export function separateTrainers(common: Omit<TrainOptions, "key" | "saver" | "onStep">, atOnce: number) {
  const { channels, height, width, train, augmentation } = common.data;
  const bytes = 4 * train.count * channels * height * width;
  const isBatched = atOnce > 1 || (bytes <= MAX_IMAGE_BYTES && canUseBatchedTrainer(common.classifier, augmentation));
  let images: PreparedImages | undefined;
  let batched: { readonly count: number; readonly work: BatchedTrainer } | undefined;
  const batchedTrainerOf = async (count: number): Promise<BatchedTrainer> => {
    if (batched?.count !== count) {
      await batched?.work.release();
      images ??= preparedImages(common.data, common.data.train);
      batched = { count, work: await batchedTrainer({ ...common, count, images }) };
    }
    return batched.work;
  };
  return {
    async train({ keys, starts, saver, onStep, watched }: GroupTraining): Promise<TrainedNetwork[]> {
      let last: readonly number[] = [];
      if (!isBatched) {
        const theta = await trainClassifier({
          ...common,
          key: at(keys, 0),
          ...(starts && { start: at(starts, 0) }),
          saver,
          async onStep(done, loss, theta) {
            last = [loss];
            await onStep(done, last, async () => [await theta()]);
          },
          ...(watched && { watched }),
        });
        return [{ theta, loss: at(last, 0) }];
      }
      const networks = await (await batchedTrainerOf(keys.length)).train({
        keys,
        starts,
        saver,
        async onStep(done, _, losses, thetas) {
          last = losses;
          await onStep(done, losses, thetas);
        },
        ...(watched && { watched }),
      });
      return networks.map((theta, i) => ({ theta, loss: at(last, i) }));
    },
    release: async () => batched?.work.release(),
  };
}

/** Networks that are trained as one job; plain data, so that it can be sent to a worker. */
export interface TrainingGroup {
  readonly part: "seed" | "held-out" | "unseen";
  readonly folder: string;
  /** Networks in the folder when all groups are done. */
  readonly count: number;
  /** The numbers of the group's networks, from 1. */
  readonly networks: readonly number[];
}

/** Trains groups, one after another. */
export interface GroupTrainer {
  /** Steps of a training. */
  readonly steps: number;
  /**
   * Trains the networks of a group and writes those that are missing; resumes after a stop.
   * @param onStep called after each step, with the losses before it.
   * @returns the last loss of each.
   * @throws Interrupted after saving, when the signal aborts before the last step.
   */
  train(
    group: TrainingGroup,
    onStep: (done: number, losses: readonly number[]) => void | Promise<void>,
  ): Promise<readonly number[]>;
  release(): Promise<void>;
}

/**
 * A trainer for groups of the run's separate trainings.
 * @param processes how many share the machine's cores.
 */
export function groupTrainer(context: TrainingContext, task: TrainingTask, processes = 1): GroupTrainer {
  const { recipe } = context;
  const steps = stepsOf(recipe, task);
  const trainers = separateTrainers(
    {
      ...trainingOf(context, task, recipe.base, processes),
      steps,
      ...(recipe.zoo.kind === "orders" && { initialise: foldIn(context.key, "initialise") }),
    },
    networksAtOnce(task.network, task.data.augmentation),
  );
  const canonical = canonically(context, task);
  return {
    steps,
    async train({ part, folder, count, networks }, onStep) {
      const state = join(folder, `state-${networks[0]}.safetensors`);
      const trained = await trainers.train({
        keys: networks.map((i) => foldIn(context.key, part, i)),
        saver: context.saver(state),
        onStep,
      });
      for (const [k, { theta, loss }] of trained.entries()) {
        const path = checkpointPath(folder, at(networks, k), count);
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

/** A function that brings networks into canonical form if the recipe asks for it. */
function canonically(context: TrainingContext, { chosen }: TrainingTask) {
  const { recipe, paths: p } = context;
  if (!recipe.zoo.canonical) return async (theta: Float32Array) => theta;
  const first = checkpointPath(p.zoo, 1, recipe.zoo.count);
  let space: CanonicalSpace | undefined;
  return async (theta: Float32Array): Promise<Float32Array> => {
    const network = matrix(theta, chosen.size);
    space ??= await canonicalSpaceOf(
      context,
      (await exists(first)) ? await readCheckpoints([first], chosen) : network,
      chosen,
    );
    return (await canonicalForms(network, space, nodeDevice(recipe.device), context.signal)).values;
  };
}
