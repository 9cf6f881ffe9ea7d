/**
 * The hidden units of a network of one hidden layer, and its canonical form: what can be changed without changing what a ReLU
 * network computes, the order of its units and their scale, is the same in all networks that are put into it.
 */
import { assignment } from "./assignment.ts";
import type { Layout, LayoutEntry } from "./layout.ts";

/** Where a network's hidden units stand in its flat vector. */
export interface HiddenUnits {
  readonly count: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Numbers of a unit: incoming weights, bias, outgoing weights. */
  readonly width: number;
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
  const [incoming, bias, outgoing, last] = entries as [LayoutEntry, LayoutEntry, LayoutEntry, LayoutEntry];
  const [count, inputs] = incoming.shape;
  const [outputs, into] = outgoing.shape;
  const fits =
    [incoming, outgoing].every(({ kind, shape }) => kind === "linear" && shape.length === 2) &&
    into === count &&
    `${bias.shape}` === `${count}` &&
    `${last.shape}` === `${outputs}`;
  if (!fits) return undefined;
  return {
    ...{ count: count!, inputs: inputs!, outputs: outputs!, width: inputs! + 1 + outputs! },
    ...{ incoming: incoming.offset, bias: bias.offset, outgoing: outgoing.offset, last: last.offset },
  };
}

/**
 * A network's units, one after another, in balance: incoming weights and bias as long as outgoing weights. A unit of which
 * one side is all zeros is dead either way and stays as it is.
 * @param into receives `[count, width]`.
 */
export function balancedUnits(vector: Float32Array, units: HiddenUnits, into: Float32Array): void {
  const { count, inputs, outputs, width, incoming, bias, outgoing } = units;
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

/**
 * A network in canonical form: every unit in balance, and in the order in which they fit those of a reference best (the least
 * sum of squared differences). It computes what it did, to rounding.
 * @param reference a network in canonical form; without one the order stays as it is.
 */
export function canonicalForm(vector: Float32Array, units: HiddenUnits, reference?: Float32Array): Float32Array {
  const { count, inputs, outputs, width, incoming, bias, outgoing } = units;
  const own = new Float32Array(count * width);
  balancedUnits(vector, units, own);
  const order =
    reference === undefined ? Int32Array.from({ length: count }, (_, u) => u) : orderLike(own, reference, units);
  const result = vector.slice();
  order.forEach((from, u) => {
    const unit = own.subarray(from * width, (from + 1) * width);
    result.set(unit.subarray(0, inputs), incoming + u * inputs);
    result[bias + u] = unit[inputs]!;
    for (let o = 0; o < outputs; o++) result[outgoing + o * count + u] = unit[inputs + 1 + o]!;
  });
  return result;
}

/** For each unit of the reference, which of the units fits it in the best assignment. */
function orderLike(own: Float32Array, reference: Float32Array, units: HiddenUnits): Int32Array {
  const { count, width } = units;
  const theirs = new Float32Array(count * width);
  balancedUnits(reference, units, theirs);
  const cost = Float64Array.from({ length: count * count }, (_, pair) => {
    const [a, b] = [Math.floor(pair / count) * width, (pair % count) * width];
    let sum = 0;
    for (let i = 0; i < width; i++) sum += (theirs[a + i]! - own[b + i]!) ** 2;
    return sum;
  });
  return assignment(cost, count).columns;
}
