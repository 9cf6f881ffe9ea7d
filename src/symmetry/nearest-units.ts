/**
 * The nearest hidden unit of other networks to each hidden unit of a network: what a network would
 * be put together from, if it were a collage.
 */
import { yieldToEvents } from "../event-loop.ts";
import { gemm, input } from "../graph/index.ts";
import { at } from "../lookup.ts";
import type { MemoryMatrix } from "../numeric/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import type { HiddenUnits } from "./hidden-units.ts";
import { unitRows } from "./unit-distance.ts";

/** The nearest units of other networks. */
export interface NearestUnits {
  /** Hidden units of a network. */
  readonly units: number;
  /** Distance of each unit, `[n × units]`; infinite for one that is not finite. */
  readonly distance: Float64Array;
  /** Which network has that unit, `[n × units]`; −1 for a unit that is not finite. */
  readonly donor: Int32Array;
}

/** Units of other networks that are multiplied at a time: 2¹⁶ rows of 200 numbers are 50 MiB. */
const ROWS = 2 ** 16;

/**
 * The nearest unit of the same layer for each hidden unit: its weights in and out, its bias and its
 * normalisation. Between two hidden layers, weights are compared in the order that the units of the
 * other layer have.
 * @param networks balanced networks in one common order: `from` `[n, D]`, and `to` `[K, D]` among
 *   whose units the nearest are looked for.
 * @throws Interrupted when the signal aborts.
 */
export async function nearestUnits(
  { from, to, units }: { readonly from: MemoryMatrix; readonly to: MemoryMatrix; readonly units: HiddenUnits },
  device: Device,
  signal?: AbortSignal,
): Promise<NearestUnits> {
  const counts = units.slice(0, -1).map(({ outputs }) => outputs);
  const total = counts.reduce((a, b) => a + b, 0);
  const distance = new Float64Array(from.rows * total).fill(Number.POSITIVE_INFINITY);
  const donor = new Int32Array(from.rows * total).fill(-1);
  let first = 0;
  for (const [l, count] of counts.entries()) {
    const [ours, theirs] = [await unitRows(from, units, l, signal), await unitRows(to, units, l, signal)];
    const { width } = ours;
    const most = Math.min(ROWS, theirs.lengths.length);
    const [a, b] = [input("a", [count, width]), input("b", [most, width])];
    const program = await compile({ products: gemm(a, b, { transB: true }) }, device);
    const products = new Float32Array(count * most);
    const least = new Float64Array(ours.lengths.length).fill(Number.POSITIVE_INFINITY);
    const nearest = new Int32Array(least.length).fill(-1);
    try {
      for (let start = 0; start < theirs.lengths.length; start += most) {
        const rows = Math.min(most, theirs.lengths.length - start);
        const block = new Float32Array(most * width);
        block.set(theirs.rows.subarray(start * width, (start + rows) * width));
        for (let i = 0; i < from.rows; i++) {
          await yieldToEvents(signal);
          await program.run(
            { a: ours.rows.subarray(i * count * width, (i + 1) * count * width), b: block },
            { products },
          );
          for (let u = 0; u < count; u++) {
            const own = i * count + u;
            for (let k = 0; k < rows; k++) {
              const squared = theirs.lengths[start + k]! - 2 * products[u * most + k]!;
              if (squared < least[own]!) {
                least[own] = squared;
                nearest[own] = start + k;
              }
            }
          }
        }
      }
    } finally {
      await program.release();
    }
    nearest.forEach((k, own) => {
      if (k < 0) return;
      const place = Math.floor(own / count) * total + first + (own % count);
      let squared = 0;
      for (let j = 0; j < width; j++) squared += (ours.rows[own * width + j]! - theirs.rows[k * width + j]!) ** 2;
      distance[place] = Math.sqrt(squared);
      donor[place] = Math.floor(k / count);
    });
    first += at(counts, l);
  }
  return { units: total, distance, donor };
}
