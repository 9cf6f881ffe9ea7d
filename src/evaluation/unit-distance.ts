/**
 * Distances between networks that do not see what makes no difference: the order of hidden units, and the scale that a ReLU
 * unit can move from its incoming to its outgoing weights. Two such networks may lie far apart as vectors and compute the same.
 */

import { gemm, input } from "../graph/index.ts";
import { assignment } from "../numeric/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import {
  allBalanced,
  type HiddenUnits,
  matchingOrders,
  outgoing,
  ownRanges,
  parametersOf,
  reordered,
  scaled,
  toUnitSpace,
  type UnitSpace,
} from "../symmetry/index.ts";
import { type DistanceMeter, type Distances, nearestRows } from "./nearest-distance.ts";

export interface UnitMeterOptions {
  /** `[K, D]` */
  readonly originals: Float32Array;
  readonly space: UnitSpace;
  readonly device: Device;
}

/**
 * Measures distances to separately trained originals over all orders of units, each in balance: `raw` as the parameters are, and
 * `standardised` by what each coordinate counts for the outputs, so that weights on inputs that never change neither hide a copy
 * nor make one look new. Of one hidden layer the distances are exact but for the rounding of float32 products; of several they
 * are the least that matching finds among the originals that lie nearest in a common order.
 */
export async function unitMeter({ originals, space, device }: UnitMeterOptions): Promise<DistanceMeter> {
  const { units, effects } = space;
  const d = effects.length;
  const viewsOf = async (vectors: Float32Array): Promise<Record<View, Float32Array>> => ({
    raw: allBalanced(vectors, units),
    standardised: scaled(await toUnitSpace(vectors, space, device), effects),
  });
  const to = await viewsOf(originals);
  const measure = async (vectors: Float32Array, own: boolean): Promise<Distances> => {
    const from = own ? to : await viewsOf(vectors);
    const candidates =
      units.length === 2
        ? undefined
        : await nearestRows({
            from: from.standardised,
            to: to.standardised,
            dimension: d,
            device,
            count: CANDIDATES + 1,
          });
    const found = async (view: View): Promise<Found[]> => {
      const pair = { from: from[view], to: to[view], units, own };
      return candidates === undefined ? byAssignment({ ...pair, device }) : byMatching({ ...pair, candidates });
    };
    const [raw, standardised] = [await found("raw"), await found("standardised")];
    return {
      raw: Float32Array.from(raw, ({ distance }) => distance),
      standardised: Float32Array.from(standardised, ({ distance }) => distance),
      isolation: Float32Array.from(standardised, isolationOf),
    };
  };
  return {
    neighbours: 0,
    originals: await measure(originals, true),
    measure: (vectors) => measure(vectors, false),
  };
}

type View = "raw" | "standardised";

/** The distance to the nearest network, and to the nearest but that one; infinite for a network that is not finite. */
interface Found {
  readonly distance: number;
  readonly next: number;
}

const isolationOf = ({ distance, next }: Found): number =>
  distance === 0 ? 0 : Number.isFinite(next) ? distance / next : 1;

/** Keeps the two least of squared distances. */
function twoLeast() {
  let [least, second] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  return {
    /** What a distance must stay below to matter. */
    limit: () => second,
    meet(squared: number) {
      if (squared < least) [least, second] = [squared, least];
      else if (squared < second) second = squared;
    },
    found: (): Found => ({ distance: Math.sqrt(least), next: Math.sqrt(second) }),
  };
}

interface Pair {
  /** Balanced networks `[n, D]` and `[K, D]`. */
  readonly from: Float32Array;
  readonly to: Float32Array;
  readonly units: HiddenUnits;
  /** Whether both are the same networks, none of which is near to itself. */
  readonly own: boolean;
}

/** Networks of one hidden layer as tokens, `[n × count, width]`: all numbers of a unit; with squared lengths. */
function unitRows(vectors: Float32Array, units: HiddenUnits) {
  const [first, next] = units;
  const count = first.outputs;
  const places = Array.from({ length: count }, (_, u) => [...ownRanges(first, u), ...outgoing(next, u)]);
  const width = places[0]!.reduce((sum, [from, to]) => sum + to - from, 0);
  const d = parametersOf(units);
  const rows = new Float32Array((vectors.length / d) * count * width);
  const lengths = new Float64Array(rows.length / width);
  for (let k = 0; k < lengths.length; k++) {
    const [start, u] = [Math.floor(k / count) * d, k % count];
    const row = rows.subarray(k * width, (k + 1) * width);
    let at = 0;
    for (const [from, to] of places[u]!) {
      row.set(vectors.subarray(start + from, start + to), at);
      at += to - from;
    }
    for (const x of row) lengths[k]! += x * x;
  }
  return { rows, lengths, width };
}

/** Over all orders of one hidden layer's units. */
async function byAssignment({ from, to, units, own, device }: Pair & { device: Device }): Promise<Found[]> {
  const [{ outputs: count }, last] = units;
  const d = parametersOf(units);
  const [n, m] = [from.length / d, to.length / d];
  const [ours, theirs] = [unitRows(from, units), unitRows(to, units)];
  const { width } = ours;
  const [a, b] = [input("a", [count, width]), input("b", [m * count, width])];
  const program = await compile({ products: gemm(a, b, { transB: true }) }, device);
  const products = new Float32Array(count * m * count);
  const cost = new Float64Array(count * count);
  const rowLeast = new Float64Array(count);
  const result: Found[] = [];
  try {
    for (let i = 0; i < n; i++) {
      await program.run(
        { a: ours.rows.subarray(i * count * width, (i + 1) * count * width), b: theirs.rows },
        { products },
      );
      const least = twoLeast();
      for (let k = 0; k < m; k++) {
        if (own && k === i) continue;
        let rest = 0;
        for (let o = last.bias; o < d; o++) rest += (from[i * d + o]! - to[k * d + o]!) ** 2;
        // Each unit's nearest alone is a bound that few pairs pass; what is then left of each column is a better one.
        let bound = rest;
        for (let u = 0; u < count; u++) {
          let nearest = Number.POSITIVE_INFINITY;
          const length = ours.lengths[i * count + u]!;
          for (let v = 0; v < count; v++) {
            const product = products[(u * m + k) * count + v]!;
            const apart = Math.max(0, length + theirs.lengths[k * count + v]! - 2 * product);
            cost[u * count + v] = apart;
            if (apart < nearest) nearest = apart;
          }
          bound += nearest;
          rowLeast[u] = nearest;
        }
        if (bound < least.limit() && bound + columnsLeft(cost, rowLeast) < least.limit())
          least.meet(rest + assignment(cost, count).total);
      }
      result.push(least.found());
    }
  } finally {
    await program.release();
  }
  return result;
}

/** The sum over columns of the least that is left of costs when every row has lost its own least: no assignment costs less. */
function columnsLeft(cost: Float64Array, rowLeast: Float64Array): number {
  const count = rowLeast.length;
  let sum = 0;
  for (let v = 0; v < count; v++) {
    let least = Number.POSITIVE_INFINITY;
    for (let u = 0; u < count; u++) least = Math.min(least, cost[u * count + v]! - rowLeast[u]!);
    sum += least;
  }
  return sum;
}

/** Originals with which a network of several hidden layers is matched. */
const CANDIDATES = 8;

/** Over the orders that matching finds, among candidates. */
function byMatching({ from, to, units, own, candidates }: Pair & { candidates: readonly Int32Array[] }): Found[] {
  const d = parametersOf(units);
  return candidates.map((rows, i) => {
    const v = from.subarray(i * d, (i + 1) * d);
    const least = twoLeast();
    const others = v.every(Number.isFinite) ? rows.filter((row) => !own || row !== i) : new Int32Array();
    for (const k of others.subarray(0, CANDIDATES)) {
      const other = to.subarray(k * d, (k + 1) * d);
      if (!other.every(Number.isFinite)) continue;
      const near = reordered(v, units, matchingOrders(v, other, units));
      let squared = 0;
      for (let j = 0; j < d; j++) squared += (near[j]! - other[j]!) ** 2;
      least.meet(squared);
    }
    return least.found();
  });
}
