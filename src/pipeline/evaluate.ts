/** Stage four: what every network is worth. The selection split may choose; the test split only reports. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { readSafetensors } from "../checkpoints/index.ts";
import type { DataSet } from "../data/index.ts";
import { distances, type Evaluator, evaluator, meanPairwiseIoU, spread, wrongMask } from "../evaluation/index.ts";
import { readJson, removeTemporaries, writeAtomic, writeJson } from "../files/index.ts";
import type { Group, Results } from "../report/index.ts";
import { readCheckpoint, type StageContext, throwIfAborted, verifiedCheckpoints } from "./context.ts";
import { loadCodec } from "./fit.ts";

/** Groups of networks in the order in which they are evaluated and listed. */
const groupNames = ["originals", "ensemble", "reconstructions", "samples"] as const;
type GroupName = (typeof groupNames)[number];

/** Checkpoints evaluated together and saved together: what a kill can cost. */
const BLOCK = 50;

const splits = ["selection", "test"] as const;

/** Predicted classes of a group, `[count, images]`, by split. */
type Predictions = Record<(typeof splits)[number], Uint16Array>;

export async function evaluate(context: StageContext): Promise<void> {
  const { recipe, paths: p } = context;
  await mkdir(p.predictions, { recursive: true });
  await removeTemporaries(p.predictions);
  const { data, network, chosen } = await context.task();
  const read = async (files: readonly string[]) => Promise.all(files.map((file) => readCheckpoint(file, chosen)));
  const originals = await read(
    await verifiedCheckpoints(p.zoo, `make the zoo again: pdiff collect ${p.folder} --force`),
  );
  const samples = await read(
    await verifiedCheckpoints(p.samples, `draw the samples again: pdiff sample ${p.folder} --force`),
  );
  const groups: Record<GroupName, readonly Float32Array[]> = {
    originals,
    ensemble: [average(originals)],
    reconstructions: await reconstruct(context, evenly(originals, recipe.evaluate.reconstructions)),
    samples,
  };

  const { batch } = recipe.evaluate;
  const whole = chosen.size === network.layout.size;
  const frozen = whole ? new Map<string, Float32Array>() : (await readSafetensors(p.baseNetwork)).tensors;
  const judge = await evaluator({ logits: network.logits(batch), batch, chosen, frozen, device: recipe.device });
  const images = data.selection.count + data.test.count;
  const total = groupNames.reduce((sum, name) => sum + groups[name].length, 0) * images;
  let done = 0;
  const predictions = {} as Record<GroupName, Predictions>;
  for (const name of groupNames) {
    predictions[name] = await predictGroup(context, judge, data, name, groups[name], async (more) => {
      done += more;
      await context.progress("evaluating networks", Math.round(done / images), Math.round(total / images));
    });
  }
  await judge.release();

  const accuracy = Object.fromEntries(
    groupNames.map((name) => [name, accuracies(predictions[name], groups[name].length, data)]),
  ) as Record<GroupName, Accuracies>;
  const rows = groupNames.flatMap((name) =>
    accuracy[name].test.map((test, i) => [name, i + 1, accuracy[name].selection[i]!, test].join(",")),
  );
  await writeAtomic(p.accuracies, `group,network,selection,test\n${rows.join("\n")}\n`);

  const masks = (name: GroupName) =>
    groups[name].map((_, k) =>
      wrongMask(predictions[name].test.subarray(k * data.test.count, (k + 1) * data.test.count), data.test.labels),
    );
  const generator = (await readJson(p.generatorIndex)) as Pick<Results, "autoencoder">;
  const results: Results = {
    ...(Object.fromEntries(groupNames.map((name) => [name, summary(accuracy[name])])) as Record<GroupName, Group>),
    autoencoder: generator.autoencoder,
    pairwiseIoU: { originals: meanPairwiseIoU(masks("originals")), samples: meanPairwiseIoU(masks("samples")) },
    distance: distances(joined(originals), joined(samples), chosen.size),
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

/** Vectors through the autoencoder and back. */
async function reconstruct(
  { recipe, paths: p }: StageContext,
  vectors: readonly Float32Array[],
): Promise<Float32Array[]> {
  const { codec } = await loadCodec(recipe, p.autoencoder);
  const decoded = await codec.decode(await codec.encode(joined(vectors)));
  await codec.release();
  return vectors.map((_, i) => decoded.subarray(i * codec.dimension, (i + 1) * codec.dimension));
}

/** Predictions of a group, block by block; blocks that an earlier sitting finished are read. */
async function predictGroup(
  { paths: p, signal }: StageContext,
  judge: Evaluator,
  data: DataSet,
  name: GroupName,
  networks: readonly Float32Array[],
  onImages: (more: number) => Promise<void>,
): Promise<Predictions> {
  const result: Predictions = {
    selection: new Uint16Array(networks.length * data.selection.count),
    test: new Uint16Array(networks.length * data.test.count),
  };
  for (let start = 0; start < networks.length; start += BLOCK) {
    const block = networks.slice(start, start + BLOCK);
    for (const split of splits) {
      const { count } = data[split];
      const file = join(p.predictions, `${name}-${start / BLOCK + 1}-${split}.u16`);
      const saved = await readFile(file).catch(() => undefined);
      let predicted: Uint16Array;
      if (saved?.length === 2 * block.length * count) {
        predicted = new Uint16Array(saved.buffer.slice(saved.byteOffset, saved.byteOffset + saved.length));
        await onImages(block.length * count);
      } else {
        let before = 0;
        predicted = await judge.predict(data, data[split], block, async (images) => {
          await onImages((images - before) * block.length);
          before = images;
          throwIfAborted(signal);
        });
        await writeAtomic(file, new Uint8Array(predicted.buffer));
      }
      result[split].set(predicted, start * count);
    }
  }
  return result;
}

/** Accuracy of each network, by split. */
type Accuracies = Record<(typeof splits)[number], number[]>;

function accuracies(predictions: Predictions, count: number, data: DataSet): Accuracies {
  const of = (split: (typeof splits)[number]) => {
    const { labels, count: images } = data[split];
    return Array.from({ length: count }, (_, k) => {
      let right = 0;
      for (let i = 0; i < images; i++) if (predictions[split][k * images + i] === labels[i]) right++;
      return right / images;
    });
  };
  return { selection: of("selection"), test: of("test") };
}

function summary({ selection, test }: Accuracies): Group {
  const chosen = selection.indexOf(Math.max(...selection));
  return { count: test.length, selection: spread(selection), test: spread(test), chosenTest: test[chosen]! };
}
