/** Random numbers: counter-based, from explicit keys. */

export { type Distribution, drawn } from "./distribution.ts";
export { type NoiseKind, noiseOf } from "./noise.ts";
export { philox4x32 } from "./philox.ts";
export { bernoulli, foldIn, integers, type Key, key, normal, permutation, uniform } from "./random.ts";
