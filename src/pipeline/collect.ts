/** Stage one: train the task network and save the zoo of checkpoints that everything else learns from. */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { flatten, parameterCount } from "../checkpoints/index.ts";
import { UserError } from "../errors.ts";
import { accuracy, evaluator } from "../evaluation/index.ts";
import { makeFolder, remove, writeAtomic, writeJson } from "../files/index.ts";
import { fold } from "../random/index.ts";
import { stepsPerEpoch, trainClassifier } from "../zoo/index.ts";
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

/** What all trainings of this stage have in common. */
function trainingOf(
  { recipe, signal }: StageContext,
  { data, network }: Task,
  { batch, lr, optimiser, schedule }: Recipe["base"] | Recipe["zoo"],
) {
  return { classifier: network, data, batch, lr, optimiser, schedule, device: recipe.device, signal };
}

/** Trains the whole network, from pretrained weights where there are some, unless that is done. */
async function trainBase(context: StageContext, task: Task): Promise<void> {
  const { recipe, paths: p } = context;
  const { data, network } = task;
  if (await exists(p.baseIndex)) return;
  const { epochs, batch, weights } = recipe.base;
  const steps = epochs * stepsPerEpoch(data.train.count, batch);
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
  const theta =
    loaded !== undefined && steps === 0
      ? loaded.state
      : await trainClassifier({
          ...trainingOf(context, task, recipe.base),
          steps,
          key,
          ...(loaded && { start: loaded.state }),
          saver: context.saver(p.baseState),
          onStep: trainingReporter(context, "collect", "training the network", steps),
        });
  const sha256 = await writeCheckpoint(p.baseNetwork, network.layout, theta);
  const measured = await accuracies(context, { data, network }, theta);
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
  const percent = (x: number) => `${(100 * x).toFixed(2)} %`;
  await context.note(
    `the network of ${parameters} parameters is right on ${percent(measured.test)} of the test images (selection ${percent(measured.selection)})`,
  );
}

async function accuracies(
  { recipe }: StageContext,
  { data, network }: Pick<Task, "data" | "network">,
  theta: Float32Array,
) {
  const { batch } = recipe.evaluate;
  const judge = await evaluator({
    logits: network.logits(batch),
    batch,
    chosen: network.layout,
    frozen: new Map(),
    device: recipe.device,
  });
  const share = async (split: "selection" | "test") =>
    accuracy(await judge.predict(data, data[split], [theta]), data[split].labels);
  const result = { selection: await share("selection"), test: await share("test") };
  await judge.release();
  return result;
}

/** Goes on training the chosen tensors and saves one checkpoint per step or epoch. */
async function collectTrajectory(context: StageContext, task: Task): Promise<void> {
  const { recipe, paths: p } = context;
  const { data, chosen } = task;
  const { count, every, batch } = recipe.zoo;
  const interval = every === "step" ? 1 : stepsPerEpoch(data.train.count, batch);
  const steps = count * interval;
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
      if (done % interval === 0) {
        await writeCheckpoint(checkpointPath(p.zoo, done / interval, count), chosen, theta(), {
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
