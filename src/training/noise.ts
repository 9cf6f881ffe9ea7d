/**
 * The noise of training steps: drawn where it is needed, or, where there is much of it, by another thread while earlier steps are
 * under way. What a step gets depends on the key and its number alone.
 */
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";

import { sizeOf } from "../graph/index.ts";
import type { Noise } from "../nn/index.ts";
import { type Distribution, drawn, foldIn, type Key } from "../random/index.ts";
import type { Feeds } from "../runtime/index.ts";
import { startThread } from "../runtime-node/index.ts";

/** Numbers that are drawn of one kind. Plain data, for another thread. */
export interface NoiseKind {
  readonly name: string;
  readonly distribution: Distribution;
  readonly length: number;
}

/** The noise of a step, by name. */
export function noiseOf(kinds: readonly NoiseKind[], key: Key, step: number): Record<string, Float32Array> {
  const own = foldIn(key, step);
  return Object.fromEntries(
    kinds.map(({ name, distribution, length }) => [name, drawn(distribution, foldIn(own, name), length)]),
  );
}

export const kindsOf = (noise: readonly Noise[]): NoiseKind[] =>
  noise.map(({ name, distribution, leaf }) => ({ name, distribution, length: sizeOf(leaf.shape) }));

/** To the thread: whose noise it draws, and then one step after another. */
export interface NoiseRequest {
  readonly kinds: readonly NoiseKind[];
  readonly key: Key;
}

/** From the thread. */
export interface NoiseResponse {
  readonly step: number;
  readonly noise: Record<string, Float32Array>;
}

export interface NoiseSource {
  /** The noise of a step; those that follow it are drawn meanwhile. Steps are asked for one after the other. */
  of(step: number): Feeds | Promise<Feeds>;
  close(): Promise<void>;
}

export interface NoiseSourceOptions extends NoiseRequest {
  /** Noise is drawn for the steps below this number. */
  readonly steps: number;
  /** How many steps are drawn ahead. */
  readonly ahead: number;
}

/**
 * Numbers that take longer to draw than to be handed over. A step of the `small` autoencoder takes 41 ms of which 350 000 numbers
 * took 6.
 */
const WORTH_A_THREAD = 20_000;

/** Starts to draw. */
export function noiseSource({ kinds, key, steps, ahead }: NoiseSourceOptions): NoiseSource {
  const numbers = kinds.reduce((sum, { length }) => sum + length, 0);
  if (numbers < WORTH_A_THREAD || availableParallelism() === 1)
    return { of: (step) => noiseOf(kinds, key, step), close: async () => {} };

  /** Noise that is there before its step, and who waits for some that is not. */
  const there = new Map<number, Feeds>();
  let waiting: { readonly step: number; resolve(noise: Feeds): void; reject(error: Error): void } | undefined;
  let broken: Error | undefined;
  const start = () => {
    const made = startThread("noise-worker", import.meta.url, { kinds, key } satisfies NoiseRequest);
    made.on("message", ({ step, noise }: NoiseResponse) => {
      if (waiting?.step === step) waiting.resolve(noise);
      else there.set(step, noise);
    });
    made.on("error", (error: Error) => {
      broken = error;
      waiting?.reject(error);
    });
    return made;
  };
  let thread: Worker | undefined;
  /** The first step that the thread draws, and the next one that it is to be told of: it takes a moment to start. */
  let first: number | undefined;
  let ordered = 0;
  return {
    of(step) {
      if (broken !== undefined) throw broken;
      if (first === undefined) first = ordered = step + ahead;
      while (ordered < Math.min(steps, step + 1 + ahead)) {
        thread ??= start();
        thread.postMessage(ordered++);
      }
      if (step < first) return noiseOf(kinds, key, step);
      const noise = there.get(step);
      if (noise === undefined)
        return new Promise<Feeds>((resolve, reject) => {
          waiting = { step, resolve, reject };
        });
      there.delete(step);
      return noise;
    },
    close: async () => void (await thread?.terminate()),
  };
}
