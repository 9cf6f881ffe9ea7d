import { describe, expect, it } from "vitest";

import {
  D,
  disguised,
  HIDDEN,
  INPUTS,
  layout,
  networks,
  orders,
  output,
  units,
  WIDTH,
} from "../checkpoints/hidden-units.fixture.ts";
import { balancedUnits } from "../checkpoints/index.ts";
import { key, normal, permutation } from "../random/index.ts";
import { nearestByUnits } from "./unit-distance.ts";

const device = { name: "cpu", threads: 1 } as const;

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
