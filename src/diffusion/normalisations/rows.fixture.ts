/** Checkpoints of a few tensors, and what tests of normalisations ask of them. */
import { type Layout, layoutOf } from "../../layout/index.ts";
import { at } from "../../lookup.ts";
import { matrix } from "../../numeric/index.ts";
import { key, normal } from "../../random/index.ts";
import { fitNormalisation } from "./fit-normalisation.ts";
import type { Normalisation } from "./normalisation.ts";
import type { NormalisationPart } from "./part.ts";

export const layout = layoutOf([
  { name: "weight", shape: [2, 3] },
  { name: "scale", shape: [] },
  { name: "bias", shape: [2] },
]);

/** Checkpoints, and numbers of each. */
export const K = 5;
export const D = layout.size;

/** Checkpoints in which every coordinate has its own mean and spread, `[K, D]`. */
export const rows: Float32Array = normal(key(1), K * D).map((x, i) => 10 * (i % D) + (1 + (i % D)) * x);

/** Coordinate `i` of all checkpoints. */
export const column = (i: number, of: Float32Array = rows): number[] =>
  Array.from({ length: K }, (_, k) => at(of, k * D + i));

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** The sum of squared deviations from the mean. */
export const squares = (values: readonly number[]): number => values.reduce((a, b) => a + (b - mean(values)) ** 2, 0);

/** Fits a normalisation to rows `[n, D]`. */
export const fit = (part: NormalisationPart, of: Float32Array, tensors: Layout = layout): Promise<Normalisation> =>
  fitNormalisation(part, matrix(of, tensors.size), tensors);
