/**
 * Prediction jobs: networks and images in, one file of predictions or scores out. A job reads and
 * writes only named files of the run, so it can run anywhere, in any order, and twice.
 */
import { readFile } from "node:fs/promises";

import { batchFiller, type DataSet, sliceSplit } from "../../data/index.ts";
import {
  ENSEMBLE_SCORES,
  type Evaluator,
  evaluationBatch,
  evaluator,
  type ImagesListener,
} from "../../evaluation/index.ts";
import { mapFiles, writeAtomic } from "../../files/index.ts";
import { type MemoryMatrix, rowOf } from "../../numeric/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Paths } from "../../run/index.ts";
import { readCheckpoint, readNetworkFile, tensorsUnder } from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import type { TrainingTask } from "../context.ts";
import { loadOther } from "./out-of-distribution.ts";

/** Where a network is stored: in its own checkpoint, or in a row of a file that holds many. */
export interface NetworkAt {
  readonly file: string;
  readonly row?: number;
}

export type PredictedSplit = "selection" | "test" | "other";

export interface PredictJob {
  readonly networks: readonly NetworkAt[];
  /** Whether the files hold whole networks rather than only the generated tensors. */
  readonly whole: boolean;
  /** `other` is the data set that ensembles separate from the run's own. */
  readonly split: PredictedSplit;
  /** The first image of the split, and the number of images. */
  readonly first: number;
  readonly count: number;
  /**
   * Sizes of ensembles of the first networks to score; without them, predictions of every network.
   */
  readonly ensembles?: readonly number[];
  /**
   * The file to write: predictions, uint16 `[networks, count]`, or scores, float32 `[sizes, count,
   * 4]`.
   */
  readonly out: string;
}

export interface JobPredictor {
  /**
   * Runs a job. `onImages` is called with the number of images classified since the last call, and
   * may throw to stop.
   */
  run(task: PredictJob, onImages: ImagesListener): Promise<void>;
  release(): Promise<void>;
}

/** Prepares the network of a run for prediction jobs. */
export async function openJobPredictor(
  recipe: Recipe,
  p: Paths,
  { data, network, chosen }: TrainingTask,
): Promise<JobPredictor> {
  const batch = evaluationBatch(network, chosen, recipe.evaluate.batch);
  const open = new Map<boolean, Evaluator>();
  const evaluatorOf = async (whole: boolean): Promise<Evaluator> => {
    const known = open.get(whole);
    if (known !== undefined) return known;
    const own = whole ? network.layout : chosen;
    const frozen = await tensorsUnder(p, own, network.layout);
    const made = await evaluator({
      logits: network.logits(batch),
      batch,
      chosen: own,
      frozen,
      openImages: batchFiller,
      device: nodeDevice(recipe.device),
    });
    open.set(whole, made);
    return made;
  };
  let other: DataSet | undefined;
  const splitOf = async (name: PredictedSplit) => {
    if (name !== "other") return data[name];
    other ??= await loadOther(recipe, data);
    if (other === undefined) throw new Error("there is no other data set");
    return other.test;
  };
  return {
    async run({ networks, whole, split, first, count, ensembles, out }, onImages) {
      const own = whole ? network.layout : chosen;
      const checkpoints = await readNetworks(networks, (file) => readCheckpoint(file, own));
      const predictor = await evaluatorOf(whole);
      const images = sliceSplit(await splitOf(split), first, count);
      // Images of the other data set are prepared as those of the run.
      const made =
        ensembles === undefined
          ? await predictor.predict(data, images, checkpoints, onImages)
          : await predictor.ensembles(data, images, checkpoints, ensembles, onImages);
      await writeAtomic(out, new Uint8Array(made.buffer));
    },
    release: async () => {
      for (const predictor of open.values()) await predictor.release();
    },
  };
}

/** Reads networks; a file that holds many is read once. */
async function readNetworks(
  networks: readonly NetworkAt[],
  readOne: (file: string) => Promise<Float32Array>,
): Promise<Float32Array[]> {
  const files = new Set(networks.flatMap(({ file, row }) => (row === undefined ? [] : [file])));
  const many = new Map<string, MemoryMatrix>();
  for (const file of files) many.set(file, await readNetworkFile(file));
  return mapFiles(networks, async ({ file, row }) => {
    const held = many.get(file);
    return row === undefined || held === undefined ? readOne(file) : rowOf(held, row);
  });
}

/** The bytes of a result; undefined if the file does not exist or has another length. */
async function readWhole(path: string, length: number): Promise<ArrayBuffer | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes?.length === length ? bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) : undefined;
}

/** Predictions of a job, `[networks, images]`; undefined if they do not exist or are incomplete. */
export async function readPredictions({ networks, count, out }: PredictJob): Promise<Uint16Array | undefined> {
  const bytes = await readWhole(out, 2 * networks.length * count);
  return bytes && new Uint16Array(bytes);
}

/**
 * Scores of the ensembles of a job, `[sizes, images, ENSEMBLE_SCORES]`; undefined if they do not
 * exist or are incomplete.
 */
export async function readScores({ ensembles = [], count, out }: PredictJob): Promise<Float32Array | undefined> {
  const bytes = await readWhole(out, 4 * ensembles.length * count * ENSEMBLE_SCORES);
  return bytes && new Float32Array(bytes);
}
