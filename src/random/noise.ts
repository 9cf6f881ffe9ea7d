/** The random numbers of one training step: several named arrays, each from its own stream. */
import { type Distribution, drawn } from "./distribution.ts";
import { foldIn, type Key } from "./random.ts";

/** A named array of random numbers. Plain data, which can be sent to a thread. */
export interface NoiseKind {
  readonly name: string;
  readonly distribution: Distribution;
  readonly length: number;
}

/** The noise of a step, by name. It depends on the key and the step's number alone. */
export function noiseOf(kinds: readonly NoiseKind[], key: Key, step: number): Record<string, Float32Array> {
  const stepKey = foldIn(key, step);
  return Object.fromEntries(
    kinds.map(({ name, distribution, length }) => [name, drawn(distribution, foldIn(stepKey, name), length)]),
  );
}
