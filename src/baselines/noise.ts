/** Originals with noise: what a generator that only perturbs its training set would draw. */

import type { LayoutEntry } from "../layout/index.ts";
import { at } from "../lookup.ts";
import { foldIn, integers, normal } from "../random/index.ts";
import { type DrawOptions, row, type Vectors } from "./vectors.ts";

/** The unbiased standard deviation of the values of one tensor; 0 of a single value. */
export function spreadOf(values: Float32Array): number {
  let sum = 0;
  for (const v of values) sum += v;
  const mean = sum / values.length;
  let squares = 0;
  for (const v of values) squares += (v - mean) ** 2;
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
}

/**
 * Draws random originals `[count, D]`, each with noise.
 * @param perturb adds noise (standard normal numbers, one for each value) to one tensor in place.
 */
export function withNoise(
  originals: Vectors,
  { count, key, layout }: DrawOptions,
  perturb: (tensor: Float32Array, noise: Float32Array, entry: LayoutEntry) => void,
): Float32Array {
  const { dimension } = originals;
  const out = new Float32Array(count * dimension);
  for (let i = 0; i < count; i++) {
    const drawn = out.subarray(i * dimension, (i + 1) * dimension);
    drawn.set(row(originals, at(integers(foldIn(key, i, "original"), 1, originals.count), 0)));
    const noise = normal(foldIn(key, i, "noise"), dimension);
    for (const entry of layout.entries) {
      const [start, end] = [entry.offset, entry.offset + entry.size];
      perturb(drawn.subarray(start, end), noise.subarray(start, end), entry);
    }
  }
  return out;
}
