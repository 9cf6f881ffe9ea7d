/**
 * Crossover of hidden units: networks put together from hidden units of several originals. It makes
 * networks only where hidden units stand in a common order (the canonical form of `symmetry`).
 */
import { at, last } from "../lookup.ts";
import { foldIn, integers, permutation } from "../random/index.ts";
import { type HiddenUnits, hiddenUnits, outgoingRanges, ownRanges } from "../symmetry/index.ts";
import type { BaselinePart } from "./baseline.ts";
import { wholeNumber } from "./numbers.ts";
import { row } from "./vectors.ts";

/**
 * Every hidden unit, with its weights, comes from one of k originals, drawn for each unit; the k
 * are drawn again for each network. A weight between two hidden layers comes with the unit that it
 * leads to. What belongs to no unit is averaged.
 */
export const crossover: BaselinePart<number> = {
  type: "crossover",
  description: "each hidden unit from one of k random originals",
  family: "average",
  space: "units",
  number: wholeNumber(2).default(2),
  needs: (k) => k,
  draw(k, originals, { count, key, layout }) {
    const found = hiddenUnits(layout);
    if ("problem" in found) throw new Error(found.problem);
    const { units } = found;
    const { dimension } = originals;
    const out = new Float32Array(count * dimension);
    for (let i = 0; i < count; i++) {
      const chosen = permutation(foldIn(key, i), originals.count).subarray(0, k);
      const parents = Array.from(chosen, (p) => row(originals, p));
      const child = out.subarray(i * dimension, (i + 1) * dimension);
      const { bias, outputs } = last(units);
      for (let o = bias; o < bias + outputs; o++)
        child[o] = parents.reduce((sum, parent) => sum + at(parent, o), 0) / k;
      for (let l = 0; l < units.length - 1; l++)
        integers(foldIn(key, i, l), at(units, l).outputs, k).forEach((p, u) => {
          copyUnit(at(parents, p), child, units, l, u);
        });
    }
    return out;
  },
};

/** Copies unit `u` of hidden layer `l`. */
function copyUnit(from: Float32Array, to: Float32Array, units: HiddenUnits, l: number, u: number): void {
  const layer = at(units, l);
  const out = l === units.length - 2 ? outgoingRanges(at(units, l + 1), u) : [];
  for (const [start, end] of [...ownRanges(layer, u), ...out]) to.set(from.subarray(start, end), start);
}
