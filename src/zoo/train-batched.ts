/**
 * Trains many networks at once. One graph is a step of all of them, with the networks as an axis
 * (vmap). Each network has its own initial values and its own order of the data, and the result is
 * that of training it alone, up to rounding.
 */

import { type PreparedImages, planOf, stepsPerEpoch } from "../data/index.ts";
import { gather, input, leaves, reshape, rewrite, sizeOf, type Tensor, unbatchableOps, vmap } from "../graph/index.ts";
import { at, get } from "../lookup.ts";
import { optimiser, type Parameter, schedule, type Traced } from "../nn/index.ts";
import { concatenate } from "../numeric/index.ts";
import { foldIn, type Key } from "../random/index.ts";
import { type Saver, train, trainer } from "../training/index.ts";
import type { Classifier } from "./classifier.ts";
import type { TrainOptions } from "./train.ts";

/** Options that all trainings of a batched trainer share; see `trainClassifier`. */
export interface BatchedTrainerOptions
  extends Pick<
    TrainOptions,
    "classifier" | "data" | "batch" | "steps" | "lr" | "optimiser" | "schedule" | "device" | "initialise" | "signal"
  > {
  /** Number of networks trained at once, from 1. */
  readonly count: number;
  /** The images of the training split. */
  readonly images: PreparedImages;
}

/** One training of `count` networks. */
export interface BatchedTraining {
  /** A key for each network, as in `trainClassifier`. */
  readonly keys: readonly Key[];
  readonly saver?: Saver | undefined;
  /** Initial values of each network, as flat vectors; freshly drawn by default. */
  readonly starts?: readonly Float32Array[] | undefined;
  /**
   * Called after each step with the mean loss and with the loss of each network. Where `watched`
   * returns true, `thetas` gives the networks as they are after that step.
   */
  onStep?(
    done: number,
    loss: number,
    losses: readonly number[],
    thetas: () => Promise<Float32Array[]>,
  ): void | Promise<void>;
  /** Whether `onStep` asks for the networks after `done` steps; never by default. */
  watched?(done: number): boolean;
}

/** Trains batches of networks one after another. The compiled step and the images are shared. */
export interface BatchedTrainer {
  /**
   * Trains `count` networks on the training split.
   * @returns the parameters of each as one flat vector, in the order of the layout.
   * @throws Interrupted after saving, when the signal aborts before the last step.
   */
  train(training: BatchedTraining): Promise<Float32Array[]>;
  release(): Promise<void>;
}

/**
 * Whether a batched trainer can train a classifier: it needs training without augmentation, noise
 * and running statistics.
 */
export function canUseBatchedTrainer(classifier: Classifier, augmentation: unknown): boolean {
  const { buffers, noise } = classifier.loss(1);
  return augmentation === null && buffers.length === 0 && noise.length === 0;
}

/**
 * Whether a batched trainer can train several networks of a classifier at once: all its ops must
 * support vmap.
 */
export const canTrainBatched = (classifier: Classifier, augmentation: unknown): boolean =>
  canUseBatchedTrainer(classifier, augmentation) && unbatchableOps([classifier.loss(1).outputs.loss]).length === 0;

/**
 * The losses `[count]` of several networks, or the scalar loss of one, each on its own images. The
 * graph gathers them: the input `indices` `[count × batch]` names rows of the tables `images` and
 * `labels` of a whole split. A step of 20 MLPs of 3 322 parameters takes 0.64 ms this way, and 0.92
 * with batches gathered outside the graph.
 * @param one the loss of one network.
 * @param total number of images in the split.
 */
export function jointLoss(one: Traced<{ loss: Tensor }>, count: number, total: number): Traced<{ loss: Tensor }> {
  const seen = leaves([one.outputs.loss]).flatMap((leaf) =>
    leaf.source.kind === "input" && ["images", "labels"].includes(leaf.source.name)
      ? [{ leaf, name: leaf.source.name, batch: at(leaf.shape, 0) }]
      : [],
  );
  const indices = input("indices", [count * at(seen, 0).batch], "int32");
  const fed = seen.map(({ leaf, name, batch }) => {
    const table = input(name, [total, sizeOf(leaf.shape) / batch], leaf.dtype);
    return [leaf, reshape(gather(table, indices), count === 1 ? leaf.shape : [count, ...leaf.shape])] as const;
  });
  if (count === 1) return { ...one, outputs: { loss: at(rewrite([one.outputs.loss], new Map(fed)), 0) } };
  const parameters = one.parameters.map((p): Parameter => {
    const leaf = input(p.name, [count, ...p.leaf.shape]);
    return { ...p, leaf, shape: leaf.shape };
  });
  const own = one.parameters.map((p, i) => [p.leaf, at(parameters, i).leaf] as const);
  const loss = at(vmap([one.outputs.loss], count, new Map([...own, ...fed])), 0);
  return { ...one, parameters, outputs: { loss } };
}

/**
 * Compiles the step of `count` networks.
 * @throws Error when `count` is above 1 and `canTrainBatched` is false.
 */
export async function batchedTrainer(options: BatchedTrainerOptions): Promise<BatchedTrainer> {
  const { classifier, data, batch, steps, count, images, initialise, signal } = options;
  const one = classifier.loss(batch);
  const run = await trainer({
    traced: jointLoss(one, count, images.labels.length),
    optimiser: optimiser(options.optimiser),
    fixed: { images: images.pixels, labels: images.labels },
    device: options.device,
  });
  const lr = schedule(options.schedule, {
    lr: options.lr,
    steps,
    stepsPerEpoch: stepsPerEpoch(data.train.count, batch),
  });
  const indices = new Int32Array(count * batch);
  return {
    async train({ keys, saver, starts, onStep, watched }) {
      const [first] = keys;
      if (first === undefined || keys.length !== count)
        throw new RangeError(`a batch of ${count} networks got ${keys.length} keys`);
      run.start(
        starts === undefined
          ? initialValues(one.parameters, keys, initialise)
          : joinParameters(starts, one.parameters, classifier),
      );
      const networks = async () => splitParameters(await run.read("theta"), one.parameters, classifier, count);
      const plans = keys.map((key) => planOf({ split: data.train, batch, key }));
      await train({
        trainer: run,
        steps,
        lr,
        saver,
        signal,
        // Unused: these networks draw no noise.
        noise: foldIn(first, "noise"),
        feeds(step) {
          plans.forEach((plan, i) => {
            indices.set(plan(step).indices, i * batch);
          });
          return { indices };
        },
        ...(onStep && { onStep: (done, loss, losses) => onStep(done, loss, losses, networks) }),
        ...(watched && { watched }),
      });
      return networks();
    },
    release: run.release,
  };
}

/** Initial values of all networks: for each parameter `[count, size]`. */
function initialValues(parameters: readonly Parameter[], keys: readonly Key[], shared: Key | undefined): Float32Array {
  const own = keys.map((key) => shared ?? foldIn(key, "initialise"));
  const parts = parameters.flatMap((p) => own.map((key) => p.initialise(foldIn(key, p.name), sizeOf(p.shape))));
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/** The parameters of all networks, for each parameter `[count, size]`, from their flat vectors. */
function joinParameters(
  networks: readonly Float32Array[],
  parameters: readonly Parameter[],
  { layout }: Classifier,
): Float32Array {
  const places = new Map(layout.entries.map(({ name, offset, size }) => [name, [offset, offset + size] as const]));
  return concatenate(parameters.flatMap(({ name }) => networks.map((v) => v.subarray(...get(places, name)))));
}

/** The flat vector of each network, from the parameters of all. */
function splitParameters(
  theta: Float32Array,
  parameters: readonly Parameter[],
  { layout }: Classifier,
  count: number,
): Float32Array[] {
  const networks = Array.from({ length: count }, () => new Float32Array(layout.size));
  const places = new Map(layout.entries.map((entry) => [entry.name, entry.offset]));
  let offset = 0;
  for (const { name, shape } of parameters) {
    const size = sizeOf(shape);
    for (const network of networks) {
      network.set(theta.subarray(offset, offset + size), get(places, name));
      offset += size;
    }
  }
  return networks;
}
