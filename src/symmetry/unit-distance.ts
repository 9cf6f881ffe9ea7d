/**
 * Distances between networks over all orders of their hidden units. Two networks may lie far apart
 * as vectors and yet compute the same, because units may change places; here a network is compared
 * in the order in which it lies nearest.
 */

import { yieldToEvents } from "../event-loop.ts";
import { add, gemm, input, mul, reduceMax, reduceSum, reshape, sub, type Tensor } from "../graph/index.ts";
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

/** The squared distance between row `own` of `ours` and row `k` of `theirs`. */
export function squaredBetween(ours: UnitRows, own: number, theirs: UnitRows, k: number): number {
  const { width } = ours;
  let sum = 0;
  for (let j = 0; j < width; j++) sum += (ours.rows[own * width + j]! - theirs.rows[k * width + j]!) ** 2;
  return sum;
}

/**
 * The nearest networks over all orders of the units of one hidden layer: exact. Few pairs have to
 * be solved, the likeliest first: of most a lower bound already lies above the distances found.
 * @param pairs networks of one hidden layer.
 * @throws Interrupted when the signal aborts.
 */
export async function nearestByAssignment(
  { from, to, units, same }: NetworkPairs,
  device: Device,
  signal?: AbortSignal,
): Promise<NearestNetworks[]> {
  const [{ outputs: count }, last] = units;
  const [ours, theirs] = [await unitRows(from, units, 0, signal), await unitRows(to, units, 0, signal)];
  const compiled = await lowerBounds(ours, theirs, count, device);
  const cost = new Float64Array(count * count);
  const rest = new Float64Array(to.rows);
  const result: NearestNetworks[] = [];
  try {
    for (let i = 0; i < from.rows; i++) {
      await yieldToEvents(signal);
      if (i % TOGETHER === 0) await compiled.find(i, signal);
      const bounds = compiled.of(i);
      setSquaredDistances(rest, from, i, to, last.bias);
      const nearest = twoSmallest();
      for (const { k, least } of likeliestFirst(to.rows, (k) => (1 - ROUNDING) * rest[k]! + bounds[k]!)) {
        // No other can be nearer.
        if (least > nearest.limit()) break;
        if (same && k === i) continue;
        await yieldToEvents(signal);
        setCosts(cost, ours, i, theirs, k);
        nearest.add(rest[k]! + (await assignment(cost, count, signal)).total, k);
      }
      result.push(nearest.result());
    }
  } finally {
    await compiled.release();
  }
  return result;
}

/** Networks and others that are compared in one product: as many as stay in a processor's cache. */
const TOGETHER = 16;
const OTHERS = 256;

/** What float32 sums may be off by, as a share. */
const ROUNDING = 1e-5;

/** Prepares lower bounds of the assignments of `count` units, for `TOGETHER` networks a time. */
async function lowerBounds(ours: UnitRows, theirs: UnitRows, count: number, device: Device) {
  const { width } = ours;
  const [n, m] = [ours.lengths.length / count, theirs.lengths.length / count];
  const others = Math.min(m, OTHERS);
  const program = await compile(boundGraph({ count, others, width }), device);
  const a = new Float32Array(TOGETHER * count * width);
  const b = new Float32Array(others * count * width);
  const lengths = new Float32Array(others * count);
  const out = { above: new Float32Array(TOGETHER * others) };
  const bounds = new Float64Array(TOGETHER * m);
  const [ourLengths, theirLengths] = [sumsOf(ours.lengths, count), sumsOf(theirs.lengths, count)];
  return {
    /** Finds the bounds of network `i` and those after it. */
    async find(i: number, signal: AbortSignal | undefined): Promise<void> {
      const rows = Math.min(TOGETHER, n - i);
      a.set(ours.rows.subarray(i * count * width, (i + rows) * count * width));
      for (let start = 0; start < m; start += others) {
        await yieldToEvents(signal);
        const columns = Math.min(others, m - start);
        b.set(theirs.rows.subarray(start * count * width, (start + columns) * count * width));
        for (let j = 0; j < columns * count; j++) lengths[j] = -theirs.lengths[start * count + j]!;
        await program.run({ a, b, lengths }, out);
        for (let g = 0; g < rows; g++) {
          const length = at(ourLengths, i + g);
          for (let k = 0; k < columns; k++) {
            const least = (1 - ROUNDING) * (length - out.above[g * others + k]!) - ROUNDING * length;
            // The greatest of numbers may leave out one that is none.
            bounds[g * m + start + k] = Number.isFinite(theirLengths[start + k]) ? least : Number.NaN;
          }
        }
      }
    },
    /** The bounds of network `i`, one of those found last, to all others. */
    of: (i: number): Float64Array => bounds.subarray((i % TOGETHER) * m, ((i % TOGETHER) + 1) * m),
    release: () => program.release(),
  };
}

/** The sums of each `count` numbers. */
const sumsOf = (values: Float64Array, count: number): Float64Array =>
  Float64Array.from({ length: values.length / count }, (_, i) =>
    values.subarray(i * count, (i + 1) * count).reduce((sum, x) => sum + x, 0),
  );

/**
 * What no assignment between the units a of some networks and the units b of others lies below, as
 * in the first step of Kuhn's method: each row's least cost, and what is then each column's. The
 * cost |a − b|² is |a|² less 2 a·b − |b|², of which the greatest is looked for: `above`
 * `[TOGETHER, others]` is what to take from the sum of all |a|². Fed are the units, `a`
 * `[TOGETHER × count, width]` and `b` `[others × count, width]`, and −|b|², `lengths`.
 */
function boundGraph({
  count,
  others,
  width,
}: Readonly<Record<"count" | "others" | "width", number>>): Record<"above", Tensor> {
  const [rows, columns] = [TOGETHER * count, others * count];
  const [a, b, bias] = [input("a", [rows, width]), input("b", [columns, width]), input("lengths", [columns])];
  const near = reshape(gemm(mul(a, 2), b, { transB: true, bias }), [rows, others, count]);
  const ofRow = reduceMax(near, { axes: [2] });
  const beyond = reshape(sub(near, reshape(ofRow, [rows, others, 1])), [TOGETHER, count, columns]);
  const ofColumn = reshape(reduceMax(beyond, { axes: [1] }), [TOGETHER, others, count]);
  return {
    above: add(reduceSum(reshape(ofRow, [TOGETHER, count, others]), { axes: [1] }), reduceSum(ofColumn, { axes: [2] })),
  };
}

/** The squared distances between the units of network `i` of `ours` and `k` of `theirs`. */
function setCosts(cost: Float64Array, ours: UnitRows, i: number, theirs: UnitRows, k: number): void {
  const count = Math.sqrt(cost.length);
  for (let u = 0, c = 0; u < count; u++)
    for (let v = 0; v < count; v++, c++) cost[c] = squaredBetween(ours, i * count + u, theirs, k * count + v);
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
      sum += (values[a]! - to.values[b]!) ** 2;
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
