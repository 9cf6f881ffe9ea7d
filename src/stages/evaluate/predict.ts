/**
 * The tasks that evaluation is made of: some networks and some images in, one file of predictions or scores out. A task
 * reads and writes only named files of the run, so it can run anywhere, in any order, and twice.
 */
import { readFile } from "node:fs/promises";

import { type DataSet, sliceSplit } from "../../data/index.ts";
import { ENSEMBLE_SCORES, type Evaluator, evaluator, type ImagesListener } from "../../evaluation/index.ts";
import { writeAtomic } from "../../files/index.ts";
import { cost } from "../../graph/index.ts";
import { type MemoryMatrix, rowOf } from "../../numeric/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Paths } from "../../run/index.ts";
import { readCheckpoint, readNetworkFile, tensorsUnder } from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import type { Classifier } from "../../zoo/index.ts";
import type { TrainingTask } from "../context.ts";
import { loadOther } from "./out-of-distribution.ts";

/** Where a network lies: in a checkpoint of its own, or in a row of a file that holds many. */
export interface NetworkAt {
  readonly file: string;
  readonly row?: number;
}

export type PredictedSplit = "selection" | "test" | "other";

export interface PredictJob {
  readonly networks: readonly NetworkAt[];
  /** Whether they are whole networks, and not only the generated tensors. */
  readonly whole: boolean;
  /** `other` is the data set that ensembles are to tell from the run's own. */
  readonly split: PredictedSplit;
  /** Which images of the split: so many from the first on. */
  readonly first: number;
  readonly count: number;
  /** Sizes of ensembles of the first networks to score; predictions of every network where there are none. */
  readonly ensembles?: readonly number[];
  /** Where the result goes: predictions uint16 `[networks, count]`, or scores float32 `[sizes, count, 4]`. */
  readonly out: string;
}

export interface JobPredictor {
  /** Does a task. `onImages` hears how many images more have been classified, and may throw to stop. */
  run(task: PredictJob, onImages: ImagesListener): Promise<void>;
  release(): Promise<void>;
}

/** Bytes that a network's activations may take to stay in a core's cache. */
const CACHED = 2 ** 21;
/** Bytes of activations for each byte of parameters, which every run cuts anew into tensors. */
const PER_PARAMETER = 4;
const MIN_IMAGES = 10;

/**
 * How many images a network sees at once: so few that its activations stay in the cache, and as many as make its parameters worth
 * their copies. The 10 853-parameter CNN takes 28 ms for 1 000 images 25 at a time, 35 ms for 250.
 * @param most a multiple of the answer.
 */
export function imagesAtOnce({ logits, layout }: Classifier, most: number): number {
  const [one, two] = [1, 2].map((images) => cost([logits(images).outputs], "anywhere").peak) as [number, number];
  const fitting = Math.max(CACHED, PER_PARAMETER * 4 * layout.size) / (two - one);
  let images = most;
  while (images > Math.max(MIN_IMAGES, fitting) || most % images !== 0) images--;
  return images;
}

/** Prepares the network of a run for evaluation. */
export async function openJobPredictor(
  recipe: Recipe,
  p: Paths,
  { data, network, chosen }: TrainingTask,
): Promise<JobPredictor> {
  const { batch: most } = recipe.evaluate;
  // What checkpoints have in common is computed once for all of them, and the more images the better.
  const batch = chosen.size === network.layout.size ? imagesAtOnce(network, most) : most;
  const open = new Map<boolean, Evaluator>();
  const evaluatorOf = async (whole: boolean): Promise<Evaluator> => {
    const known = open.get(whole);
    if (known !== undefined) return known;
    const own = whole ? network.layout : chosen;
    const frozen = await tensorsUnder(p, own, network.layout);
    const made = await evaluator({
      ...{ logits: network.logits(batch), batch, chosen: own, frozen },
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
      // The network sees another data set's images as it sees its own.
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

/** Reads networks, a file that holds many only once. */
async function readNetworks(
  networks: readonly NetworkAt[],
  readOne: (file: string) => Promise<Float32Array>,
): Promise<Float32Array[]> {
  const files = new Set(networks.flatMap(({ file, row }) => (row === undefined ? [] : [file])));
  const many = new Map<string, MemoryMatrix>();
  for (const file of files) many.set(file, await readNetworkFile(file));
  return Promise.all(
    networks.map(async ({ file, row }) => {
      const held = many.get(file);
      return row === undefined || held === undefined ? readOne(file) : rowOf(held, row);
    }),
  );
}

/** The bytes that a task wrote; undefined where they are not there or not so many. */
async function readWhole(path: string, length: number): Promise<ArrayBuffer | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes?.length === length ? bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) : undefined;
}

/** Predictions of a task, `[networks, images]`; undefined where they are not there or not whole. */
export async function readPredictions({ networks, count, out }: PredictJob): Promise<Uint16Array | undefined> {
  const bytes = await readWhole(out, 2 * networks.length * count);
  return bytes && new Uint16Array(bytes);
}

/** Scores of a task's ensembles, `[sizes, images, ENSEMBLE_SCORES]`; undefined where they are not there or not whole. */
export async function readScores({ ensembles = [], count, out }: PredictJob): Promise<Float32Array | undefined> {
  const bytes = await readWhole(out, 4 * ensembles.length * count * ENSEMBLE_SCORES);
  return bytes && new Float32Array(bytes);
}
