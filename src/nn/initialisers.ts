/** Initial values of parameters, with PyTorch's defaults in mind. */
import { type Key, normal, uniform } from "../random/index.ts";

/** Draws the initial elements of a parameter. */
export type Initialiser = (key: Key, length: number) => Float32Array;

/** All elements 0. */
export const zeros: Initialiser = (_, length) => new Float32Array(length);
/** All elements 1. */
export const ones: Initialiser = (_, length) => new Float32Array(length).fill(1);

/** Uniform in (−bound, bound). */
export const uniformInitial =
  (bound: number): Initialiser =>
  (key, length) =>
    uniform(key, length).map((u) => (2 * u - 1) * bound);

/** Normal with mean 0 and the given standard deviation. */
export const normalInitial =
  (std: number): Initialiser =>
  (key, length) =>
    normal(key, length).map((z) => z * std);

/**
 * PyTorch's default for weights and biases of linear and convolutional layers: uniform within 1 /
 * √fanIn.
 */
export const kaimingUniform = (fanIn: number): Initialiser => uniformInitial(1 / Math.sqrt(fanIn));

/**
 * Normal with the variance 2 / fanOut that keeps gradients' size through ReLU layers (He et al.,
 * 2015).
 */
export const kaimingNormal = (fanOut: number): Initialiser => normalInitial(Math.sqrt(2 / fanOut));
