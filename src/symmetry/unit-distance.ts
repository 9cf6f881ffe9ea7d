/**
 * Distances between networks over all orders of their hidden units. Two networks may lie far apart
 * as vectors and yet compute the same, because units may change places; here a network is compared
 * in the order in which it lies nearest.
 */

import { yieldToEvents } from "../event-loop.ts";
import { add, gemm, input, mul, neg, reduceMax, reduceSum, relu, reshape, sub, type Tensor } from "../graph/index.ts";
import { at } from "../lookup.ts";
import { assignment, type MemoryMatrix, rowOf } from "../numeric/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import { type HiddenUnits, reorder, unitCoordinates } from "./hidden-units.ts";
import { matchUnits } from "./unit-matching.ts";

/**
 * The distance to the nearest network and to the second nearest; infinite for a network that is not
 * finite.
 */
export interface NearestNetworks {
  readonly distance: number;
  readonly next: number;
  /** Which is nearest; −1 if none is. */
  readonly index: number;
}

/** Networks to compare. */
export interface NetworkPairs {
  /** Balanced networks whose nearest are wanted, `[n, D]`. */
  readonly from: MemoryMatrix;
  /** Balanced networks among which they are looked for, `[K, D]`. */
  readonly to: MemoryMatrix;
  readonly units: HiddenUnits;
  /** Whether `from` and `to` are the same networks, none of which is near to itself. */
  readonly same: boolean;
}

/** Keeps the two smallest of squared distances. */
function twoSmallest() {
  let [first, second, index] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1];
  return {
    /** A squared distance from here on changes nothing. */
    limit: () => second,
    add(squared: number, network: number) {
      const isFirst = squared < first || (squared === first && network < index);
      if (isFirst) [first, second, index] = [squared, first, network];
      else if (squared < second) second = squared;
    },
    result: (): NearestNetworks => ({ distance: Math.sqrt(first), next: Math.sqrt(second), index }),
  };
}

/** The hidden units of a layer of networks: all numbers of a unit a row. */
export interface UnitRows {
  /** `[n × count, width]` */
  readonly rows: Float32Array;
  /** Squared lengths, `[n × count]`. */
  readonly lengths: Float64Array;
  readonly width: number;
}

/**
 * The hidden units of layer `l` of networks `[n, D]`.
 * @throws Interrupted when the signal aborts.
 */
export async function unitRows(
  { rows: n, columns: d, values }: MemoryMatrix,
  units: HiddenUnits,
  l: number,
  signal: AbortSignal | undefined,
): Promise<UnitRows> {
  const { count, width, coordinates } = unitCoordinates(units, l);
  const rows = new Float32Array(n * coordinates.length);
  const lengths = new Float64Array(n * count);
  for (let k = 0; k < n; k++) {
    await yieldToEvents(signal);
    for (let u = 0, i = 0, to = k * coordinates.length; u < count; u++) {
      let squared = 0;
      for (const end = i + width; i < end; i++, to++) {
        const x = values[k * d + coordinates[i]!]!;
        rows[to] = x;
        squared += x * x;
      }
      lengths[k * count + u] = squared;
    }
  }
  return { rows, lengths, width };
}

/**
 * The nearest networks over all orders of the units of one hidden layer, exact but for the rounding
 * of float32 products.
 * @param pairs networks of one hidden layer.
 * @throws Interrupted when the signal aborts.
 */
export async function nearestByAssignment(
  { from, to, units, same }: NetworkPairs,
  device: Device,
  signal?: AbortSignal,
): Promise<NearestNetworks[]> {
  const [{ outputs: count }, last] = units;
  const [n, m] = [from.rows, to.rows];
  const [ours, theirs] = [await unitRows(from, units, 0, signal), await unitRows(to, units, 0, signal)];
  const { width } = ours;
  // One product for several networks at once: each reads the units of all others from memory.
  const together = Math.max(1, Math.min(n, MAX_TOGETHER, Math.floor(MAX_COSTS / (m * count ** 2))));
  const program = await compile(costGraph({ together, count, m, width }), device);
  const a = new Float32Array(together * count * width);
  const lengths = new Float32Array(together * count);
  const feeds = { a, b: theirs.rows, ours: lengths, theirs: Float32Array.from(theirs.lengths) };
  const out = { costs: new Float32Array(together * m * count ** 2), bounds: new Float32Array(together * m) };
  const [cost, rowLeast] = [new Float64Array(count * count), new Float64Array(count)];
  const rest = new Float64Array(m);
  const result: NearestNetworks[] = [];
  try {
    for (let i = 0; i < n; i++) {
      await yieldToEvents(signal);
      const g = i % together;
      if (g === 0) {
        const units = Math.min(together, n - i) * count;
        a.set(ours.rows.subarray(i * count * width, (i * count + units) * width));
        lengths.set(ours.lengths.subarray(i * count, i * count + units));
        await program.run(feeds, out);
      }
      const bounds = out.bounds.subarray(g * m, (g + 1) * m);
      const length = lengths.subarray(g * count, (g + 1) * count).reduce((sum, x) => sum + x, 0);
      setSquaredDistances(rest, from, i, to, last.bias);
      const leastOf = (k: number) => (1 - ROUNDING) * (at(rest, k) + at(bounds, k)) - ROUNDING * length;
      const nearest = twoSmallest();
      // The likeliest first: soon no other can be nearer.
      for (const { k, least } of likeliestFirst(m, leastOf)) {
        if (least > nearest.limit()) break;
        if (same && k === i) continue;
        await yieldToEvents(signal);
        for (let u = 0; u < count; u++) {
          const row = ((g * count + u) * m + k) * count;
          cost.set(out.costs.subarray(row, row + count), u * count);
        }
        if (least + columnsLeft(cost, count, rowLeast) <= nearest.limit())
          nearest.add(at(rest, k) + (await assignment(cost, count, signal)).total, k);
      }
      result.push(nearest.result());
    }
  } finally {
    await program.release();
  }
  return result;
}

/** Networks that are compared in one product, at most, and the costs that it may give. */
const MAX_TOGETHER = 16;
const MAX_COSTS = 2 ** 23;

/** What float32 sums may be off by, as a share. */
const ROUNDING = 1e-5;

/**
 * Squared distances of the units of some networks, `a` `[together × count, width]`, to those of `m`
 * others, `b` `[m × count, width]`: `costs` `[together, count, m, count]`; and for each pair of
 * networks the sum of each unit's least one, `bounds` `[together, m]`, below which no assignment
 * lies. `ours` and `theirs` are the squared lengths.
 */
function costGraph({
  together,
  count,
  m,
  width,
}: Readonly<Record<"together" | "count" | "m" | "width", number>>): Record<"costs" | "bounds", Tensor> {
  const [ours, theirs] = [together * count, m * count];
  const [a, b] = [input("a", [ours, width]), input("b", [theirs, width])];
  const lengths = add(reshape(input("ours", [ours]), [ours, 1]), reshape(input("theirs", [theirs]), [1, theirs]));
  const squared = relu(sub(lengths, mul(gemm(a, b, { transB: true }), 2)));
  const least = neg(reduceMax(neg(reshape(squared, [ours, m, count])), { axes: [2] }));
  return {
    costs: reshape(squared, [together, count, m, count]),
    bounds: reduceSum(reshape(least, [together, count, m]), { axes: [1] }),
  };
}

/** Numbers from 0 on by a bound below their cost, the least first; without those not finite. */
function likeliestFirst(count: number, leastOf: (k: number) => number): { k: number; least: number }[] {
  const found: { k: number; least: number }[] = [];
  for (let k = 0; k < count; k++) {
    const least = leastOf(k);
    if (Number.isFinite(least)) found.push({ k, least });
  }
  return found.sort((a, b) => a.least - b.least);
}

/**
 * What every assignment costs at least beyond the rows' least costs: the sum over columns of the
 * least remaining cost. Not a number where a cost is not.
 * @param rowLeast receives the least cost of each row.
 */
function columnsLeft(cost: Float64Array, count: number, rowLeast: Float64Array): number {
  for (let u = 0; u < count; u++) {
    let least = Number.POSITIVE_INFINITY;
    for (let v = 0; v < count; v++) least = Math.min(least, cost[u * count + v]!);
    rowLeast[u] = least;
  }
  let sum = 0;
  for (let v = 0; v < count; v++) {
    let least = Number.POSITIVE_INFINITY;
    for (let u = 0; u < count; u++) least = Math.min(least, cost[u * count + v]! - rowLeast[u]!);
    sum += least;
  }
  return sum;
}

/** The squared distances of row `i` of `from` to all rows of `to`, from coordinate `start` on. */
function setSquaredDistances(
  into: Float64Array,
  { columns, values }: MemoryMatrix,
  i: number,
  to: MemoryMatrix,
  start: number,
): void {
  for (let k = 0; k < into.length; k++) {
    let sum = 0;
    for (let a = i * columns + start, b = k * columns + start; a < (i + 1) * columns; a++, b++)
      sum += (at(values, a) - at(to.values, b)) ** 2;
    into[k] = sum;
  }
}

/** Candidates with which a network is matched. */
const MAX_CANDIDATES = 8;

/**
 * How many candidates `nearestByMatching` needs for each network: one may be the network itself.
 */
export const CANDIDATES = MAX_CANDIDATES + 1;

/**
 * The nearest networks in the orders that matching finds, among candidates: for networks of several
 * hidden layers.
 * @param candidates for each network of `from`, rows of `to`, the likeliest first.
 * @throws Interrupted when the signal aborts.
 */
export async function nearestByMatching(
  { from, to, units, same }: NetworkPairs,
  candidates: readonly Int32Array[],
  signal?: AbortSignal,
): Promise<NearestNetworks[]> {
  const result: NearestNetworks[] = [];
  for (const [i, rows] of candidates.entries()) {
    const network = rowOf(from, i);
    const nearest = twoSmallest();
    const others = network.every(Number.isFinite) ? rows.filter((row) => !same || row !== i) : new Int32Array();
    for (const k of others.subarray(0, MAX_CANDIDATES)) {
      const other = rowOf(to, k);
      if (!other.every(Number.isFinite)) continue;
      const aligned = reorder(network, units, await matchUnits(network, other, units, signal));
      let squared = 0;
      for (let j = 0; j < aligned.length; j++) squared += (aligned[j]! - other[j]!) ** 2;
      nearest.add(squared, k);
    }
    result.push(nearest.result());
  }
  return result;
}
