/**
 * What many checkpoints of one network make of images: their predictions, and what ensembles of them are worth. What the
 * chosen tensors do not touch is computed once for each chunk of images and shared by all checkpoints.
 */
import { type Layout, unflatten } from "../checkpoints/index.ts";
import { batchFiller, type Preparation, type Split } from "../data/index.ts";
import {
  argMax,
  constant,
  cost,
  input,
  leaves,
  partition,
  rewrite,
  sizeOf,
  softmax,
  type Tensor,
  topological,
} from "../graph/index.ts";
import { asSlices, type Traced } from "../nn/index.ts";
import { compile, type Data, type Device, type Program } from "../runtime/index.ts";
import { scoresOf } from "./calibration.ts";

export interface EvaluatorOptions {
  /** The network in evaluation mode for `batch` images. */
  readonly logits: Traced<Tensor>;
  readonly batch: number;
  /** The tensors that differ between checkpoints. */
  readonly chosen: Layout;
  /** Values of all others. */
  readonly frozen: ReadonlyMap<string, Float32Array>;
  readonly device: Device;
}

/** Called now and then with how many images more have been classified; may throw to stop. */
export type ImagesListener = (more: number) => void | Promise<void>;

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
   * What the averaged probabilities of the first so many checkpoints are worth on every image:
   * `[sizes, images, ENSEMBLE_SCORES]`, the scores being right (0 or 1), confidence, negative log-likelihood and Brier score.
   * @param sizes ascending, none above the number of checkpoints.
   */
  ensembles(
    preparation: Preparation,
    split: Split,
    checkpoints: readonly Float32Array[],
    sizes: readonly number[],
    onImages?: ImagesListener,
  ): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Numbers that `ensembles` gives for each size and image. */
export const ENSEMBLE_SCORES = 4;

/** Runs between two reports of progress. */
const TELL_EVERY = 25;

/** Bytes of images that are kept prepared for one network after the other. */
const PREPARED = 2 ** 26;
/** FLOPs above which a session specialised to one network pays off, and more for each of its weights. */
const SPECIALISING = { once: 1e9, weight: 5e4 };

/** What the evaluation graph outputs: predicted classes or probabilities. */
type OutputKind = "classes" | "probabilities";

/** Compiles a network for evaluation. */
export async function evaluator({ logits, batch, chosen, frozen, device }: EvaluatorOptions): Promise<Evaluator> {
  const theta = input("theta", [chosen.size]);
  const declared = new Map([...logits.parameters, ...logits.buffers].map((d) => [d.name, d]));
  const own = chosen.entries.map((e) => declared.get(e.name)!);
  for (const { name } of own) declared.delete(name);
  const still = [...declared.values()].map((d) => [d.leaf, constant(frozen.get(d.name)!, d.shape)] as const);
  const [fed] = rewrite([logits.outputs], new Map([...asSlices(own, theta), ...still])) as [Tensor];
  const classes = fed.shape[1]!;
  const { prefix, suffix } = partition([fed], [theta]);
  const shared = Object.keys(prefix).length === 0 ? undefined : await compile(prefix, device);
  const compiled = (name: OutputKind, end: Tensor): Promise<Program> =>
    compile({ out: name === "classes" ? argMax(end, 1) : softmax(end) }, device);
  const sessions = new Map<OutputKind, Program>();
  /** For all checkpoints, which it is fed. */
  const sharedSession = async (name: OutputKind): Promise<Program> => {
    const program = sessions.get(name) ?? (await compiled(name, suffix[0]!));
    sessions.set(name, program);
    return program;
  };
  /** For one checkpoint: ONNX Runtime lays out constant weights of convolutions beforehand, as its faster kernels want them. */
  const specialisedSession = (name: OutputKind, checkpoint: Float32Array): Promise<Program> => {
    const values = unflatten(chosen, checkpoint);
    const weights = own.map((d) => [d.leaf, constant(values.get(d.name)!, d.shape)] as const);
    return compiled(name, rewrite([logits.outputs], new Map([...weights, ...still]))[0]!);
  };
  const imageShape = leaves([logits.outputs]).find(
    (t) => t.source.kind === "input" && t.source.name === "images",
  )!.shape;
  const convolves = topological([logits.outputs]).some(({ op }) => op.name === "conv");
  /** Floating-point operations of a batch, where a program of a network's own may be worth its making. */
  const flops = shared === undefined && convolves && device.name === "cpu" ? cost([fed], "anywhere").flops : 0;

  /**
   * Whether a program for each checkpoint is worth its making: of the 10 853-parameter CNN an image takes 14 µs so and 27 µs where
   * weights are fed, and making one 2.5 ms.
   */
  const isWorthSpecialising = (images: number): boolean =>
    (images / batch) * flops > SPECIALISING.once + SPECIALISING.weight * chosen.size;

  /** Runs every checkpoint on every chunk of images; `visit` sees what comes out of one on one, `count` images of it. */
  async function each(
    name: OutputKind,
    [preparation, split, checkpoints, onImages]: [
      Preparation,
      Split,
      readonly Float32Array[],
      ImagesListener | undefined,
    ],
    visit: (out: Data, network: number, first: number, count: number) => void,
  ): Promise<void> {
    const size = sizeOf(imageShape);
    const together = Math.max(1, Math.floor(PREPARED / (4 * size)));
    const alone = isWorthSpecialising(Math.min(split.count, together * batch));
    const forAll = alone ? undefined : await sharedSession(name);
    const needsImages = forAll?.inputs.has("images") ?? true;
    const labels = new Int32Array(batch);
    const into = { out: name === "classes" ? new Int32Array(batch) : new Float32Array(batch * classes) };
    const filler = batchFiller(preparation, split);
    const arrays: Float32Array[] = [];
    /** What is fed for the images from `first` on, in array number `i`. */
    const prepared = async (first: number, i: number) => {
      arrays[i] ??= new Float32Array(size);
      const images = arrays[i];
      const count = Math.min(batch, split.count - first);
      // The last chunk is filled up with its first image, whose predictions are dropped.
      const indices = Int32Array.from({ length: batch }, (_, i) => first + (i < count ? i : 0));
      filler.fill(indices, images, labels);
      return { first, count, feeds: { ...(await shared?.run({ images })), ...(needsImages && { images }) } };
    };
    const step = batch * (alone ? together : 1);
    let [runs, since] = [0, 0];
    try {
      for (let start = 0; start < split.count; start += step) {
        const chunks = [];
        for (let first = start; first < Math.min(split.count, start + step); first += batch)
          chunks.push(await prepared(first, chunks.length));
        for (const [k, checkpoint] of checkpoints.entries()) {
          const program = forAll ?? (await specialisedSession(name, checkpoint));
          try {
            for (const { first, count, feeds } of chunks) {
              await program.run({ ...feeds, theta: checkpoint }, into);
              visit(into.out, k, first, count);
              runs++;
              since += count;
            }
          } finally {
            if (alone) await program.release();
          }
          if (runs >= TELL_EVERY || k === checkpoints.length - 1) {
            await onImages?.(since);
            [runs, since] = [0, 0];
          }
        }
      }
    } finally {
      filler.close();
    }
  }

  return {
    async predict(preparation, split, checkpoints, onImages) {
      const result = new Uint16Array(checkpoints.length * split.count);
      await each("classes", [preparation, split, checkpoints, onImages], (out, network, first, count) =>
        result.set(out.subarray(0, count) as Int32Array, network * split.count + first),
      );
      return result;
    },
    async ensembles(preparation, split, checkpoints, sizes, onImages) {
      const result = new Float32Array(sizes.length * split.count * ENSEMBLE_SCORES);
      const sums = new Float64Array(split.count * classes);
      await each("probabilities", [preparation, split, checkpoints, onImages], (out, network, first, count) => {
        const sum = sums.subarray(first * classes, (first + count) * classes);
        for (let i = 0; i < sum.length; i++) sum[i]! += Number(out[i]!);
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
    release: async () => {
      await shared?.release();
      for (const program of sessions.values()) await program.release();
    },
  };
}
