/** The room of random numbers: counter-based, with explicit keys. */

export { type Distribution, drawn } from "./distribution.ts";
export { philox4x32 } from "./philox.ts";
export { bernoulli, foldIn, integers, type Key, key, normal, permutation, uniform } from "./random.ts";
