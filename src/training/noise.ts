/** Where a training loop gets the noise of its steps. */
import { sizeOf } from "../graph/index.ts";
import type { Noise } from "../nn/index.ts";
import { type Key, type NoiseKind, noiseOf } from "../random/index.ts";
import type { Feeds } from "../runtime/index.ts";

/** The noise that a traced network declares, as plain data. */
export const kindsOf = (noise: readonly Noise[]): NoiseKind[] =>
  noise.map(({ name, distribution, leaf }) => ({ name, distribution, length: sizeOf(leaf.shape) }));

/** A source of noise. It may hold a thread, so it must be closed. */
export interface NoiseSource {
  /** The noise of a step, by name. Steps must be asked for in order. */
  of(step: number): Feeds | Promise<Feeds>;
  close(): Promise<void>;
}

/** What a source draws. */
export interface NoiseOptions {
  readonly kinds: readonly NoiseKind[];
  readonly key: Key;
  /** Number of steps of the training. */
  readonly steps: number;
  /** How many steps ahead noise may be drawn. */
  readonly ahead: number;
}

/** Opens a source. All sources give the same numbers. */
export type OpenNoise = (options: NoiseOptions) => NoiseSource;

/** A source that draws a step's noise when it is asked for. */
export const drawNoise: OpenNoise = ({ kinds, key }) => ({
  of: (step) => noiseOf(kinds, key, step),
  close: async () => {},
});
