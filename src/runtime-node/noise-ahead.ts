/**
 * The noise of training steps, drawn by a thread while earlier steps run. A step's noise depends on
 * the key and the step's number alone, so a thread changes no number.
 */
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";

import { type Key, type NoiseKind, noiseOf } from "../random/index.ts";
import { startThread } from "./thread.ts";

/** What the thread is started with; it then receives the numbers of steps. */
export interface NoiseRequest {
  readonly kinds: readonly NoiseKind[];
  readonly key: Key;
}

/** What the thread sends back for each step. */
export interface NoiseResponse {
  readonly step: number;
  readonly noise: Record<string, Float32Array>;
}

/** A caller that waits for the noise of a step. */
interface Waiting {
  readonly step: number;
  resolve(noise: Record<string, Float32Array>): void;
  reject(error: Error): void;
}

/**
 * Numbers in a step from which a thread pays. A step of the `small` autoencoder takes 41 ms, of
 * which drawing 350 000 numbers took 6.
 */
const MIN_FOR_THREAD = 20_000;

/**
 * Opens a source of noise that draws `ahead` steps in advance. It draws without a thread where
 * there is little noise, or only one core.
 * @param options.steps noise is drawn for the steps below this number.
 */
export function noiseAhead({
  kinds,
  key,
  steps,
  ahead,
}: NoiseRequest & { readonly steps: number; readonly ahead: number }) {
  const numbers = kinds.reduce((sum, { length }) => sum + length, 0);
  if (numbers < MIN_FOR_THREAD || availableParallelism() === 1)
    return { of: (step: number) => noiseOf(kinds, key, step), close: async () => {} };

  const drawn = new Map<number, Record<string, Float32Array>>();
  let waiting: Waiting | undefined;
  let failure: Error | undefined;
  const start = () => {
    const worker = startThread("noise-worker", import.meta.url, { kinds, key } satisfies NoiseRequest);
    worker.on("message", ({ step, noise }: NoiseResponse) => {
      if (waiting?.step === step) waiting.resolve(noise);
      else drawn.set(step, noise);
    });
    worker.on("error", (error: Error) => {
      failure = error;
      waiting?.reject(error);
    });
    return worker;
  };
  let thread: Worker | undefined;
  /** The first step that the thread draws. Earlier ones are drawn here, while the thread starts. */
  let first: number | undefined;
  /** The next step that the thread is asked for. */
  let next = 0;
  return {
    of(step: number): Record<string, Float32Array> | Promise<Record<string, Float32Array>> {
      if (failure !== undefined) throw failure;
      if (first === undefined) first = next = step + ahead;
      while (next < Math.min(steps, step + 1 + ahead)) {
        thread ??= start();
        thread.postMessage(next++);
      }
      if (step < first) return noiseOf(kinds, key, step);
      const noise = drawn.get(step);
      if (noise === undefined)
        return new Promise((resolve, reject) => {
          waiting = { step, resolve, reject };
        });
      drawn.delete(step);
      return noise;
    },
    close: async () => void (await thread?.terminate()),
  };
}
