/** Distributions of parameter values in originals and in samples, as densities over common bins. */

import { yieldToEvents } from "../../event-loop.ts";
import type { Layout, LayoutEntry } from "../../layout/index.ts";
import { at } from "../../lookup.ts";
import { orderStatistics } from "../../numeric/index.ts";
import type { Distribution } from "../../records/index.ts";

/** Number of tensors that are shown. */
const MAX_TENSORS = 6;
const BINS = 48;

/** Share of the originals' values that may lie outside the bins at each end. */
const TAIL = 0.001;

/** Values counted before the event loop may have a turn. */
const COUNTED = 2 ** 20;

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

async function densities(
  values: Float32Array,
  { low, high, signal }: { readonly low: number; readonly high: number; readonly signal: AbortSignal | undefined },
): Promise<number[]> {
  const counts = new Array<number>(BINS).fill(0);
  const width = (high - low) / BINS;
  for (let i = 0; i < values.length; i++) {
    if (i % COUNTED === 0) await yieldToEvents(signal);
    const value = at(values, i);
    // The last bin includes its upper edge.
    if (value >= low && value <= high) counts[Math.min(BINS - 1, Math.floor((value - low) / width))]!++;
  }
  return counts.map((n) => n / (values.length * width));
}

/**
 * Histograms of at most six tensors, evenly chosen along the network. Tensors with a single value
 * are left out.
 * @throws Interrupted when the signal aborts.
 */
export async function distributionsOf(
  layout: Layout,
  originals: readonly Float32Array[],
  samples: readonly Float32Array[],
  signal?: AbortSignal,
): Promise<Distribution[]> {
  const found: Distribution[] = [];
  for (const entry of shownOf(layout)) {
    const own = valuesOf(originals, entry);
    const cut = Math.floor(TAIL * own.length);
    const ends = await orderStatistics(own, [cut, own.length - 1 - cut], signal);
    const [low, high] = [at(ends, 0), at(ends, 1)];
    if (!(high > low)) continue;
    found.push({
      tensor: entry.name,
      edges: Array.from({ length: BINS + 1 }, (_, i) => low + ((high - low) * i) / BINS),
      originals: await densities(own, { low, high, signal }),
      samples: await densities(valuesOf(samples, entry), { low, high, signal }),
    });
  }
  return found;
}
