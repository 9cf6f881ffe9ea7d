/** Separate trainings of one network, each alone or several at once: how many make a group, and who trains and writes it. */
import { join } from "node:path";
import { type PreparedImages, preparedImages } from "../../data/index.ts";
import { exists, remove } from "../../files/index.ts";
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

/** Parameters of all networks that are trained at once, and the most such networks: more leave the caches, and take longer. */
const TOGETHER = { numbers: 2 ** 18, networks: 20 };

/** How many separate trainings of a network are done at once. */
export function networksAtOnce(network: Classifier, augmentation: unknown): number {
  const fitting = Math.floor(TOGETHER.numbers / network.layout.size);
  return canTrainBatched(network, augmentation) ? Math.max(1, Math.min(TOGETHER.networks, fitting)) : 1;
}

/** A network that was trained alone or with others, and its last loss. */
interface TrainedNetwork {
  readonly theta: Float32Array;
  readonly loss: number;
}

/** What one group of separate trainings is told. */
interface GroupTraining {
  readonly keys: readonly Key[];
  readonly saver: Saver;
  /** Hears of each step, with the losses before it. */
  onStep(done: number, losses: readonly number[]): void | Promise<void>;
}

/** Bytes of prepared images that are kept for one network at a time: they save its training from preparing them again. */
const KEPT_IMAGES = 2 ** 28;

/** Trains groups of whole networks: by a batched trainer that is kept from group to group, or each alone. */
function separateTrainers(common: Omit<TrainOptions, "key" | "saver" | "onStep">, atOnce: number) {
  const { channels, height, width, train, augmentation } = common.data;
  const bytes = 4 * train.count * channels * height * width;
  const isBatched = atOnce > 1 || (bytes <= KEPT_IMAGES && canUseBatchedTrainer(common.classifier, augmentation));
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
    async train({ keys, saver, onStep }: GroupTraining): Promise<TrainedNetwork[]> {
      let last: readonly number[] = [];
      if (!isBatched) {
        const theta = await trainClassifier({
          ...{ ...common, key: keys[0]!, saver },
          async onStep(done, loss) {
            last = [loss];
            await onStep(done, last);
          },
        });
        return [{ theta, loss: last[0]! }];
      }
      const networks = await (await batchedTrainerOf(keys.length)).train({
        ...{ keys, saver },
        async onStep(done, _, losses) {
          last = losses;
          await onStep(done, losses);
        },
      });
      return networks.map((theta, i) => ({ theta, loss: last[i]! }));
    },
    release: async () => batched?.work.release(),
  };
}

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
export function groupTrainer(context: TrainingContext, task: TrainingTask, processes = 1): GroupTrainer {
  const { recipe } = context;
  const steps = stepsOf(recipe, task);
  const trainers = separateTrainers(
    {
      ...{ ...trainingOf(context, task, recipe.base, processes), steps },
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
    return (await canonicalForms(network, space, nodeDevice(recipe.device))).values;
  };
}
