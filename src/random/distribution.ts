/** Distributions as plain data, which can be sent to a thread. */
import { bernoulli, type Key, normal } from "./random.ts";

/** Standard normal, or the factors of dropout: 1 / (1 − rate) with probability 1 − rate, else 0. */
export type Distribution = { readonly kind: "normal" } | { readonly kind: "bernoulli"; readonly rate: number };

/** Draws `length` independent numbers of a distribution. */
export const drawn = (of: Distribution, stream: Key, length: number): Float32Array =>
  of.kind === "normal" ? normal(stream, length) : bernoulli(stream, length, of.rate);
