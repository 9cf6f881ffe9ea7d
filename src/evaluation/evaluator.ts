/**
 * Predictions of many checkpoints of one network. What the chosen tensors do not touch is computed once for each chunk
 * of images and shared by all checkpoints.
 */
import type { Layout } from "../checkpoints/index.ts";
import { batchFiller, type Preparation, type Split } from "../data/index.ts";
import { argMax, constant, input, partition, rewrite, type Tensor } from "../graph/index.ts";
import { asSlices, type Traced } from "../nn/index.ts";
import { compile, type Data, type Device } from "../runtime/index.ts";

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

export interface Evaluator {
  /**
   * Predicted classes of every image of a split by every checkpoint, `[checkpoints, images]`.
   * @param preparation how the network sees the images.
   * @param checkpoints flat vectors of the chosen tensors.
   * @param onImages called now and then with how many images more have been classified; may throw to stop.
   */
  predict(
    preparation: Preparation,
    split: Split,
    checkpoints: readonly Float32Array[],
    onImages?: (more: number) => void | Promise<void>,
  ): Promise<Uint16Array>;
  release(): Promise<void>;
}

/** Checkpoints between two reports of progress. */
const TELL_EVERY = 25;

/** Compiles a network for evaluation. */
export async function evaluator({ logits, batch, chosen, frozen, device }: EvaluatorOptions): Promise<Evaluator> {
  const theta = input("theta", [chosen.size]);
  const declared = new Map([...logits.parameters, ...logits.buffers].map((d) => [d.name, d]));
  const own = chosen.entries.map((e) => declared.get(e.name)!);
  for (const { name } of own) declared.delete(name);
  const values = new Map([
    ...asSlices(own, theta),
    ...[...declared.values()].map((d) => [d.leaf, constant(frozen.get(d.name)!, d.shape)] as const),
  ]);
  const predicted = argMax(rewrite([logits.outputs], values)[0]!, 1);
  const { prefix, suffix } = partition([predicted], [theta]);
  const shared = Object.keys(prefix).length === 0 ? undefined : await compile(prefix, device);
  const rest = await compile({ predicted: suffix[0]! }, device);
  const needsImages = rest.inputs.has("images");
  const imageShape = (shared?.inputs.get("images") ?? rest.inputs.get("images"))!.shape;
  const images = new Float32Array(imageShape.reduce((a, b) => a * b, 1));
  const labels = new Int32Array(batch);
  const into = { predicted: new Int32Array(batch) };

  return {
    async predict(preparation, split, checkpoints, onImages) {
      const result = new Uint16Array(checkpoints.length * split.count);
      const filler = batchFiller(preparation, split);
      let since = 0;
      try {
        for (let start = 0; start < split.count; start += batch) {
          const n = Math.min(batch, split.count - start);
          // The last chunk is filled up with its first image, whose predictions are dropped.
          const indices = Int32Array.from({ length: batch }, (_, i) => start + (i < n ? i : 0));
          filler.fill(indices, images, labels);
          const feeds: Record<string, Data> = { ...(await shared?.run({ images })), ...(needsImages && { images }) };
          for (const [k, checkpoint] of checkpoints.entries()) {
            await rest.run({ ...feeds, theta: checkpoint }, into);
            result.set(into.predicted.subarray(0, n), k * split.count + start);
            since += n;
            if ((k + 1) % TELL_EVERY === 0 || k === checkpoints.length - 1) {
              await onImages?.(since);
              since = 0;
            }
          }
        }
      } finally {
        filler.close();
      }
      return result;
    },
    release: async () => {
      await shared?.release();
      await rest.release();
    },
  };
}
