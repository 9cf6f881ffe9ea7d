/**
 * Evaluates many checkpoints of one network: their predictions, and the scores of their ensembles.
 * What the chosen tensors do not touch is computed once for each chunk of images and shared by all
 * checkpoints.
 */

import type { BatchFiller, Preparation, Split } from "../data/index.ts";
import type { Data, Device } from "../runtime/index.ts";
import { scoresOf } from "./calibration.ts";
import { type EvaluationGraph, evaluationGraph, type GraphOptions } from "./evaluation-graph.ts";
import { type CheckpointSessions, isWorthSpecialising, type OutputKind, sessionsOf, specialise } from "./sessions.ts";

/** A network, and how to evaluate it. */
export interface EvaluatorOptions extends GraphOptions {
  /** Opens a split of images: `batchFiller` of the room `data`. */
  readonly openImages: (preparation: Preparation, split: Split) => BatchFiller;
  readonly device: Device;
}

/**
 * Called from time to time with the number of images classified since the last call. May throw to
 * stop.
 */
export type ImagesListener = (more: number) => void | Promise<void>;

/** Evaluates checkpoints of one network. */
export interface Evaluator {
  /**
   * Predicted classes of every image of a split by every checkpoint, `[checkpoints, images]`.
   * @param preparation how the network sees the images.
   * @param checkpoints flat vectors of the chosen tensors.
   */
  predict(
    preparation: Preparation,
    split: Split,
    checkpoints: readonly Float32Array[],
    onImages?: ImagesListener,
  ): Promise<Uint16Array>;
  /**
   * Scores of ensembles, whose probabilities are the average over the first 1, 2, … checkpoints:
   * `[sizes, images, ENSEMBLE_SCORES]`. The scores are right (0 or 1), confidence, negative
   * log-likelihood and Brier score.
   * @param sizes ascending, none above the number of checkpoints.
   */
  ensembles(
    preparation: Preparation,
    split: Split,
    checkpoints: readonly Float32Array[],
    sizes: readonly number[],
    onImages?: ImagesListener,
  ): Promise<Float32Array>;
  /** Frees the sessions. The evaluator cannot run afterwards. */
  release(): Promise<void>;
}

/** Numbers that `ensembles` gives for each size and image. */
export const ENSEMBLE_SCORES = 4;

/** Runs between two reports of progress. */
const REPORT_EVERY = 25;

/** Bytes of images that are kept prepared for one specialised session after the other. */
const PREPARED = 2 ** 26;

/** Compiles a network for evaluation. */
export async function evaluator({ openImages, device, ...options }: EvaluatorOptions): Promise<Evaluator> {
  const graph = evaluationGraph(options);
  const plain = await sessionsOf(graph, device);
  const specialised = specialise(plain, graph, device);
  const atOnce = Math.max(1, Math.floor(PREPARED / (4 * graph.imageSize)));
  const run = (kind: OutputKind, { preparation, split, ...rest }: Work, visit: Visit) => {
    const special = isWorthSpecialising(graph, device, Math.min(split.count, atOnce * graph.batch));
    return runAll(
      { kind, graph, sessions: special ? specialised : plain, chunks: special ? atOnce : 1 },
      { ...rest, split, filler: openImages(preparation, split) },
      visit,
    );
  };
  return {
    async predict(preparation, split, checkpoints, onImages) {
      const result = new Uint16Array(checkpoints.length * split.count);
      await run("classes", { preparation, split, checkpoints, onImages }, (out, network, first, count) =>
        result.set(out.subarray(0, count) as Int32Array, network * split.count + first),
      );
      return result;
    },
    async ensembles(preparation, split, checkpoints, sizes, onImages) {
      const { classes } = graph;
      const result = new Float32Array(sizes.length * split.count * ENSEMBLE_SCORES);
      const sums = new Float64Array(split.count * classes);
      await run("probabilities", { preparation, split, checkpoints, onImages }, (out, network, first, count) => {
        const sum = sums.subarray(first * classes, (first + count) * classes);
        for (let i = 0; i < sum.length; i++) sum[i]! += Number(out[i]);
        const row = sizes.indexOf(network + 1);
        if (row < 0) return;
        const mean = Float32Array.from(sum, (s) => s / (network + 1));
        const scores = scoresOf(mean, split.labels.subarray(first, first + count), classes);
        for (let i = 0; i < count; i++) {
          const { right, confidence, nll, brier } = scores;
          const at = (row * split.count + first + i) * ENSEMBLE_SCORES;
          result.set([right[i]!, confidence[i]!, nll[i]!, brier[i]!], at);
        }
      });
      return result;
    },
    release: () => plain.release(),
  };
}

/** Images and the checkpoints to run on them. */
interface Work {
  readonly preparation: Preparation;
  readonly split: Split;
  readonly checkpoints: readonly Float32Array[];
  readonly onImages: ImagesListener | undefined;
}

/** Gets the output of one network for `count` images from `first` on. */
type Visit = (out: Data, network: number, first: number, count: number) => void;

/** Runs every checkpoint on every image: `chunks` batches for one checkpoint, then for the next. */
async function runAll(
  {
    kind,
    graph: { batch, classes, imageSize },
    sessions,
    chunks: atOnce,
  }: {
    readonly kind: OutputKind;
    readonly graph: EvaluationGraph;
    readonly sessions: CheckpointSessions;
    readonly chunks: number;
  },
  {
    split,
    filler,
    checkpoints,
    onImages,
  }: Pick<Work, "split" | "checkpoints" | "onImages"> & { readonly filler: BatchFiller },
  visit: Visit,
): Promise<void> {
  const labels = new Int32Array(batch);
  const into = { out: kind === "classes" ? new Int32Array(batch) : new Float32Array(batch * classes) };
  const arrays: Float32Array[] = [];
  /** Feeds for the images from `first` on, in array number `i`. */
  const prepare = async (first: number, i: number) => {
    arrays[i] ??= new Float32Array(imageSize);
    const images = arrays[i];
    const count = Math.min(batch, split.count - first);
    // The last chunk is filled up with its first image, whose predictions are dropped.
    const indices = Int32Array.from({ length: batch }, (_, k) => first + (k < count ? k : 0));
    filler.fill(indices, images, labels);
    return { first, count, feeds: await sessions.feedsOf(kind, images) };
  };
  const step = batch * atOnce;
  let [runs, since] = [0, 0];
  try {
    for (let start = 0; start < split.count; start += step) {
      const chunks: Awaited<ReturnType<typeof prepare>>[] = [];
      for (let first = start; first < Math.min(split.count, start + step); first += batch)
        chunks.push(await prepare(first, chunks.length));
      for (const [k, checkpoint] of checkpoints.entries()) {
        await sessions.use(kind, checkpoint, async (session) => {
          for (const { first, count, feeds } of chunks) {
            await session.run({ ...feeds, theta: checkpoint }, into);
            visit(into.out, k, first, count);
            runs++;
            since += count;
          }
        });
        if (runs >= REPORT_EVERY || k === checkpoints.length - 1) {
          await onImages?.(since);
          [runs, since] = [0, 0];
        }
      }
    }
  } finally {
    filler.close();
  }
}
