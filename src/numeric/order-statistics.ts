/** Order statistics of many numbers, by counting: a sort of millions lasts for seconds. */
import { yieldToEvents } from "../event-loop.ts";
import { at } from "../lookup.ts";

/** Numbers looked at before the event loop may have a turn. */
const LOOKED_AT = 2 ** 20;
/** Numbers are counted by the upper half of their bits, then by the lower half. */
const HALF = 2 ** 16;

/**
 * Bits of a number that sort as numbers do, from 0 to 2³² − 1: −0 comes before 0, and NaN last, as
 * in a sorted array of numbers.
 */
const sortable = (value: number, bits: number): number =>
  Number.isNaN(value) ? 2 ** 32 - 1 : (bits < 0 ? ~bits : bits ^ 0x80000000) >>> 0;

/**
 * The values that would stand at some places if all values were sorted.
 * @param ranks places from 0 to `values.length` − 1, in any order.
 * @throws Interrupted when the signal aborts.
 */
export async function orderStatistics(
  values: Float32Array,
  ranks: readonly number[],
  signal?: AbortSignal,
): Promise<number[]> {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const count = async (which: (key: number) => number | undefined): Promise<Uint32Array> => {
    const counts = new Uint32Array(HALF);
    for (let i = 0; i < values.length; i++) {
      if (i % LOOKED_AT === 0) await yieldToEvents(signal);
      const place = which(sortable(values[i]!, bits[i]!));
      if (place !== undefined) counts[place]!++;
    }
    return counts;
  };
  const upper = await count((key) => key >>> 16);
  const found: number[] = [];
  for (const rank of ranks) {
    const { place: high, before } = placeOf(upper, rank);
    const lower = await count((key) => (key >>> 16 === high ? key & (HALF - 1) : undefined));
    const { place: low } = placeOf(lower, rank - before);
    found.push(numberOf(high * HALF + low));
  }
  return found;
}

/** The place that holds a rank, and how many come before that place. */
function placeOf(counts: Uint32Array, rank: number): { place: number; before: number } {
  let before = 0;
  for (const [place, count] of counts.entries()) {
    if (before + count > rank) return { place, before };
    before += count;
  }
  throw new RangeError(`no value of rank ${rank} among ${before}`);
}

/** The number of sortable bits. */
function numberOf(key: number): number {
  const bits = key >= 2 ** 31 ? key ^ 0x80000000 : ~key;
  return at(new Float32Array(Int32Array.of(bits).buffer), 0);
}
