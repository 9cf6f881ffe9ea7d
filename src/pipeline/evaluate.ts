/** Stage four: what every network is worth. The selection split may choose; the test split only reports. */
import { join } from "node:path";

import type { Layout } from "../checkpoints/index.ts";
import type { DataSet } from "../data/index.ts";
import { accuracy, distances, meanPairwiseIoU, spread, wrongMask } from "../evaluation/index.ts";
import { makeFolder, writeAtomic, writeJson } from "../files/index.ts";
import type { Group, Results } from "../report/index.ts";
import {
  checkpointPath,
  readCheckpoint,
  type StageContext,
  throwIfAborted,
  verifiedCheckpoints,
  writeCheckpoint,
} from "./context.ts";
import { loadCodec, verifiedGenerator } from "./generator.ts";
import { type JudgeTask, readPredictions } from "./judge.ts";
import { judgeAll } from "./judge-pool.ts";

/** Groups of networks in the order in which they are evaluated and listed. */
const groupNames = ["originals", "ensemble", "reconstructions", "samples"] as const;
type GroupName = (typeof groupNames)[number];

/** Classifications saved together: what a kill can cost. */
const TASK = 250_000;
/** Bytes of checkpoints in memory for one task. */
const TASK_BYTES = 2 ** 26;

/**
 * How many networks of so many generated parameters one task evaluates. All share what does not depend on these, so the
 * more the better, and a task takes the fewer images.
 */
export const networksPerTask = (dimension: number): number => Math.max(1, Math.floor(TASK_BYTES / (4 * dimension)));

const splits = ["selection", "test"] as const;

/** Predicted classes of a group, `[count, images]`, by split. */
type Predictions = Record<(typeof splits)[number], Uint16Array>;

export async function evaluate(context: StageContext): Promise<void> {
  const { recipe, paths: p } = context;
  const { data, chosen } = await context.task();
  const read = async (files: readonly string[]) => Promise.all(files.map((file) => readCheckpoint(file, chosen)));
  const originals = await verifiedCheckpoints(p.zoo, `make the zoo again: pdiff collect ${p.folder} --force`);
  const samples = await verifiedCheckpoints(p.samples, `draw the samples again: pdiff sample ${p.folder} --force`);
  const autoencoder = await verifiedGenerator(p);
  await makeFolder(p.predictions);
  const vectors = { originals: await read(originals), samples: await read(samples) };
  const groups: Record<GroupName, readonly string[]> = {
    originals,
    ensemble: await writeEnsemble(context, vectors.originals, chosen),
    reconstructions: await writeReconstructions(
      context,
      evenly(vectors.originals, recipe.evaluate.reconstructions),
      chosen,
    ),
    samples,
  };
  const predictions = await predict(context, data, groups, chosen.size);

  const byGroup = Object.fromEntries(
    groupNames.map((name) => [name, accuracies(predictions[name], groups[name].length, data)]),
  ) as Record<GroupName, Accuracies>;
  const rows = groupNames.flatMap((name) =>
    byGroup[name].test.map((test, i) => [name, i + 1, byGroup[name].selection[i]!, test].join(",")),
  );
  await writeAtomic(p.accuracies, `group,network,selection,test\n${rows.join("\n")}\n`);

  const masks = (name: GroupName) =>
    groups[name].map((_, k) =>
      wrongMask(predictions[name].test.subarray(k * data.test.count, (k + 1) * data.test.count), data.test.labels),
    );
  const results: Results = {
    ...(Object.fromEntries(groupNames.map((name) => [name, summary(byGroup[name])])) as Record<GroupName, Group>),
    autoencoder,
    pairwiseIoU: { originals: meanPairwiseIoU(masks("originals")), samples: meanPairwiseIoU(masks("samples")) },
    distance: distances(joined(vectors.originals), joined(vectors.samples), chosen.size),
    seconds: context.journal.seconds(),
  };
  await writeJson(p.results, results);
}

/** Mean of vectors. */
function average(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float64Array(vectors[0]!.length);
  for (const v of vectors) for (let i = 0; i < sum.length; i++) sum[i]! += v[i]!;
  return Float32Array.from(sum, (x) => x / vectors.length);
}

/** At most `count` of the vectors, evenly spaced. */
function evenly(vectors: readonly Float32Array[], count: number): Float32Array[] {
  const n = Math.min(count, vectors.length);
  return Array.from({ length: n }, (_, i) => vectors[Math.floor((i * vectors.length) / n)]!);
}

function joined(vectors: readonly Float32Array[]): Float32Array {
  const d = vectors[0]!.length;
  const out = new Float32Array(vectors.length * d);
  vectors.forEach((v, i) => {
    out.set(v, i * d);
  });
  return out;
}

/** The average of the originals' weights, as a checkpoint of its own. */
async function writeEnsemble(
  { paths: p }: StageContext,
  originals: readonly Float32Array[],
  chosen: Layout,
): Promise<string[]> {
  await writeCheckpoint(p.ensemble, chosen, average(originals));
  return [p.ensemble];
}

/** Originals through the autoencoder and back, as checkpoints. */
async function writeReconstructions(
  { recipe, paths: p }: StageContext,
  originals: readonly Float32Array[],
  chosen: Layout,
): Promise<string[]> {
  const { codec } = await loadCodec(recipe, p);
  const decoded = await codec.decode(await codec.encode(joined(originals)));
  await codec.release();
  const files = [];
  for (let i = 0; i < originals.length; i++) {
    const file = checkpointPath(p.reconstructions, i + 1, originals.length);
    await writeCheckpoint(file, chosen, decoded.subarray(i * codec.dimension, (i + 1) * codec.dimension));
    files.push(file);
  }
  return files;
}

/** What there is to do: all networks, in blocks, on all images, in ranges. */
function tasksOf(
  { recipe, paths: p }: StageContext,
  data: DataSet,
  files: readonly string[],
  dimension: number,
): (JudgeTask & { row: number })[] {
  const most = networksPerTask(dimension);
  const { batch } = recipe.evaluate;
  const tasks = [];
  for (let row = 0; row < files.length; row += most) {
    const block = files.slice(row, row + most);
    const images = Math.ceil(TASK / block.length / batch) * batch;
    for (const split of splits) {
      for (let first = 0; first < data[split].count; first += images) {
        const out = join(p.predictions, `${split}-${row + 1}-${first + 1}.u16`);
        tasks.push({ row, files: block, split, first, count: Math.min(images, data[split].count - first), out });
      }
    }
  }
  return tasks;
}

/** Predictions of all groups; those that an earlier sitting finished are read. */
async function predict(
  context: StageContext,
  data: DataSet,
  groups: Record<GroupName, readonly string[]>,
  dimension: number,
): Promise<Record<GroupName, Predictions>> {
  const { recipe, paths: p, signal } = context;
  const files = groupNames.flatMap((group) => groups[group]);
  const all = tasksOf(context, data, files, dimension);
  const sizeOf = (task: JudgeTask) => task.files.length * task.count;
  const images = (tasks: readonly JudgeTask[]) => tasks.reduce((sum, task) => sum + sizeOf(task), 0);
  const missing = [];
  for (const task of all) if ((await readPredictions(task.out, sizeOf(task))) === undefined) missing.push(task);
  const perNetwork = data.selection.count + data.test.count;
  const total = images(all);
  let done = total - images(missing);
  await judgeAll({
    recipe,
    paths: p,
    task: context.task,
    tasks: missing,
    images: total - done,
    async onImages(more) {
      done += more;
      await context.progress("evaluating networks", Math.round(done / perNetwork), Math.round(total / perNetwork));
      throwIfAborted(signal);
    },
  });
  const whole = Object.fromEntries(
    splits.map((split) => [split, new Uint16Array(files.length * data[split].count)]),
  ) as Predictions;
  for (const task of all) {
    const { row, split, first, count, out } = task;
    const predicted = await readPredictions(out, sizeOf(task));
    if (predicted === undefined) throw new Error(`${out} was not written`);
    task.files.forEach((_, k) => {
      const rowOfImages = predicted.subarray(k * count, (k + 1) * count);
      whole[split].set(rowOfImages, (row + k) * data[split].count + first);
    });
  }
  let row = 0;
  return Object.fromEntries(
    groupNames.map((group) => {
      const [start, end] = [row, (row += groups[group].length)];
      const rows = (split: (typeof splits)[number]) =>
        whole[split].subarray(start * data[split].count, end * data[split].count);
      return [group, { selection: rows("selection"), test: rows("test") }];
    }),
  ) as Record<GroupName, Predictions>;
}

/** Accuracy of each network, by split. */
type Accuracies = Record<(typeof splits)[number], number[]>;

function accuracies(predictions: Predictions, count: number, data: DataSet): Accuracies {
  const of = (split: (typeof splits)[number]) => {
    const { labels, count: images } = data[split];
    return Array.from({ length: count }, (_, k) =>
      accuracy(predictions[split].subarray(k * images, (k + 1) * images), labels),
    );
  };
  return { selection: of("selection"), test: of("test") };
}

function summary({ selection, test }: Accuracies): Group {
  const chosen = selection.indexOf(Math.max(...selection));
  return { count: test.length, selection: spread(selection), test: spread(test), chosenTest: test[chosen]! };
}
