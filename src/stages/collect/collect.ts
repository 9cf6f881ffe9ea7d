/**
 * Stage one, "collect": trains the task network and saves the zoo of checkpoints that the generator
 * learns from, and what only the audit sees: held-out checkpoints and reference networks.
 */

import { basename, join } from "node:path";
import { rewriteFile } from "../../checkpoints/index.ts";
import { batchFiller, stepsPerEpoch } from "../../data/index.ts";
import { throwIfAborted, UserError } from "../../errors.ts";
import { acceptanceThresholdOf, accuracy, evaluationBatch, evaluator } from "../../evaluation/index.ts";
import {
  exists,
  makeFolder,
  mapFiles,
  readJson,
  readRegular,
  remove,
  writeAtomic,
  writeJson,
} from "../../files/index.ts";
import { flatten, parameterCount } from "../../layout/index.ts";
import { foldIn } from "../../random/index.ts";
import { differencesOf, loadRunRecipe, type Recipe, requireNetwork } from "../../recipe/index.ts";
import {
  checkpointPath,
  indexOf,
  type Paths,
  paths,
  progressItem,
  readBase,
  readCheckpoint,
  tensorsUnder,
  verifiedCheckpoints,
  verifiedHeldOut,
  writeCheckpoint,
} from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { trainClassifier } from "../../zoo/index.ts";
import { type StageContext, type TrainingTask, trainingReporter } from "../context.ts";
import { hasUnseen } from "../held-out.ts";
import { importZoo, type ZooSources } from "./import-checkpoints.ts";
import { networkZoo } from "./network-files.ts";
import { loadWeights } from "./pretrained.ts";
import { referenceCount, withReferences } from "./references.ts";
import { collectSeparate } from "./separate.ts";
import { trainingOf } from "./task-training.ts";
import { accuracies, stepsOf, trainWhole } from "./whole-training.ts";

/**
 * Collects the zoo of a run whose networks can be run here.
 *
 * Reads the data set, the recipe's checkpoints (`zoo.kind: files`), pretrained weights
 * (`base.weights`), or the zoo of another run (`zoo.reuse`). Writes `base/`, `zoo/`, `held-out/`
 * with the acceptance threshold, `unseen/` and `references/`; the index of the zoo last.
 * @throws UserError `E_DATA`, `E_CHECKPOINT` or `E_CONFIG` when one of these cannot be used.
 * @throws Interrupted after saving, when the signal aborts.
 */
export async function collect(context: StageContext): Promise<void> {
  const { recipe, paths: p, signal } = context;
  if (recipe.zoo.reuse !== undefined) return reuse(context, recipe.zoo.reuse);
  const task = await context.task();
  const { kind, count, heldOut, unseen } = recipe.zoo;
  if (recipe.network.name === "onnx" && !(await exists(p.network)))
    await rewriteFile(recipe.network.file, p.network, new Map());
  let imported: ZooSources | undefined;
  if (kind === "files") {
    await trainBase(context, task);
    const base = await tensorsUnder(p, task.chosen, task.network.layout);
    imported = await importZoo(context, await networkZoo(recipe, task, base));
  } else if (kind === "trajectory") {
    await withReferences(context, task, async () => {
      await trainBase(context, task);
      await collectTrajectory(context, task, { part: "zoo", folder: p.zoo, count });
      await collectTrajectory(context, task, { part: "held-out", folder: p.heldOut, count: heldOut });
    });
  } else {
    await collectSeparate(context, task, { part: "seed", folder: p.zoo, count });
    await collectSeparate(context, task, { part: "held-out", folder: p.heldOut, count: heldOut });
    await collectSeparate(context, task, { part: "unseen", folder: p.unseen, count: unseen });
    if (unseen > 0) await writeJson(p.unseenIndex, { checkpoints: await indexOf(p.unseen, unseen, signal) });
    await withReferences(context, task);
  }
  if (heldOut > 0) await writeAcceptanceThreshold(context, task);
  await writeJson(p.zooIndex, {
    count: recipe.zoo.count,
    parameters: task.chosen.size,
    tensors: task.chosen.entries.map((e) => e.name),
    sources: [...task.data.sources, ...(imported?.sources ?? [])],
    ...(imported && { trajectory: imported.trajectory, differing: imported.differing }),
    checkpoints: await indexOf(p.zoo, recipe.zoo.count, signal),
  });
}

/** Training steps between two checkpoints of a trajectory, for a number of training images. */
export const stepsBetween = ({ every, batch }: Recipe["zoo"], images: number): number =>
  every === "step" ? 1 : every === "epoch" ? stepsPerEpoch(images, batch) : every.steps;

/** Trains the whole network, from pretrained weights if the recipe gives some. */
async function trainBase(context: StageContext, task: TrainingTask): Promise<void> {
  const { recipe, paths: p } = context;
  const { network } = task;
  if (await exists(p.baseIndex)) return;
  const { weights, key: weightsKey } = recipe.base;
  const key = foldIn(context.key, "base");
  const loaded =
    weights === undefined
      ? undefined
      : await loadWeights({
          file: weights,
          fileKey: weightsKey,
          options: recipe.network,
          network,
          images: task.data,
          key: foldIn(key, "initialise"),
        });
  for (const note of loaded?.notes ?? []) await context.note(`${weights}: ${note}`);
  const files = { state: p.baseState, best: p.baseBest };
  const steps = stepsOf(recipe, task);
  const theta = await trainWhole(context, task, {
    key,
    files,
    onStep: trainingReporter(context, "collect", progressItem("train-base"), steps),
    ...(loaded && { start: loaded.state }),
  });
  const sha256 = await writeCheckpoint(p.baseNetwork, network.layout, theta);
  const measured = await accuracies(recipe, task, theta, ["selection", "test"]);
  const parameters = parameterCount(network.layout);
  await writeJson(p.baseIndex, {
    steps,
    parameters,
    accuracy: measured,
    batchesTracked: steps + (loaded?.batchesTracked ?? 0),
    ...(loaded && { weights: { file: weights, sha256: loaded.sha256 } }),
    sha256,
  });
  for (const file of Object.values(files)) await remove(file);
  const percent = (x: number) => `${(100 * x).toFixed(2)} %`;
  await context.note(
    `the network of ${parameters} parameters has a test accuracy of ${percent(measured.test)} (selection split ${percent(measured.selection)})`,
  );
}

/** A trajectory: the zoo, or the held-out checkpoints. */
interface Part {
  readonly part: "zoo" | "held-out";
  readonly folder: string;
  /** Checkpoints to save. */
  readonly count: number;
}

/**
 * Trains the chosen tensors of the base network further and saves checkpoints at even intervals.
 * The held-out checkpoints are another such trajectory of the same length with other batches: a
 * fresh draw from the process that made the zoo, without neighbours in it.
 */
async function collectTrajectory(
  context: StageContext,
  task: TrainingTask,
  { part, folder, count }: Part,
): Promise<void> {
  const { recipe, paths: p } = context;
  const { data, chosen } = task;
  const state = join(folder, "state.safetensors");
  if (count === 0 || (await exists(checkpointPath(folder, count, count)))) return remove(state);
  const { count: checkpoints, skip } = recipe.zoo;
  const interval = stepsBetween(recipe.zoo, data.train.count);
  const steps = skip + checkpoints * interval;
  const base = await readBase(p);
  const names = new Set(chosen.entries.map((e) => e.name));
  await makeFolder(folder);
  const reported = progressItem(part === "zoo" ? "collect-zoo" : "collect-held-out");
  const report = trainingReporter(context, "collect", reported, steps);
  /**
   * The index of the checkpoint that is saved after a step. Of the zoo's checkpoints, `count` at
   * even intervals are saved, the last among them.
   */
  const savedAfter = (done: number): number | undefined => {
    const checkpoint = (done - skip) / interval;
    const index = Math.floor((checkpoint * count) / checkpoints);
    const isFirst = Math.floor(((checkpoint - 1) * count) / checkpoints) < index;
    return checkpoint >= 1 && Number.isInteger(checkpoint) && isFirst ? index : undefined;
  };
  await trainClassifier({
    ...trainingOf(context, task, recipe.zoo),
    steps,
    key: foldIn(context.key, part),
    statistics: recipe.zoo.batchNorm === "train" ? "batch" : "running",
    frozen: new Map([...base].filter(([name]) => !names.has(name))),
    start: flatten(chosen, new Map([...base].filter(([name]) => names.has(name)))),
    saver: context.saver(state),
    watched: (done) => savedAfter(done) !== undefined,
    async onStep(done, loss, theta) {
      const index = savedAfter(done);
      if (index !== undefined) {
        await writeCheckpoint(checkpointPath(folder, index, count), chosen, await theta(), {
          step: String(done),
          loss: String(loss),
        });
      }
      await report(done, loss);
    },
  });
  await remove(state);
}

/**
 * Sets the acceptance threshold before there is any sample: the 5th percentile of the held-out
 * networks' accuracies on the selection split.
 */
async function writeAcceptanceThreshold(context: StageContext, task: TrainingTask): Promise<void> {
  const { recipe, paths: p, signal } = context;
  const { data, chosen, network } = task;
  const { heldOut } = recipe.zoo;
  const checkpoints = await indexOf(p.heldOut, heldOut, signal);
  const vectors = await mapFiles(
    checkpoints,
    (_, i) => readCheckpoint(checkpointPath(p.heldOut, i + 1, heldOut), chosen),
    signal,
  );
  const batch = evaluationBatch(network, chosen, recipe.evaluate.batch);
  const predictor = await evaluator({
    logits: network.logits(batch),
    batch,
    chosen,
    frozen: await tensorsUnder(p, chosen, network.layout),
    openImages: batchFiller,
    device: nodeDevice(recipe.device),
  });
  try {
    const total = heldOut * data.selection.count;
    let seen = 0;
    const predicted = await predictor.predict(data, data.selection, vectors, async (more) => {
      seen += more;
      await context.progress(progressItem("set-threshold"), Math.round((heldOut * seen) / total), heldOut);
      throwIfAborted(signal);
    });
    const { count, labels } = data.selection;
    const selection = vectors.map((_, k) => accuracy(predicted.subarray(k * count, (k + 1) * count), labels));
    const acceptanceThreshold = acceptanceThresholdOf(selection);
    await writeJson(p.heldOutIndex, { acceptanceThreshold, selection, checkpoints });
    await context.note(
      `${heldOut} held-out networks set the acceptance threshold at ${(100 * acceptanceThreshold).toFixed(2)} % of the selection images`,
    );
  } finally {
    await predictor.release();
  }
}

/**
 * The parts of a recipe that a zoo depends on. Networks trained separately do not depend on how
 * many there are, are held out or unseen.
 */
const zooPart = ({ seed, data, network, base, zoo: { reuse: _, count, heldOut, unseen: __, ...zoo } }: Recipe) => ({
  seed,
  data,
  network,
  base,
  zoo,
  ...((zoo.kind === "trajectory" || zoo.kind === "files") && { count, heldOut }),
});

/**
 * Copies base network and zoo from a run with the same settings; of separate networks the first.
 */
async function reuse(context: StageContext, folder: string): Promise<void> {
  const { recipe, paths: p, signal } = context;
  const { count } = recipe.zoo;
  const from = paths(folder);
  if (!(await exists(from.zooIndex)))
    throw new UserError("E_CONFIG", `zoo.reuse: ${folder} is no run folder with a finished zoo; collect it first`);
  const other = requireNetwork(await loadRunRecipe(from.config, context.parts), "to reuse its zoo");
  const differences = differencesOf(zooPart(other), zooPart(recipe));
  if (differences !== "") {
    throw new UserError(
      "E_CONFIG",
      `zoo.reuse: the zoo of ${folder} was made with other settings (${differences}); use the same ones, or leave out zoo.reuse`,
    );
  }
  const redo = `collect that run again: pdiff collect ${folder} --force`;
  const files = await verifiedCheckpoints(from.zoo, redo, signal);
  if (files.length < count) {
    throw new UserError(
      "E_CONFIG",
      `zoo.reuse: ${folder} has ${files.length} checkpoints, fewer than zoo.count (${count}); use at most as many`,
    );
  }
  if (await exists(from.baseNetwork)) {
    for (const name of [from.baseNetwork, from.baseIndex]) await copy(name, p.base);
  }
  for (const file of files.slice(0, count)) {
    throwIfAborted(signal);
    await copy(file, p.zoo);
  }
  if (recipe.zoo.heldOut > 0) {
    const heldOut = await verifiedHeldOut(from, other, signal);
    for (const file of heldOut?.files ?? []) await copy(file, p.heldOut);
    if (heldOut !== undefined) await copy(from.heldOutIndex, p.heldOut);
  }
  if (hasUnseen(recipe)) await reuseUnseen(context, from, redo);
  if (referenceCount(recipe) > 0) {
    for (const file of await verifiedCheckpoints(from.references, redo, signal)) await copy(file, p.references);
    await copy(from.referencesIndex, p.references);
  }
  const index = (await readJson(from.zooIndex)) as { checkpoints: readonly unknown[] };
  await writeJson(p.zooIndex, { ...index, count, checkpoints: index.checkpoints.slice(0, count) });
  await context.note(`reused ${count} checkpoints of ${folder}`);
}

/** Copies the unseen networks of another run; of separate networks the first. */
async function reuseUnseen({ recipe, paths: p, signal }: StageContext, from: Paths, redo: string): Promise<void> {
  const { unseen, unseenFiles } = recipe.zoo;
  const missing = new UserError(
    "E_CONFIG",
    `zoo.reuse: ${from.folder} has fewer unseen networks than zoo.unseen (${unseen}); use at most as many`,
  );
  if (!(await exists(from.unseenIndex))) throw missing;
  const files = await verifiedCheckpoints(from.unseen, redo, signal);
  const count = unseenFiles === undefined ? unseen : files.length;
  if (files.length < count) throw missing;
  for (const file of files.slice(0, count)) await copy(file, p.unseen);
  const index = (await readJson(from.unseenIndex)) as { checkpoints: readonly unknown[] };
  await writeJson(p.unseenIndex, { ...index, checkpoints: index.checkpoints.slice(0, count) });
}

/** Bytes of a file that is copied, at most: what one buffer holds. */
const MAX_COPIED_BYTES = 2 ** 31 - 1;

const copy = async (file: string, folder: string): Promise<void> =>
  writeAtomic(join(folder, basename(file)), await readRegular(file, MAX_COPIED_BYTES));
