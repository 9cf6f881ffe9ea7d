/** Stage one: train the task network and save the zoo of checkpoints that everything else learns from. */
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";

import { flatten, parameterCount, readSafetensors } from "../checkpoints/index.ts";
import { stepsPerEpoch } from "../data/index.ts";
import { UserError } from "../errors.ts";
import { accuracy, evaluator } from "../evaluation/index.ts";
import { makeFolder, remove, writeAtomic, writeJson } from "../files/index.ts";
import { fold } from "../random/index.ts";
import { trainClassifier } from "../zoo/index.ts";
import {
  checkpointPath,
  exists,
  indexOf,
  readBase,
  type StageContext,
  type Task,
  throwIfAborted,
  trainingReporter,
  verifiedCheckpoints,
  writeCheckpoint,
} from "./context.ts";
import { differencesOf } from "./difference.ts";
import { loadRecipe, type Recipe } from "./recipe.ts";
import { paths } from "./run-folder.ts";
import { loadWeights } from "./weights.ts";

export async function collect(context: StageContext): Promise<void> {
  const { recipe, paths: p } = context;
  if (recipe.zoo.reuse !== undefined) return reuse(context, recipe.zoo.reuse);
  const task = await context.task();
  if (recipe.zoo.kind === "seeds") await collectSeeds(context, task);
  else {
    await trainBase(context, task);
    await collectTrajectory(context, task);
  }
  await writeJson(p.zooIndex, {
    count: recipe.zoo.count,
    parameters: task.chosen.size,
    tensors: task.chosen.entries.map((e) => e.name),
    sources: task.data.sources,
    checkpoints: await indexOf(p.zoo, recipe.zoo.count),
  });
  await remove(p.zooState);
}

/** Steps between two checkpoints of a trajectory through so many training images. */
export const stepsBetween = ({ every, batch }: Recipe["zoo"], images: number): number =>
  every === "step" ? 1 : every === "epoch" ? stepsPerEpoch(images, batch) : every.steps;

/** Threads that make batches ahead are only so many: a step takes longer than a few of them need for its batch. */
const MOST_WORKERS = 4;

/** Shares of waiting above this are told as a warning. */
const MUCH_WAITING = 0.05;

/** What all trainings of this stage have in common. */
function trainingOf(
  context: StageContext,
  { data, network }: Task,
  { batch, lr, optimiser, schedule }: Recipe["base"] | Recipe["zoo"],
) {
  const { recipe, signal } = context;
  const workers =
    data.view === null ? 0 : Math.min(MOST_WORKERS, Math.max(1, availableParallelism() - recipe.device.threads));
  return {
    ...{ classifier: network, data, batch, lr, optimiser, schedule, device: recipe.device, signal, workers },
    async onWaited(share: number) {
      if (workers === 0) return;
      const text = `waited for images ${(100 * share).toFixed(1)} % of the time (decoding and augmentation by ${workers} ${workers === 1 ? "thread" : "threads"})`;
      await (share > MUCH_WAITING ? context.warn(text) : context.note(text));
    },
  };
}

/** Trains the whole network, from pretrained weights where there are some, unless that is done. */
async function trainBase(context: StageContext, task: Task): Promise<void> {
  const { recipe, paths: p } = context;
  const { data, network } = task;
  if (await exists(p.baseIndex)) return;
  const { epochs, batch, weights } = recipe.base;
  const perEpoch = stepsPerEpoch(data.train.count, batch);
  const steps = epochs * perEpoch;
  const key = fold(context.key, "base");
  const loaded =
    weights === undefined
      ? undefined
      : await loadWeights({
          file: weights,
          options: recipe.network,
          network,
          images: data,
          key: fold(key, "initialise"),
        });
  for (const note of loaded?.notes ?? []) await context.note(`${weights}: ${note}`);
  const report = trainingReporter(context, "collect", "training the network", steps);
  const best = recipe.base.keep === "selection" ? bestNetwork(context, task) : undefined;
  const last =
    loaded !== undefined && steps === 0
      ? loaded.state
      : await trainClassifier({
          ...trainingOf(context, task, recipe.base),
          steps,
          key,
          ...(loaded && { start: loaded.state }),
          saver: context.saver(p.baseState),
          async onStep(done, loss, state) {
            if (best !== undefined && done % perEpoch === 0) await best.meet(done, state());
            await report(done, loss);
          },
        });
  const theta = (steps > 0 && (await best?.read())) || last;
  const sha256 = await writeCheckpoint(p.baseNetwork, network.layout, theta);
  const measured = await accuracies(context, { data, network }, theta, ["selection", "test"]);
  const parameters = parameterCount(network.layout);
  await writeJson(p.baseIndex, {
    steps,
    parameters,
    accuracy: measured,
    batchesTracked: steps + (loaded?.batchesTracked ?? 0),
    ...(loaded && { weights: { file: weights, sha256: loaded.sha256 } }),
    sha256,
  });
  await remove(p.baseState);
  await remove(p.baseBest);
  const percent = (x: number) => `${(100 * x).toFixed(2)} %`;
  await context.note(
    `the network of ${parameters} parameters is right on ${percent(measured.test)} of the test images (selection ${percent(measured.selection)})`,
  );
}

/**
 * The network of the epoch that is best on the selection split, kept in a file: of equals the first, so that an epoch met
 * twice, after a kill, changes nothing.
 */
function bestNetwork(context: StageContext, { data, network }: Task) {
  const { baseBest: file } = context.paths;
  const kept = async () => ((await exists(file)) ? await readSafetensors(file) : undefined);
  return {
    async meet(step: number, theta: Float32Array): Promise<void> {
      const { selection } = await accuracies(context, { data, network }, theta, ["selection"]);
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

/** Accuracy of a network on some of the splits. */
async function accuracies<Name extends "selection" | "test">(
  { recipe }: StageContext,
  { data, network }: Pick<Task, "data" | "network">,
  theta: Float32Array,
  splits: readonly Name[],
): Promise<Record<Name, number>> {
  const { batch } = recipe.evaluate;
  const judge = await evaluator({
    logits: network.logits(batch),
    batch,
    chosen: network.layout,
    frozen: new Map(),
    device: recipe.device,
  });
  const result: Partial<Record<Name, number>> = {};
  for (const split of splits)
    result[split] = accuracy(await judge.predict(data, data[split], [theta]), data[split].labels);
  await judge.release();
  return result as Record<Name, number>;
}

/** Goes on training the chosen tensors and saves one checkpoint per step or epoch. */
async function collectTrajectory(context: StageContext, task: Task): Promise<void> {
  const { recipe, paths: p } = context;
  const { data, chosen } = task;
  const { count, skip } = recipe.zoo;
  const interval = stepsBetween(recipe.zoo, data.train.count);
  const steps = skip + count * interval;
  const base = await readBase(p);
  const names = new Set(chosen.entries.map((e) => e.name));
  await makeFolder(p.zoo);
  const report = trainingReporter(context, "collect", "collecting checkpoints", steps);
  await trainClassifier({
    ...trainingOf(context, task, recipe.zoo),
    steps,
    key: fold(context.key, "zoo"),
    statistics: recipe.zoo.batchNorm === "train" ? "batch" : "running",
    frozen: new Map([...base].filter(([name]) => !names.has(name))),
    start: flatten(chosen, new Map([...base].filter(([name]) => names.has(name)))),
    saver: context.saver(p.zooState),
    async onStep(done, loss, theta) {
      if (done > skip && (done - skip) % interval === 0) {
        await writeCheckpoint(checkpointPath(p.zoo, (done - skip) / interval, count), chosen, theta(), {
          step: String(done),
          loss: String(loss),
        });
      }
      await report(done, loss);
    },
  });
}

/** Trains K networks, each from its own initial values and with its own order of the data. */
async function collectSeeds(context: StageContext, task: Task): Promise<void> {
  const { recipe, paths: p, signal } = context;
  const { count } = recipe.zoo;
  const steps = recipe.base.epochs * stepsPerEpoch(task.data.train.count, recipe.base.batch);
  await makeFolder(p.zoo);
  for (let i = 1; i <= count; i++) {
    const path = checkpointPath(p.zoo, i, count);
    const state = join(p.zoo, `state-${i}.safetensors`);
    let last = 0;
    if (await exists(path)) {
      await remove(state);
      continue;
    }
    const theta = await trainClassifier({
      ...trainingOf(context, task, recipe.base),
      steps,
      key: fold(context.key, "seed", i),
      saver: context.saver(state),
      async onStep(done, loss) {
        last = loss;
        await context.progress("training separate networks", (i - 1) * steps + done, count * steps, { loss });
      },
    });
    await context.journal.measure({ stage: "collect", task: "training separate networks", step: i, loss: last });
    await writeCheckpoint(path, task.chosen, theta, { seed: String(i), loss: String(last) });
    await remove(state);
    throwIfAborted(signal);
  }
}

/** The parts of a recipe on which a zoo depends. */
const zooPart = ({ seed, data, network, base, zoo: { reuse: _, ...zoo } }: Recipe) => ({
  seed,
  data,
  network,
  base,
  zoo,
});

/** Copies base network and zoo from a run that was made with the same settings. */
async function reuse(context: StageContext, folder: string): Promise<void> {
  const { recipe, paths: p } = context;
  const from = paths(folder);
  if (!(await exists(from.zooIndex)))
    throw new UserError("E_CONFIG", `zoo.reuse: ${folder} is no run folder with a finished zoo; collect it first`);
  const other = await loadRecipe(from.config);
  const differences = differencesOf(zooPart(other), zooPart(recipe));
  if (differences !== "") {
    throw new UserError(
      "E_CONFIG",
      `zoo.reuse: the zoo of ${folder} was made with other settings (${differences}); use the same ones, or leave out zoo.reuse`,
    );
  }
  const files = await verifiedCheckpoints(from.zoo, `collect that run again: pdiff collect ${folder} --force`);
  if (await exists(from.baseNetwork)) {
    for (const name of [from.baseNetwork, from.baseIndex]) await copy(name, p.base);
  }
  for (const file of files) await copy(file, p.zoo);
  await copy(from.zooIndex, p.zoo);
  await context.note(`took over ${files.length} checkpoints from ${folder}`);
}

const copy = async (file: string, folder: string): Promise<void> =>
  writeAtomic(join(folder, basename(file)), await readFile(file));
