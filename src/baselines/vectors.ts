/** What baselines draw from: the originals' vectors, and a few things that several of them ask. */
import type { Layout } from "../layout/index.ts";
import type { Key } from "../random/index.ts";
import type { Device } from "../runtime/index.ts";

/** K vectors of length D, one after the other: parameters, or an autoencoder's latents. */
export interface Vectors {
  readonly count: number;
  readonly dimension: number;
  readonly values: Float32Array;
}

/** Networks twice: as they are, and with every coordinate times its effect on the outputs. */
export interface WeighedNetworks {
  /** `[K, D]` */
  readonly plain: Vectors;
  /** Along the axes of the inputs, by effect, `[K, D]`. */
  readonly byEffect: Vectors;
}

/** Originals in canonical form, and how to match their units. */
export interface UnitMatching {
  /** The originals in the order of the reference. */
  originals(): Promise<WeighedNetworks>;
  /** The originals with their units matched to those of their mean; found once. */
  matchedToMean(): Promise<WeighedNetworks>;
  /**
   * An original with its units in the order in which they fit another original best, by effect,
   * `[D]`; and how far it then lies from it, by effect.
   */
  matchedTo(network: number, other: number): Promise<{ readonly plain: Float32Array; readonly distance: number }>;
}

/** How to draw. */
export interface DrawOptions {
  /** How many to draw. */
  readonly count: number;
  /** Of the whole draw; draw i has a stream of its own. */
  readonly key: Key;
  /** The tensors that parameters belong to. */
  readonly layout: Layout;
  /** The device that computes the leading directions. */
  readonly device: Device;
  /** Matches the originals' hidden units; given to baselines of the space `units`. */
  readonly matching?: UnitMatching | undefined;
  /** Stops the draw. */
  readonly signal?: AbortSignal | undefined;
}

/** Vector `i`, a view. */
export const row = ({ values, dimension }: Vectors, i: number): Float32Array =>
  values.subarray(i * dimension, (i + 1) * dimension);

/** Copies of one vector `[count, D]`: the draws of a baseline that has only one network. */
export function repeated(vector: ArrayLike<number>, count: number): Float32Array {
  const out = new Float32Array(count * vector.length);
  for (let i = 0; i < count; i++) out.set(vector, i * vector.length);
  return out;
}

/** The mean of the vectors from `start` on, in float64. */
export function meanOf(vectors: Vectors, start = 0): Float64Array {
  const { count, dimension } = vectors;
  const mean = new Float64Array(dimension);
  for (let k = start; k < count; k++) {
    row(vectors, k).forEach((x, i) => {
      mean[i]! += x;
    });
  }
  for (let i = 0; i < dimension; i++) mean[i]! /= count - start;
  return mean;
}

/** The unbiased variance of every coordinate. */
export function varianceOf(vectors: Vectors, mean: Float64Array): Float64Array {
  const { count, dimension } = vectors;
  const variance = new Float64Array(dimension);
  for (let k = 0; k < count; k++) {
    row(vectors, k).forEach((x, i) => {
      variance[i]! += (x - mean[i]!) ** 2;
    });
  }
  for (let i = 0; i < dimension; i++) variance[i]! /= Math.max(1, count - 1);
  return variance;
}
