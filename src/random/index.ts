/** The room of random numbers: counter-based, with explicit keys. */

export { philox4x32 } from "./philox.ts";
export { bernoulli, fold, integers, type Key, key, normal, permutation, uniform } from "./random.ts";
