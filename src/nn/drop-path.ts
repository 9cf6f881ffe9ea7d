/**
 * Stochastic depth (Huang et al., 2016): in training whole residual branches are left out, example
 * by example.
 */
import type { Tensor } from "../graph/index.ts";
import { dropout } from "./layers.ts";
import type { Scope } from "./scope.ts";

/**
 * Sets examples of `[batch, …]` to zero with probability `rate` in training and scales the others
 * by 1 / (1 − rate).
 */
export const dropPath = (at: Scope, x: Tensor, { rate }: { rate: number }): Tensor =>
  dropout(at, x, { rate, mask: x.shape.map((size, axis) => (axis === 0 ? size : 1)) });

/** The rate of each of `count` blocks: from 0 at the first to `rate` at the last, in even steps. */
export const depthRates = (rate: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (count === 1 ? 0 : (rate * i) / (count - 1)));
