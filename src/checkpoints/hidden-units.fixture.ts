/** Networks of one hidden layer for tests, the same ones in disguise, and what they compute. */
import { fold, key, normal } from "../random/index.ts";
import { hiddenUnits } from "./hidden-units.ts";
import { layoutOf } from "./layout.ts";

export const [INPUTS, HIDDEN, OUTPUTS] = [7, 5, 3];
export const layout = layoutOf([
  { name: "fc1.weight", shape: [HIDDEN, INPUTS], kind: "linear" },
  { name: "fc1.bias", shape: [HIDDEN], kind: "linear" },
  { name: "fc2.weight", shape: [OUTPUTS, HIDDEN], kind: "linear" },
  { name: "fc2.bias", shape: [OUTPUTS], kind: "linear" },
]);
export const units = hiddenUnits(layout)!;
export const D = layout.size;
export const WIDTH = INPUTS + 1 + OUTPUTS;
export const networks = (name: string, count: number) => normal(fold(key(1), name), count * D);

/** What a network computes of an input. */
export function output(v: Float32Array, x: ArrayLike<number>): number[] {
  const { incoming, bias, outgoing, last } = units;
  const hidden = Array.from({ length: HIDDEN }, (_, u) => {
    let sum = v[bias + u]!;
    for (let i = 0; i < INPUTS; i++) sum += v[incoming + u * INPUTS + i]! * x[i]!;
    return Math.max(0, sum);
  });
  return Array.from({ length: OUTPUTS }, (_, o) =>
    hidden.reduce((sum, h, u) => sum + h * v[outgoing + o * HIDDEN + u]!, v[last + o]!),
  );
}

/** The same function with its units in another order and at other scales. */
export function disguised(v: Float32Array, order: ArrayLike<number>, scales: readonly number[]): Float32Array {
  const { incoming, bias, outgoing } = units;
  const other = v.slice();
  for (let u = 0; u < HIDDEN; u++) {
    const [from, scale] = [order[u]!, scales[u]!];
    for (let i = 0; i < INPUTS; i++) other[incoming + u * INPUTS + i] = scale * v[incoming + from * INPUTS + i]!;
    other[bias + u] = scale * v[bias + from]!;
    for (let o = 0; o < OUTPUTS; o++) other[outgoing + o * HIDDEN + u] = v[outgoing + o * HIDDEN + from]! / scale;
  }
  return other;
}

/** Every order of so many things. */
export const orders = (n: number): number[][] =>
  n === 0 ? [[]] : orders(n - 1).flatMap((rest) => Array.from({ length: n }, (_, i) => rest.toSpliced(i, 0, n - 1)));
