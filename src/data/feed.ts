/**
 * The batches of a training, made ahead of its steps by other threads where there is something to decode or to augment. What
 * a batch holds depends on its step alone, never on who made it or when.
 */
import { UserError } from "../errors.ts";
import { foldIn, type Key } from "../random/index.ts";
import { startThread } from "../runtime-node/index.ts";
import { batchFiller, epochOrder } from "./batches.ts";
import type { Preparation, Split } from "./data-set.ts";
import type { FeedRequest, FeedResponse, WorkerData } from "./feed-worker.ts";

export interface FeedOptions {
  readonly preparation: Preparation;
  readonly split: Split;
  /** Images in a batch; a batch larger than the split goes round it. */
  readonly batch: number;
  /** Names the order of the images and their augmentation. */
  readonly key: Key;
  /** Batches are made for the steps below this number. */
  readonly steps: number;
  /** Threads that make batches; 0 makes them where they are asked for. */
  readonly workers: number;
}

/** A batch as a network is fed. */
export interface Batch extends Record<string, Float32Array | Int32Array> {
  /** `[batch, channels, height, width]`, normalised. */
  readonly images: Float32Array;
  /** `[batch]` */
  readonly labels: Int32Array;
}

export interface Feed {
  /** The batch of a step. Its arrays are used again for a later one. */
  batch(step: number): Batch | Promise<Batch>;
  /** Seconds that `batch` kept its callers waiting, the first time not counted: threads take a moment to start. */
  waited(): number;
  close(): Promise<void>;
}

/** Whole batches in an epoch; what is left over is left out, as the order of the next epoch is another. */
export const stepsPerEpoch = (images: number, batch: number): number => Math.max(1, Math.floor(images / batch));

/** Starts to make batches. */
export function feed(options: FeedOptions): Feed {
  const plan = planOf(options);
  return options.workers === 0 ? feedHere(options, plan) : feedByWorkers(options, plan);
}

/** Which images a step sees, and the key of their augmentation. */
export type Plan = (step: number) => { indices: Int32Array; augment: Key };

/** The plan of a training. */
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
          : Int32Array.from({ length: batch }, (_, i) => order[(first + i) % count]!),
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

/** Batches that each thread may have before it, so that it never idles while one is handed over. */
const AHEAD = 2;

function feedByWorkers(options: FeedOptions, plan: Plan): Feed {
  const { preparation, split, steps } = options;
  const data: WorkerData = { preparation, split };
  const workers = Array.from({ length: options.workers }, () => startThread("feed-worker", import.meta.url, data));
  /** Batches asked for, by step, and how to keep those promises. */
  const pending = new Map<number, PromiseWithResolvers<Batch>>();
  const free = Array.from({ length: AHEAD * workers.length + 1 }, () => emptyBatch(options));
  let next = 0;
  let handedOut: Batch | undefined;
  let waited = 0;
  let warm = false;
  let broken: Error | undefined;

  const fail = (error: Error): void => {
    broken ??= error;
    for (const { reject } of pending.values()) reject(broken);
  };
  for (const worker of workers) {
    worker.on("message", (answer: FeedResponse) => {
      if (answer.type === "failed")
        return fail(answer.code === undefined ? new Error(answer.message) : new UserError(answer.code, answer.message));
      pending.get(answer.step)!.resolve({ images: answer.images, labels: answer.labels });
    });
    worker.on("error", fail);
  }

  /** Hands out work for as long as there are empty batches. */
  const order = (): void => {
    while (next < steps && free.length > 0) {
      const { images, labels } = free.pop()!;
      const promise = withResolvers<Batch>();
      promise.promise.catch(() => {}); // It may fail before anybody waits for it.
      pending.set(next, promise);
      const message: FeedRequest = { step: next, images, labels, ...plan(next) };
      workers[next % workers.length]!.postMessage(message, [images.buffer, labels.buffer] as ArrayBuffer[]);
      next++;
    }
  };

  return {
    async batch(step) {
      if (broken !== undefined) throw broken;
      if (handedOut !== undefined) free.push(handedOut);
      handedOut = undefined;
      if (pending.size === 0) next = step;
      order();
      const began = performance.now();
      const made = await pending.get(step)!.promise;
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
