/**
 * Evaluates classifiers that can be run here: their predictions and accuracies. The selection split
 * may choose networks; the test split only reports.
 */

import type { DataSet } from "../../data/index.ts";
import {
  ACCURACY,
  accuracies,
  compareDistance,
  compareIoU,
  distances,
  liesTogether,
  meanWithin,
  mistakes,
  spread,
} from "../../evaluation/index.ts";
import { yieldToEvents } from "../../event-loop.ts";
import { makeFolder, mapFiles, writeAtomic } from "../../files/index.ts";
import type { Layout } from "../../layout/index.ts";
import { at, get, given } from "../../lookup.ts";
import { concatenate, evenly } from "../../numeric/index.ts";
import {
  type ClassifierGroup,
  type ClassifierGroupName,
  classifierGroupNames,
  type Results,
} from "../../records/index.ts";
import { checkpointPath, readCheckpoint, verifiedCheckpoints, writeCheckpoint } from "../../run/index.ts";
import type { StageContext } from "../context.ts";
import { loadCodec } from "../fit/generator-files.ts";
import { contentsOf } from "../fit/generator-index.ts";
import { type Predictions, predict, splits } from "./predictions.ts";

/**
 * Evaluates all classifiers of a run, and writes `accuracies.csv`.
 * @returns the part of the results that is known of classifiers.
 */
export async function evaluateClassifiers(
  context: StageContext,
): Promise<Pick<Results, "metric" | "classification" | "scores">> {
  const { paths: p, task } = context;
  const { data, chosen } = await task();
  const { vectors, predictions } = await evaluated(context);
  const all = new Map<ClassifierGroupName, Accuracies>();
  for (const name of classifierGroupNames) {
    await yieldToEvents(context.signal);
    all.set(name, accuraciesOf(predictions[name], data));
  }
  const groupOf = (name: ClassifierGroupName) => summary(get(all, name));
  const rows = [...all].flatMap(([name, { selection, test }]) =>
    test.map((accuracy, i) => [name, i + 1, at(selection, i), accuracy].join(",")),
  );
  await writeAtomic(p.accuracies, `group,network,selection,test\n${rows.join("\n")}\n`);

  const within = (name: ClassifierGroupName) =>
    meanWithin(mistakes(given(predictions[name].test), data.test.labels), context.signal);
  const pairwiseIoU = { originals: await within("originals"), samples: await within("samples") };
  const [originals, samples] = [concatenate(vectors.originals), concatenate(vectors.samples)];
  const distance = await distances(originals, samples, chosen.size, context.signal);
  const { samplesToMean, samplesApart } = distance;
  return {
    metric: ACCURACY,
    classification: {
      originals: groupOf("originals"),
      ensemble: groupOf("ensemble"),
      reconstructions: given(predictions.reconstructions.test).length === 0 ? null : groupOf("reconstructions"),
      samples: groupOf("samples"),
      pairwiseIoU: { ...pairwiseIoU, ...compareIoU(pairwiseIoU) },
      distance: {
        ...distance,
        toMean: compareDistance(samplesToMean),
        apart: compareDistance(samplesApart),
        repeated: liesTogether(samplesApart),
      },
    },
    scores: null,
  };
}

/**
 * The networks that this stage evaluates, for later stages: files, vectors and predictions by
 * group.
 */
export interface Evaluated {
  readonly files: Readonly<Record<ClassifierGroupName, readonly string[]>>;
  readonly vectors: Readonly<Record<"originals" | "samples", readonly Float32Array[]>>;
  readonly predictions: Readonly<Record<ClassifierGroupName, Predictions>>;
}

/**
 * Predicts with originals, their average, reconstructions and samples. Predictions that exist are
 * read.
 */
export async function evaluated(context: StageContext): Promise<Evaluated> {
  const { recipe } = context;
  const { data, chosen } = await context.task();
  const { files: given, vectors } = await evaluatedFiles(context);
  const files: Record<ClassifierGroupName, readonly string[]> = {
    originals: given.originals,
    ensemble: await writeEnsemble(context, vectors.originals, chosen),
    reconstructions: contentsOf(context).autoencoder
      ? await writeReconstructions(context, evenly(vectors.originals, recipe.evaluate.reconstructions), chosen)
      : [],
    samples: given.samples,
  };
  const predictions = await predict(context, {
    data,
    splits,
    dimension: chosen.size,
    name: "evaluate",
    groups: Object.fromEntries(classifierGroupNames.map((name) => [name, files[name].map((file) => ({ file }))])),
  });
  return { files, vectors, predictions: predictions as Record<ClassifierGroupName, Predictions> };
}

/** Reads originals and samples, and verifies their files. */
async function evaluatedFiles({ paths: p, task, signal }: StageContext) {
  const { chosen } = await task();
  const files = {
    originals: await verifiedCheckpoints(p.zoo, `make the zoo again: pdiff collect ${p.folder} --force`, signal),
    samples: await verifiedCheckpoints(p.samples, `draw the samples again: pdiff sample ${p.folder} --force`, signal),
  };
  const read = (of: readonly string[]) => mapFiles(of, (file) => readCheckpoint(file, chosen), signal);
  return { files, vectors: { originals: await read(files.originals), samples: await read(files.samples) } };
}

/** Mean of vectors. */
function average(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float64Array(at(vectors, 0).length);
  for (const v of vectors) for (let i = 0; i < sum.length; i++) sum[i]! += v[i]!;
  return Float32Array.from(sum, (x) => x / vectors.length);
}

/** Writes the average of the originals' weights as a checkpoint. */
async function writeEnsemble(
  { paths: p }: StageContext,
  originals: readonly Float32Array[],
  chosen: Layout,
): Promise<string[]> {
  await makeFolder(p.evaluation);
  await writeCheckpoint(p.ensemble, chosen, average(originals));
  return [p.ensemble];
}

/** Writes reconstructions: originals encoded and decoded by the autoencoder. */
async function writeReconstructions(
  context: StageContext,
  originals: readonly Float32Array[],
  chosen: Layout,
): Promise<string[]> {
  const { paths: p } = context;
  const { codec } = await loadCodec(context);
  const decoded = await codec.decode(await codec.encode(concatenate(originals)));
  await codec.release();
  const files = [];
  for (let i = 0; i < originals.length; i++) {
    await yieldToEvents(context.signal);
    const file = checkpointPath(p.reconstructions, i + 1, originals.length);
    await writeCheckpoint(file, chosen, decoded.subarray(i * codec.dimension, (i + 1) * codec.dimension));
    files.push(file);
  }
  return files;
}

/** Accuracies of all networks, by split. */
type Accuracies = Record<(typeof splits)[number], number[]>;

function accuraciesOf(predictions: Predictions, data: DataSet): Accuracies {
  const of = (split: (typeof splits)[number]) => [
    ...accuracies(mistakes(given(predictions[split]), data[split].labels)),
  ];
  return { selection: of("selection"), test: of("test") };
}

function summary({ selection, test }: Accuracies): ClassifierGroup {
  const chosen = selection.indexOf(Math.max(...selection));
  return {
    count: test.length,
    selection: spread(selection),
    test: spread(test),
    chosenTest: at(test, chosen),
    accuracies: { selection, test },
  };
}
