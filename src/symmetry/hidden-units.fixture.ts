/** Perceptrons for tests, the same ones in disguise, and what they compute. */

import { type Layout, layoutOf } from "../layout/index.ts";
import { at } from "../lookup.ts";
import { foldIn, key, normal, permutation } from "../random/index.ts";
import { type HiddenUnits, hiddenUnits, parametersOf, reorder } from "./hidden-units.ts";

/**
 * The layout of a perceptron; the widths are of its inputs, of each hidden layer, and of its
 * outputs.
 */
export const perceptron = (...widths: readonly number[]): Layout =>
  layoutOf(
    widths.slice(1).flatMap((out, l) => [
      { name: `fc${l + 1}.weight`, shape: [out, at(widths, l)], kind: "linear" as const },
      { name: `fc${l + 1}.bias`, shape: [out], kind: "linear" as const },
    ]),
  );

/** The same with a layer normalisation before each ReLU. */
export const normalisedPerceptron = (...widths: readonly number[]): Layout =>
  layoutOf(
    perceptron(...widths).entries.flatMap((entry, i, { length }) => {
      const norm = ["weight", "bias"].map((name) => ({
        name: `norm${i}.${name}`,
        shape: entry.shape,
        kind: "norm" as const,
      }));
      return i % 2 === 1 && i < length - 1 ? [entry, ...norm] : [entry];
    }),
  );

/** Hidden units of a layout. */
export function unitsIn(layout: Layout): HiddenUnits {
  const found = hiddenUnits(layout);
  if ("problem" in found) throw new Error(found.problem);
  return found.units;
}

export const [INPUTS, HIDDEN, OUTPUTS] = [7, 5, 3];
/** One hidden layer, and two. */
export const shallow = unitsIn(perceptron(INPUTS, HIDDEN, OUTPUTS));
export const deep = unitsIn(perceptron(INPUTS, HIDDEN, HIDDEN - 1, OUTPUTS));
/** Two, normalised. */
export const normalised = unitsIn(normalisedPerceptron(INPUTS, HIDDEN, HIDDEN - 1, OUTPUTS));

export const networks = (name: string, count: number, units: HiddenUnits = shallow): Float32Array =>
  normal(foldIn(key(1), name), count * parametersOf(units));

/** What a network computes of an input. */
export function output(v: Float32Array, x: ArrayLike<number>, units: HiddenUnits = shallow): number[] {
  let seen = Array.from(x);
  units.forEach(({ inputs, outputs, weight, bias, norm }, l) => {
    let sums = Array.from({ length: outputs }, (_, u) =>
      seen.reduce((sum, value, i) => sum + value * at(v, weight + u * inputs + i), at(v, bias + u)),
    );
    if (norm !== undefined) {
      const mean = sums.reduce((a, b) => a + b, 0) / outputs;
      const deviation = Math.sqrt(sums.reduce((a, b) => a + (b - mean) ** 2, 0) / outputs);
      sums = sums.map((sum, u) => (at(v, norm.weight + u) * (sum - mean)) / deviation + at(v, norm.bias + u));
    }
    seen = l < units.length - 1 ? sums.map((sum) => Math.max(0, sum)) : sums;
  });
  return seen;
}

/** The same function with hidden units in other orders and at other scales, as a key draws them. */
export function disguised(v: Float32Array, name: string, units: HiddenUnits = shallow): Float32Array {
  const drawn = foldIn(key(2), name);
  const orders = units.slice(0, -1).map(({ outputs }, l) => Int32Array.from(permutation(foldIn(drawn, l), outputs)));
  const other = reorder(v, units, orders);
  units.slice(0, -1).forEach(({ inputs, outputs, weight, bias, norm }, l) => {
    const next = at(units, l + 1);
    normal(foldIn(drawn, l, "scale"), outputs).forEach((z, u) => {
      const scale = Math.exp(z);
      if (norm === undefined) {
        for (let i = 0; i < inputs; i++) other[weight + u * inputs + i]! *= scale;
        other[bias + u]! *= scale;
      } else for (const offset of [norm.weight, norm.bias]) other[offset + u]! *= scale;
      for (let o = 0; o < next.outputs; o++) other[next.weight + o * outputs + u]! /= scale;
    });
  });
  return other;
}

/** Every order of n things. */
export const orders = (n: number): number[][] =>
  n === 0 ? [[]] : orders(n - 1).flatMap((rest) => Array.from({ length: n }, (_, i) => rest.toSpliced(i, 0, n - 1)));

/** The cases of tests about networks: the layers of each by its name. */
export const perceptrons = [
  ["one hidden layer", shallow],
  ["two hidden layers", deep],
  ["two hidden layers, normalised", normalised],
] as const;

/** Euclidean length. */
export const norm = (values: Iterable<number>): number => Math.hypot(...values);

/** Euclidean distance. */
export const apart = (a: Float32Array, b: Float32Array): number => norm(a.map((x, i) => x - (b[i] ?? Number.NaN)));
