/** Distributions of parameter values in originals and in samples, as densities over common bins. */

import type { Layout, LayoutEntry } from "../../layout/index.ts";
import { at } from "../../lookup.ts";
import type { Distribution } from "../../records/index.ts";

/** Number of tensors that are shown. */
const MAX_TENSORS = 6;
const BINS = 48;

/** Share of the originals' values that may lie outside the bins at each end. */
const TAIL = 0.001;

/** Evenly chosen tensors, from the first to the last of the network. */
function shownOf({ entries }: Layout): LayoutEntry[] {
  const count = Math.min(MAX_TENSORS, entries.length);
  return Array.from({ length: count }, (_, i) =>
    at(entries, Math.round((i * (entries.length - 1)) / Math.max(1, count - 1))),
  );
}

/** The values of one tensor in all networks. */
function valuesOf(vectors: readonly Float32Array[], { offset, size }: LayoutEntry): Float32Array {
  const values = new Float32Array(vectors.length * size);
  vectors.forEach((v, i) => {
    values.set(v.subarray(offset, offset + size), i * size);
  });
  return values;
}

function densities(values: Float32Array, low: number, high: number): number[] {
  const counts = new Array<number>(BINS).fill(0);
  const width = (high - low) / BINS;
  for (const value of values) {
    // The last bin includes its upper edge.
    if (value >= low && value <= high) counts[Math.min(BINS - 1, Math.floor((value - low) / width))]!++;
  }
  return counts.map((n) => n / (values.length * width));
}

/**
 * Histograms of at most six tensors, evenly chosen along the network. Tensors with a single value
 * are left out.
 */
export function distributionsOf(
  layout: Layout,
  originals: readonly Float32Array[],
  samples: readonly Float32Array[],
): Distribution[] {
  return shownOf(layout).flatMap((entry) => {
    const own = valuesOf(originals, entry);
    const sorted = own.toSorted();
    const cut = Math.floor(TAIL * sorted.length);
    const [low, high] = [at(sorted, cut), at(sorted, sorted.length - 1 - cut)];
    if (!(high > low)) return [];
    return [
      {
        tensor: entry.name,
        edges: Array.from({ length: BINS + 1 }, (_, i) => low + ((high - low) * i) / BINS),
        originals: densities(own, low, high),
        samples: densities(valuesOf(samples, entry), low, high),
      },
    ];
  });
}
