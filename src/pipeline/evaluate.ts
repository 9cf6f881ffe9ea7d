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

/** Checkpoints evaluated together and saved together: what a kill can cost. */
export const BLOCK = 25;

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
  const predictions = await predict(context, data, groups);

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

/** Predictions of all groups, in blocks; blocks that an earlier sitting finished are read. */
async function predict(
  context: StageContext,
  data: DataSet,
  groups: Record<GroupName, readonly string[]>,
): Promise<Record<GroupName, Predictions>> {
  const { recipe, paths: p, signal } = context;
  const blocks = groupNames.flatMap((group) =>
    Array.from({ length: Math.ceil(groups[group].length / BLOCK) }, (_, block) => ({
      group,
      block,
      files: groups[group].slice(block * BLOCK, (block + 1) * BLOCK),
    })),
  );
  const all = blocks.flatMap(({ group, block, files }) =>
    splits.map((split) => ({
      group,
      block,
      files,
      split,
      out: join(p.predictions, `${group}-${block + 1}-${split}.u16`),
    })),
  );
  const images = (tasks: readonly JudgeTask[]) =>
    tasks.reduce((sum, { files, split }) => sum + files.length * data[split].count, 0);
  const missing = [];
  for (const task of all) if ((await readPredictions(task.out, images([task]))) === undefined) missing.push(task);
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
  const result = Object.fromEntries(
    groupNames.map((group) => [
      group,
      Object.fromEntries(splits.map((split) => [split, new Uint16Array(groups[group].length * data[split].count)])),
    ]),
  ) as Record<GroupName, Predictions>;
  for (const { group, block, files, split, out } of all) {
    const predicted = await readPredictions(out, files.length * data[split].count);
    if (predicted === undefined) throw new Error(`${out} was not written`);
    result[group][split].set(predicted, block * BLOCK * data[split].count);
  }
  return result;
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
