/**
 * The batches of a training, filled ahead by threads when images are decoded or augmented. A batch
 * depends on its step alone, not on the thread or the time.
 */

import { UserError } from "../errors.ts";
import { at, get, given } from "../lookup.ts";
import { foldIn, type Key } from "../random/index.ts";
import { startThread } from "../runtime-node/index.ts";
import { batchFiller, epochOrder } from "./batches.ts";
import type { Preparation, Split } from "./data-set.ts";
import type { FeedRequest, FeedResponse, WorkerData } from "./feed-worker.ts";

/** Options of `feed`. */
export interface FeedOptions {
  readonly preparation: Preparation;
  readonly split: Split;
  /** Images in a batch; a batch larger than the split repeats images. */
  readonly batch: number;
  /** Decides the order of the images and their augmentation. */
  readonly key: Key;
  /** Number of steps of the training. */
  readonly steps: number;
  /** Threads that fill batches; with 0, each batch is filled when it is asked for. */
  readonly workers: number;
}

/** The feeds of a step. */
export interface Batch extends Record<string, Float32Array | Int32Array> {
  /** `[batch, channels, height, width]`, normalised. */
  readonly images: Float32Array;
  /** `[batch]` */
  readonly labels: Int32Array;
}

/** A source of batches. It may hold threads, so it must be closed. */
export interface Feed {
  /** The batch of a step. A later call reuses its arrays. */
  batch(step: number): Batch | Promise<Batch>;
  /** Seconds that callers waited in `batch`, without the first call, in which threads start. */
  waited(): number;
  close(): Promise<void>;
}

/**
 * Number of batches in an epoch, at least 1. Left-over images are dropped; the next epoch has
 * another order.
 */
export const stepsPerEpoch = (images: number, batch: number): number => Math.max(1, Math.floor(images / batch));

/** Opens a source of batches. */
export function feed(options: FeedOptions): Feed {
  const plan = planOf(options);
  return options.workers === 0 ? feedHere(options, plan) : feedByWorkers(options, plan);
}

/** The images of a step, and the key of their augmentation. */
export type Plan = (step: number) => { indices: Int32Array; augment: Key };

/** The plan of a training: which images each step sees. */
export function planOf({ split: { count }, batch, key }: Pick<FeedOptions, "split" | "batch" | "key">): Plan {
  const perEpoch = stepsPerEpoch(count, batch);
  let epoch = -1;
  let order = new Int32Array();
  let augment = key;
  return (step) => {
    const now = Math.floor(step / perEpoch);
    if (now !== epoch) {
      epoch = now;
      order = Int32Array.from(epochOrder(foldIn(key, "order"), epoch, count));
      augment = foldIn(key, "augment", epoch);
    }
    const first = (step % perEpoch) * batch;
    return {
      indices:
        first + batch <= count
          ? order.slice(first, first + batch)
          : Int32Array.from({ length: batch }, (_, i) => at(order, (first + i) % count)),
      augment,
    };
  };
}

const emptyBatch = ({ preparation: { channels, height, width }, batch }: FeedOptions): Batch => ({
  images: new Float32Array(batch * channels * height * width),
  labels: new Int32Array(batch),
});

function feedHere(options: FeedOptions, plan: Plan): Feed {
  const filler = batchFiller(options.preparation, options.split);
  const batch = emptyBatch(options);
  let waited = 0;
  return {
    batch(step) {
      const began = performance.now();
      const { indices, augment } = plan(step);
      filler.fill(indices, batch.images, batch.labels, augment);
      waited += (performance.now() - began) / 1000;
      return batch;
    },
    waited: () => waited,
    close: async () => filler.close(),
  };
}

/** Batches that wait for each thread, so that it never idles. */
const QUEUED_PER_WORKER = 2;

function feedByWorkers(options: FeedOptions, plan: Plan): Feed {
  const { preparation, split, steps } = options;
  const data: WorkerData = { preparation, split };
  const workers = Array.from({ length: options.workers }, () => startThread("feed-worker", import.meta.url, data));
  /** Promises of the batches that threads fill, by step. */
  const pending = new Map<number, PromiseWithResolvers<Batch>>();
  const free = Array.from({ length: QUEUED_PER_WORKER * workers.length + 1 }, () => emptyBatch(options));
  let next = 0;
  let handedOut: Batch | undefined;
  let waited = 0;
  let warm = false;
  let failure: Error | undefined;

  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of pending.values()) reject(failure);
  };
  for (const worker of workers) {
    worker.on("message", (answer: FeedResponse) => {
      if (answer.type === "failed")
        return fail(answer.code === undefined ? new Error(answer.message) : new UserError(answer.code, answer.message));
      pending.get(answer.step)?.resolve({ images: answer.images, labels: answer.labels });
    });
    worker.on("error", fail);
  }

  /** Sends empty batches to the threads. */
  const sendBatches = (): void => {
    while (next < steps && free.length > 0) {
      const { images, labels } = given(free.pop());
      const promise = withResolvers<Batch>();
      promise.promise.catch(() => {}); // It may fail before anyone waits for it.
      pending.set(next, promise);
      const message: FeedRequest = { step: next, images, labels, ...plan(next) };
      at(workers, next % workers.length).postMessage(message, [images.buffer, labels.buffer] as ArrayBuffer[]);
      next++;
    }
  };

  return {
    async batch(step) {
      if (failure !== undefined) throw failure;
      if (handedOut !== undefined) free.push(handedOut);
      handedOut = undefined;
      if (pending.size === 0) next = step;
      sendBatches();
      const began = performance.now();
      const made = await get(pending, step).promise;
      if (warm) waited += (performance.now() - began) / 1000;
      warm = true;
      pending.delete(step);
      handedOut = made;
      return made;
    },
    waited: () => waited,
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
