/**
 * Crossings: networks put together from hidden units of several originals. They make networks only where units stand in a
 * common order.
 */

import { foldIn, integers, permutation } from "../random/index.ts";
import { type HiddenUnits, hiddenUnits, outgoingRanges, ownRanges } from "../symmetry/index.ts";
import { type DrawOptions, row, type Vectors } from "./vectors.ts";

/**
 * Networks of which every hidden unit, with its weights, is that of one of k originals, drawn for each unit: the k are drawn anew
 * for each network. Of a weight between two hidden layers the unit that it leads to decides; what belongs to no unit is averaged.
 * @param options their layout is one whose hidden units are known.
 */
export function crossings(k: number, originals: Vectors, { count, key, layout }: DrawOptions): Float32Array {
  const found = hiddenUnits(layout);
  if ("problem" in found) throw new Error(found.problem);
  const { units } = found;
  const { dimension } = originals;
  const out = new Float32Array(count * dimension);
  for (let i = 0; i < count; i++) {
    const parents = Array.from(permutation(foldIn(key, i), originals.count).subarray(0, k), (p) => row(originals, p));
    const child = out.subarray(i * dimension, (i + 1) * dimension);
    const { bias, outputs } = units.at(-1)!;
    for (let o = bias; o < bias + outputs; o++) child[o] = parents.reduce((sum, parent) => sum + parent[o]!, 0) / k;
    for (let l = 0; l < units.length - 1; l++)
      integers(foldIn(key, i, l), units[l]!.outputs, k).forEach((p, u) => {
        copyUnit(parents[p]!, child, units, l, u);
      });
  }
  return out;
}

function copyUnit(from: Float32Array, to: Float32Array, units: HiddenUnits, l: number, u: number): void {
  const layer = units[l]!;
  const out = l === units.length - 2 ? outgoingRanges(units[l + 1]!, u) : [];
  for (const [start, end] of [...ownRanges(layer, u), ...out]) to.set(from.subarray(start, end), start);
}
