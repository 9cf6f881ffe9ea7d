/**
 * The state of a trained network: its parameters, and the running statistics of its normalisations.
 */
import type { Tensor } from "../graph/index.ts";
import { asConstants, type Traced } from "../nn/index.ts";

/** Parameters and running statistics of a trained network. */
export interface NetworkState {
  /** Parameters, in the order in which the trainer holds them. */
  readonly theta: Float32Array;
  /** Running statistics likewise; empty where there are none. */
  readonly buffers: Float32Array;
}

/** Replacements of what a network declared by its trained values. */
export const stateConstants = ({ parameters, buffers }: Traced<unknown>, state: NetworkState): Map<Tensor, Tensor> =>
  new Map([...asConstants(parameters, state.theta), ...asConstants(buffers, state.buffers)]);
