/** Distributions as data, so that whoever is told one can draw from it: another thread, too. */
import { bernoulli, type Key, normal } from "./random.ts";

/** Standard normal numbers; or 1 / (1 − rate) with probability 1 − rate and else 0, as dropout multiplies by. */
export type Distribution = { readonly kind: "normal" } | { readonly kind: "bernoulli"; readonly rate: number };

/** `length` independent numbers. */
export const drawn = (of: Distribution, stream: Key, length: number): Float32Array =>
  of.kind === "normal" ? normal(stream, length) : bernoulli(stream, length, of.rate);
