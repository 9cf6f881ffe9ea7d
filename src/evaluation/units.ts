/**
 * Distances between networks of one hidden layer that do not see what makes no difference: the order of the hidden units, and
 * the scale that a ReLU unit can move from its incoming to its outgoing weights. Two such networks may lie far apart as
 * vectors and compute the same.
 */
import type { Layout } from "../checkpoints/index.ts";
import { gemm, input } from "../graph/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import { assignment } from "./assignment.ts";

/** Where a network's hidden units stand in its flat vector. */
export interface HiddenUnits {
  readonly count: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Of the incoming weights `[count, inputs]`, the biases `[count]`, the outgoing weights `[outputs, count]`. */
  readonly incoming: number;
  readonly bias: number;
  readonly outgoing: number;
  /** Of what belongs to no unit: the biases `[outputs]` of the last layer. */
  readonly last: number;
}

/** The hidden units of a layout of two linear layers, weight and bias each; undefined for any other. */
export function hiddenUnits({ entries }: Layout): HiddenUnits | undefined {
  if (entries.length !== 4) return undefined;
  const [incoming, bias, outgoing, last] = entries as [
    (typeof entries)[0],
    (typeof entries)[0],
    (typeof entries)[0],
    (typeof entries)[0],
  ];
  const [count, inputs] = incoming.shape;
  const [outputs, into] = outgoing.shape;
  const fits =
    [incoming, outgoing].every(({ kind, shape }) => kind === "linear" && shape.length === 2) &&
    into === count &&
    `${bias.shape}` === `${count}` &&
    `${last.shape}` === `${outputs}`;
  if (!fits) return undefined;
  return {
    ...{ count: count!, inputs: inputs!, outputs: outputs! },
    ...{ incoming: incoming.offset, bias: bias.offset, outgoing: outgoing.offset, last: last.offset },
  };
}

/**
 * A network's units, one after another, in balance: incoming weights and bias as long as outgoing weights. A unit of which
 * one side is all zeros is dead either way and stays as it is.
 * @param into receives `[count, inputs + 1 + outputs]`.
 */
export function balancedUnits(vector: Float32Array, units: HiddenUnits, into: Float32Array): void {
  const { count, inputs, outputs, incoming, bias, outgoing } = units;
  const width = inputs + 1 + outputs;
  for (let u = 0; u < count; u++) {
    const unit = into.subarray(u * width, (u + 1) * width);
    unit.set(vector.subarray(incoming + u * inputs, incoming + (u + 1) * inputs));
    unit[inputs] = vector[bias + u]!;
    for (let o = 0; o < outputs; o++) unit[inputs + 1 + o] = vector[outgoing + o * count + u]!;
    const [before, after] = [norm(unit, 0, inputs + 1), norm(unit, inputs + 1, width)];
    if (before === 0 || after === 0) continue;
    const scale = Math.sqrt(after / before);
    for (let i = 0; i < width; i++) unit[i]! *= i <= inputs ? scale : 1 / scale;
  }
}

function norm(values: Float32Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum);
}

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
  const { count, inputs, outputs, last } = units;
  const [D, width] = [layout.size, inputs + 1 + outputs];
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
  Float64Array.from({ length: values.length / width }, (_, k) => norm(values, k * width, (k + 1) * width) ** 2);
