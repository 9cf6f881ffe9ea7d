/** Trains a whole network with the recipe's base settings: the base or a reference network. */

import { readSafetensors } from "../../checkpoints/index.ts";
import { batchFiller, stepsPerEpoch } from "../../data/index.ts";
import { accuracy, evaluationBatch, evaluator } from "../../evaluation/index.ts";
import { exists } from "../../files/index.ts";
import { flatten } from "../../layout/index.ts";
import { given } from "../../lookup.ts";
import type { Key } from "../../random/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { writeCheckpoint } from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { trainClassifier } from "../../zoo/index.ts";
import type { TrainingTask } from "../context.ts";
import { type TrainingContext, trainingOf } from "./task-training.ts";

export interface WholeTraining {
  readonly key: Key;
  /** Paths of the snapshot and of the network of the best epoch. */
  readonly files: { readonly state: string; readonly best: string };
  /** The initial values; drawn from the key by default. */
  readonly start?: Float32Array;
  /** How many processes share the machine's cores; 1 by default. */
  readonly processes?: number;
  onStep(done: number, loss: number): void | Promise<void>;
}

/** Steps of a base training. */
export const stepsOf = ({ base }: Pick<Recipe, "base">, { data }: Pick<TrainingTask, "data">): number =>
  base.epochs * stepsPerEpoch(data.train.count, base.batch);

/**
 * Trains a whole network, and picks the last or the best epoch (`base.keep`).
 * @throws Interrupted after saving, when the signal aborts before the last step.
 */
export async function trainWhole(
  context: TrainingContext,
  task: TrainingTask,
  { key, files, start, processes, onStep }: WholeTraining,
): Promise<Float32Array> {
  const { recipe } = context;
  const steps = stepsOf(recipe, task);
  if (start !== undefined && steps === 0) return start;
  const perEpoch = stepsPerEpoch(task.data.train.count, recipe.base.batch);
  const best = recipe.base.keep === "selection" ? bestNetwork(recipe, task, files.best) : undefined;
  const watched = (done: number) => best !== undefined && done % perEpoch === 0;
  const last = await trainClassifier({
    ...trainingOf(context, task, recipe.base, processes),
    steps,
    key,
    ...(start && { start }),
    saver: context.saver(files.state),
    watched,
    async onStep(done, loss, state) {
      if (watched(done)) await given(best).offer(done, await state());
      await onStep(done, loss);
    },
  });
  return (await best?.read()) ?? last;
}

/**
 * Keeps the network of the epoch that is best on the selection split, in a file. The first of
 * equals wins, so that an epoch that is repeated after a kill changes nothing.
 */
function bestNetwork(recipe: Recipe, { data, network }: TrainingTask, file: string) {
  const kept = async () => ((await exists(file)) ? await readSafetensors(file) : undefined);
  return {
    async offer(step: number, theta: Float32Array): Promise<void> {
      const { selection } = await accuracies(recipe, { data, network }, theta, ["selection"]);
      const { metadata } = (await kept()) ?? {};
      if (metadata !== undefined && Number(metadata.accuracy) >= selection) return;
      await writeCheckpoint(file, network.layout, theta, { step: String(step), accuracy: String(selection) });
    },
    async read(): Promise<Float32Array | undefined> {
      const found = await kept();
      return found && flatten(network.layout, found.tensors);
    },
  };
}

/** The accuracy of a network on splits, as fractions. */
export async function accuracies<Name extends "selection" | "test">(
  { evaluate, device }: Recipe,
  { data, network }: Pick<TrainingTask, "data" | "network">,
  theta: Float32Array,
  splits: readonly Name[],
): Promise<Record<Name, number>> {
  const batch = evaluationBatch(network, network.layout, evaluate.batch);
  const predictor = await evaluator({
    logits: network.logits(batch),
    batch,
    chosen: network.layout,
    frozen: new Map(),
    openImages: batchFiller,
    device: nodeDevice(device),
  });
  const result: Partial<Record<Name, number>> = {};
  for (const split of splits)
    result[split] = accuracy(await predictor.predict(data, data[split], [theta]), data[split].labels);
  await predictor.release();
  return result as Record<Name, number>;
}
