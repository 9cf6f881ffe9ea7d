/**
 * Distances between networks of one hidden layer that do not see what makes no difference: the order of the hidden units, and
 * the scale that a ReLU unit can move from its incoming to its outgoing weights. Two such networks may lie far apart as
 * vectors and compute the same.
 */
import { assignment, balancedUnits, type HiddenUnits, type Layout } from "../checkpoints/index.ts";
import { gemm, input } from "../graph/index.ts";
import { compile, type Device } from "../runtime/index.ts";

export interface UnitDistanceOptions {
  /** Flat vectors of networks, one after another. */
  readonly from: Float32Array;
  readonly to: Float32Array;
  readonly layout: Layout;
  readonly units: HiddenUnits;
  readonly device: Device;
}

/**
 * For each network of `from` the distance to the nearest of `to`, over all orders of the units; infinite for one that is not
 * finite. Exact but for the rounding of float32 products.
 */
export async function nearestByUnits({ from, to, layout, units, device }: UnitDistanceOptions): Promise<Float32Array> {
  const { count, outputs, width, last } = units;
  const D = layout.size;
  const [n, m] = [from.length / D, to.length / D];
  const theirs = new Float32Array(m * count * width);
  for (let k = 0; k < m; k++)
    balancedUnits(to.subarray(k * D, (k + 1) * D), units, theirs.subarray(k * count * width, (k + 1) * count * width));
  const lengths = lengthsOf(theirs, width);
  const own = new Float32Array(count * width);
  const products = new Float32Array(count * m * count);
  const [a, b] = [input("a", [count, width]), input("b", [m * count, width])];
  const program = await compile({ products: gemm(a, b, { transB: true }) }, device);
  const distance = new Float32Array(n).fill(Number.POSITIVE_INFINITY);
  const cost = new Float64Array(count * count);
  try {
    for (let i = 0; i < n; i++) {
      const vector = from.subarray(i * D, (i + 1) * D);
      if (!vector.every(Number.isFinite)) continue;
      balancedUnits(vector, units, own);
      const ownLengths = lengthsOf(own, width);
      await program.run({ a: own, b: theirs }, { products });
      let best = Number.POSITIVE_INFINITY;
      for (let k = 0; k < m; k++) {
        let rest = 0;
        for (let o = 0; o < outputs; o++) rest += (vector[last + o]! - to[k * D + last + o]!) ** 2;
        // Each unit's nearest alone is a bound that few pairs pass.
        let bound = rest;
        for (let u = 0; u < count; u++) {
          let nearest = Number.POSITIVE_INFINITY;
          for (let v = 0; v < count; v++) {
            const product = products[(u * m + k) * count + v]!;
            const apart = Math.max(0, ownLengths[u]! + lengths[k * count + v]! - 2 * product);
            cost[u * count + v] = apart;
            nearest = Math.min(nearest, apart);
          }
          bound += nearest;
        }
        if (bound < best) best = Math.min(best, rest + assignment(cost, count).total);
      }
      distance[i] = Math.sqrt(best);
    }
  } finally {
    await program.release();
  }
  return distance;
}

/** Squared lengths of rows. */
const lengthsOf = (values: Float32Array, width: number): Float64Array =>
  Float64Array.from({ length: values.length / width }, (_, k) => {
    let sum = 0;
    for (let i = k * width; i < (k + 1) * width; i++) sum += values[i]! ** 2;
    return sum;
  });
