/**
 * Random numbers: counter-based (Philox), from explicit keys.
 * @example
 * const run = key(1);
 * const noise = normal(foldIn(run, "noise", 3), 100); // the same 100 numbers everywhere
 * @module
 */

export { type Distribution, drawn } from "./distribution.ts";
export { type NoiseKind, noiseOf } from "./noise.ts";
export { philox4x32 } from "./philox.ts";
export { bernoulli, foldIn, integers, type Key, key, normal, permutation, uniform } from "./random.ts";
