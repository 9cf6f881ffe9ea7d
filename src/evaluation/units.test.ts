import { describe, expect, it } from "vitest";

import { balancedUnits, hiddenUnits, layoutOf } from "../checkpoints/index.ts";
import { fold, key, normal, permutation } from "../random/index.ts";
import { nearestByUnits } from "./units.ts";

const [INPUTS, HIDDEN, OUTPUTS] = [7, 5, 3];
const layout = layoutOf([
  { name: "fc1.weight", shape: [HIDDEN, INPUTS], kind: "linear" },
  { name: "fc1.bias", shape: [HIDDEN], kind: "linear" },
  { name: "fc2.weight", shape: [OUTPUTS, HIDDEN], kind: "linear" },
  { name: "fc2.bias", shape: [OUTPUTS], kind: "linear" },
]);
const units = hiddenUnits(layout)!;
const D = layout.size;
const WIDTH = INPUTS + 1 + OUTPUTS;
const device = { name: "cpu", threads: 1 } as const;
const networks = (name: string, count: number) => normal(fold(key(1), name), count * D);

/** What a network computes of an input. */
function output(v: Float32Array, x: ArrayLike<number>): number[] {
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
function disguised(v: Float32Array, order: ArrayLike<number>, scales: readonly number[]): Float32Array {
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

describe("the distance to the nearest network, over all orders of units", () => {
  const nearest = (from: Float32Array, to: Float32Array) => nearestByUnits({ from, to, layout, units, device });

  it("is nothing for a network in disguise, which lies far away as a vector", async () => {
    const to = networks("originals", 6);
    const original = to.subarray(3 * D, 4 * D);
    const order = permutation(key(8), HIDDEN);
    const other = disguised(original, order, [0.2, 3, 1, 7, 0.5]);
    const x = normal(key(6), INPUTS);
    output(other, x).forEach((y, o) => {
      expect(y).toBeCloseTo(output(original, x)[o]!, 4);
    });
    expect(Math.hypot(...other.map((v, i) => v - original[i]!))).toBeGreaterThan(3);
    expect((await nearest(other, to))[0]).toBeLessThan(0.01);
  });

  it("is the least over every order, as trying all of them finds", async () => {
    const [from, to] = [networks("from", 3), networks("to", 4)];
    const found = await nearest(from, to);
    const orders = (n: number): number[][] =>
      n === 0
        ? [[]]
        : orders(n - 1).flatMap((rest) => Array.from({ length: n }, (_, i) => rest.toSpliced(i, 0, n - 1)));
    const tokens = (v: Float32Array) => {
      const into = new Float32Array(HIDDEN * WIDTH);
      balancedUnits(v, units, into);
      return into;
    };
    for (let i = 0; i < 3; i++) {
      const v = from.subarray(i * D, (i + 1) * D);
      const all = [0, 1, 2, 3].flatMap((k) => {
        const w = to.subarray(k * D, (k + 1) * D);
        const rest = Math.hypot(...v.slice(units.last).map((x, o) => x - w[units.last + o]!));
        const [a, b] = [tokens(v), tokens(w)];
        return orders(HIDDEN).map((order) =>
          Math.hypot(rest, ...a.map((x, at) => x - b[order[Math.floor(at / WIDTH)]! * WIDTH + (at % WIDTH)]!)),
        );
      });
      expect(found[i]).toBeCloseTo(Math.min(...all), 3);
    }
  });

  it("is infinite for what is no number", async () => {
    const odd = networks("odd", 1);
    odd[4] = Number.NaN;
    expect((await nearest(odd, networks("originals", 3)))[0]).toBe(Number.POSITIVE_INFINITY);
  });
});
