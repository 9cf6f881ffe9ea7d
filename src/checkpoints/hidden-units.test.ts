import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fold, key, normal, permutation } from "../random/index.ts";
import { assignment } from "./assignment.ts";
import {
  disguised,
  HIDDEN,
  INPUTS,
  layout,
  networks,
  OUTPUTS,
  orders,
  output,
  units,
  WIDTH,
} from "./hidden-units.fixture.ts";
import { balancedUnits, canonicalForm, hiddenUnits } from "./hidden-units.ts";
import { layoutOf } from "./layout.ts";

describe("an assignment", () => {
  it("is the cheapest of all", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(1e6), (n, seed) => {
        const cost = normal(key(seed), n * n).map((x) => Math.round(4 * x));
        const sums = orders(n).map((columns) => columns.reduce((sum, j, i) => sum + cost[i * n + j]!, 0));
        const { total, columns } = assignment(cost, n);
        expect(total).toBe(Math.min(...sums));
        expect([...columns].sort()).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });
});

describe("hidden units", () => {
  it("are those of two linear layers, and of nothing else", () => {
    expect(units).toMatchObject({ count: HIDDEN, inputs: INPUTS, outputs: OUTPUTS });
    const { entries } = layout;
    const of = (change: (i: number) => object) =>
      hiddenUnits(layoutOf(entries.map(({ name, shape, kind }, i) => ({ name, shape, kind, ...change(i) }))));
    expect(of(() => ({ kind: "conv" }))).toBeUndefined();
    expect(of((i) => (i === 2 ? { shape: [OUTPUTS, HIDDEN + 1] } : {}))).toBeUndefined();
    expect(hiddenUnits(layoutOf(entries.slice(0, 2)))).toBeUndefined();
  });

  it("in balance are as long on both sides, and compute what they did", () => {
    const v = networks("one", 1);
    const into = new Float32Array(HIDDEN * WIDTH);
    balancedUnits(v, units, into);
    const back = v.slice();
    for (let u = 0; u < HIDDEN; u++) {
      const unit = [...into.subarray(u * WIDTH, (u + 1) * WIDTH)];
      expect(Math.hypot(...unit.slice(0, INPUTS + 1))).toBeCloseTo(Math.hypot(...unit.slice(INPUTS + 1)), 5);
      back.set(unit.slice(0, INPUTS), units.incoming + u * INPUTS);
      back[units.bias + u] = unit[INPUTS]!;
      for (let o = 0; o < OUTPUTS; o++) back[units.outgoing + o * HIDDEN + u] = unit[INPUTS + 1 + o]!;
    }
    const x = normal(key(5), INPUTS);
    output(back, x).forEach((y, o) => {
      expect(y).toBeCloseTo(output(v, x)[o]!, 4);
    });
  });

  it("that are dead stay as they are", () => {
    const v = networks("dead", 1);
    for (let o = 0; o < OUTPUTS; o++) v[units.outgoing + o * HIDDEN] = 0;
    const into = new Float32Array(HIDDEN * WIDTH);
    balancedUnits(v, units, into);
    expect(into.slice(0, INPUTS)).toEqual(v.slice(0, INPUTS));
    expect(into.every(Number.isFinite)).toBe(true);
  });
});

describe("the canonical form", () => {
  const norm = (values: Iterable<number>) => Math.hypot(...values);
  const apart = (a: Float32Array, b: Float32Array) => norm(a.map((x, i) => x - b[i]!));

  it("computes what the network did", () => {
    const [reference, v] = [networks("reference", 1), networks("one", 1)];
    const x = normal(key(6), INPUTS);
    output(canonicalForm(v, units, reference), x).forEach((y, o) => {
      expect(y).toBeCloseTo(output(v, x)[o]!, 4);
    });
  });

  it("of a network in disguise is that of the network", () => {
    const v = networks("one", 1);
    const form = canonicalForm(v, units, networks("reference", 1));
    const other = disguised(v, permutation(key(8), HIDDEN), [0.2, 3, 1, 7, 0.5]);
    expect(apart(canonicalForm(other, units, networks("reference", 1)), form)).toBeLessThan(1e-4 * norm(form));
  });

  it("is nearer to the reference than any other order of the units", () => {
    const reference = canonicalForm(networks("reference", 1), units);
    const v = networks("one", 1);
    const best = apart(canonicalForm(v, units, reference), reference);
    for (let k = 0; k < 20; k++) {
      const other = disguised(canonicalForm(v, units), permutation(fold(key(9), k), HIDDEN), [1, 1, 1, 1, 1]);
      expect(apart(other, reference)).toBeGreaterThanOrEqual(best - 1e-4);
    }
  });

  it("of a canonical network is that network", () => {
    const reference = canonicalForm(networks("reference", 1), units);
    const once = canonicalForm(networks("one", 1), units, reference);
    expect(apart(canonicalForm(once, units, reference), once)).toBeLessThan(1e-5 * norm(once));
    expect(apart(canonicalForm(reference, units, reference), reference)).toBeLessThan(1e-5 * norm(reference));
  });
});
