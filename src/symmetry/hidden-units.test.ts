import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layoutOf } from "../checkpoints/layout.ts";
import { assignment } from "../numeric/assignment.ts";
import { foldIn, key, normal, permutation } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import {
  allBalanced,
  canonicalForms,
  principalAxes,
  toUnitSpace,
  type UnitSpace,
  unitSpace,
} from "./canonical-form.ts";
import {
  deep,
  disguised,
  HIDDEN,
  INPUTS,
  networks,
  normalised,
  OUTPUTS,
  orders,
  output,
  perceptron,
  shallow,
  unitsIn,
} from "./hidden-units.fixture.ts";
import { balanced, deadUnits, hiddenUnits, parametersOf, reordered } from "./hidden-units.ts";
import { coordinateEffects } from "./unit-effects.ts";
import { matchingOrders } from "./unit-matching.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });
const norm = (values: Iterable<number>) => Math.hypot(...values);
const apart = (a: Float32Array, b: Float32Array) => norm(a.map((x, i) => x - b[i]!));
const both = [
  ["one hidden layer", shallow],
  ["two hidden layers", deep],
  ["two hidden layers, normalised", normalised],
] as const;

function expectSame(a: readonly number[], b: readonly number[]): void {
  a.forEach((value, i) => {
    expect(value).toBeCloseTo(b[i]!, 3);
  });
}

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
  it("are those between linear layers", () => {
    expect(shallow.map(({ inputs, outputs }) => [inputs, outputs])).toEqual([
      [INPUTS, HIDDEN],
      [HIDDEN, OUTPUTS],
    ]);
    expect(deep).toHaveLength(3);
  });

  it.each([
    ["fc1.weight [5,7] is not the weight of a linear layer or a convolution", () => ({ kind: "norm" as const })],
    [
      "fc2.weight [3,6] does not take the 5 units of the layer before it",
      (i: number) => (i === 2 ? { shape: [3, 6] } : {}),
    ],
    ["after fc2.weight [3,5] comes no bias of 3 numbers", (i: number) => (i === 3 ? { shape: [4] } : {})],
  ])("are not known where %s", (problem, change) => {
    const { entries } = perceptron(INPUTS, HIDDEN, OUTPUTS);
    const changed = layoutOf(entries.map(({ name, shape, kind }, i) => ({ name, shape, kind, ...change(i) })));
    expect(hiddenUnits(changed)).toEqual({ problem });
  });

  it("are the channels of convolutions, too, with a kernel between two of them, and flattened before linear layers", () => {
    const { entries } = layoutOf([
      { name: "conv1.weight", shape: [4, 3, 5, 5], kind: "conv" },
      { name: "conv1.bias", shape: [4], kind: "conv" },
      { name: "conv2.weight", shape: [6, 4, 3, 3], kind: "conv" },
      { name: "conv2.bias", shape: [6], kind: "conv" },
      { name: "fc1.weight", shape: [10, 24], kind: "linear" },
      { name: "fc1.bias", shape: [10], kind: "linear" },
    ]);
    const places = unitsIn(layoutOf(entries)).map(({ inputs, each, outputs }) => [inputs, each, outputs]);
    expect(places).toEqual([
      [75, 1, 4],
      [4, 9, 6],
      [6, 4, 10],
    ]);
    const grouped = entries.map((e) => (e.name === "conv2.weight" ? { ...e, shape: [6, 2, 3, 3] } : e));
    expect(hiddenUnits(layoutOf(grouped))).toEqual({
      problem: "conv2.weight [6,2,3,3] does not take the 4 units of the layer before it",
    });
  });

  it("bring their normalisation with them: a number each, or one for each place of a channel", () => {
    const conv = (name: string, shape: number[], kind: "conv" | "norm" = "conv") => ({ name, shape, kind });
    const layout = (each: number[]) =>
      layoutOf([
        ...[conv("c1.weight", [4, 1, 3, 3]), conv("c1.bias", [4])],
        ...[conv("n1.weight", [4, ...each], "norm"), conv("n1.bias", [4, ...each], "norm")],
        ...[conv("c2.weight", [3, 4, 3, 3]), conv("c2.bias", [3])],
      ]);
    expect(unitsIn(layout([])).map(({ norm }) => norm)).toEqual([
      { each: 1, alone: true, weight: 40, bias: 44 },
      undefined,
    ]);
    expect(unitsIn(layout([2, 2]))[0].norm).toEqual({ each: 4, alone: false, weight: 40, bias: 56 });
    expect(parametersOf(unitsIn(layout([2, 2])))).toBe(layout([2, 2]).size);
    const { entries } = layout([]);
    const without = (...names: string[]) => hiddenUnits(layoutOf(entries.filter(({ name }) => !names.includes(name))));
    expect(without("n1.bias")).toEqual({
      problem: "n1.weight [4] does not scale and shift c1.weight [4,1,3,3]'s outputs",
    });
    const statistic = { name: "n1.running_mean", shape: [4], kind: "statistic" as const };
    expect(hiddenUnits(layoutOf(entries.toSpliced(4, 0, { ...statistic, offset: 0, size: 4 })))).toEqual({
      problem: "n1.running_mean is a running statistic, which no scale of a unit leaves as it is",
    });
    expect(hiddenUnits(layoutOf([...entries.slice(4), ...entries.slice(0, 4)]))).toMatchObject({ problem: /./ });
  });

  it("need a hidden layer", () => {
    expect(hiddenUnits(perceptron(INPUTS, OUTPUTS))).toEqual({ problem: "there is no hidden layer" });
  });

  it.each(both)("of %s in balance are as long on both sides, and compute what they did", (_, units) => {
    const v = networks("one", 1, units);
    const result = balanced(v, units);
    units.slice(0, -1).forEach((layer, l) => {
      const { inputs, outputs, weight, bias } = layer;
      const next = units[l + 1]!;
      for (let u = 0; u < outputs; u++) {
        const weights = result.subarray(weight + u * inputs, weight + (u + 1) * inputs);
        const scaled = layer.norm && [layer.norm.weight, layer.norm.bias].map((offset) => result[offset + u]!);
        const into = norm(scaled ?? [...weights, result[bias + u]!]);
        const out = norm(Array.from({ length: next.outputs }, (_, o) => result[next.weight + o * outputs + u]!));
        expect(into / out).toBeCloseTo(1, 4);
      }
    });
    const x = normal(key(5), INPUTS);
    expectSame(output(result, x, units), output(v, x, units));
  });

  it("that are dead are counted, and stay as they are", () => {
    const v = networks("dead", 1);
    const [{ outputs: count }, next] = shallow;
    expect(deadUnits(v, shallow)).toBe(0);
    for (let o = 0; o < OUTPUTS; o++) v[next.weight + o * count] = 0;
    expect(deadUnits(v, shallow)).toBe(1);
    const result = balanced(v, shallow);
    expect(result.slice(0, INPUTS)).toEqual(v.slice(0, INPUTS));
    expect(result.every(Number.isFinite)).toBe(true);
  });

  it.each(both)("of %s compute the same in any order, and find back into theirs", (_, units) => {
    const v = networks("one", 1, units);
    const shuffled = units
      .slice(0, -1)
      .map(({ outputs }, l) => Int32Array.from(permutation(foldIn(key(3), l), outputs)));
    const other = reordered(v, units, shuffled);
    const x = normal(key(5), INPUTS);
    expectSame(output(other, x, units), output(v, x, units));
    expect(reordered(other, units, matchingOrders(other, v, units))).toEqual(v);
  });
});

/** Axes of inputs whose covariance is known: a random rotation of falling variances. */
const axes = principalAxes(
  Float64Array.from(normal(key(11), INPUTS)),
  (() => {
    const factor = normal(key(12), INPUTS * INPUTS);
    return Float64Array.from({ length: INPUTS * INPUTS }, (_, at) => {
      const [i, j] = [Math.floor(at / INPUTS), at % INPUTS];
      let sum = 0;
      for (let k = 0; k < INPUTS; k++) sum += factor[i * INPUTS + k]! * factor[j * INPUTS + k]!;
      return sum;
    });
  })(),
);

describe("principal axes", () => {
  it("are orthonormal, by falling variance", () => {
    const row = (i: number) => axes.axes.subarray(i * INPUTS, (i + 1) * INPUTS);
    for (let i = 0; i < INPUTS; i++)
      for (let j = 0; j < INPUTS; j++)
        expect(row(i).reduce((sum, x, k) => sum + x * row(j)[k]!, 0)).toBeCloseTo(i === j ? 1 : 0, 5);
    expect([...axes.variance]).toEqual([...axes.variance].sort((a, b) => b - a));
  });
});

describe.each(both)("the canonical form of %s", (_, units) => {
  const D = parametersOf(units);
  const space: Promise<UnitSpace> = unitSpace(networks("zoo", 4, units), units, axes, device);
  const form = async (v: Float32Array) => canonicalForms(v, await space, device);

  it("computes what the network did", async () => {
    const v = networks("one", 1, units);
    const x = normal(key(6), INPUTS);
    expectSame(output(await form(v), x, units), output(v, x, units));
  });

  it("is undone exactly: its own form is itself", async () => {
    const once = await form(networks("one", 1, units));
    expect(apart(await form(once), once)).toBeLessThan(1e-5 * norm(once));
  });

  it("of the reference in disguise is that of the reference", async () => {
    const first = networks("zoo", 4, units).subarray(0, D);
    const plain = await form(first);
    expect(apart(await form(disguised(first, "mask", units)), plain)).toBeLessThan(1e-4 * norm(plain));
    expect(apart(await toUnitSpace(first, await space, device), (await space).reference)).toBeLessThan(1e-4);
  });

  it("leaves a network that is not finite to itself", async () => {
    const pair = networks("pair", 2, units);
    pair[3] = Number.NaN;
    const formed = await form(pair);
    expect(formed.subarray(0, D).every(Number.isFinite)).toBe(false);
    expect(formed.subarray(D)).toEqual(await form(pair.subarray(D)));
  });

  it("counts each coordinate by what it does to the outputs", async () => {
    // Finite differences over normal inputs, in the mean over a layer's units, against what is worked out.
    const v = await toUnitSpace(allBalanced(networks("zoo", 4, units), units), await space, device);
    const effects = coordinateEffects(v, units, axes.variance);
    const count = 4000;
    const inputs = Array.from({ length: count }, (_, k) =>
      normal(foldIn(key(13), k), INPUTS).map((z, i) => z * Math.sqrt(axes.variance[i]!)),
    );
    const found = (at: number) => {
      let squares = 0;
      for (let k = 0; k < 4; k++) {
        const own = v.slice(k * D, (k + 1) * D);
        const moved = own.slice();
        moved[at]! += 1e-2;
        for (const x of inputs.slice(k * (count / 4), (k + 1) * (count / 4))) {
          const [a, b] = [output(own, x, units), output(moved, x, units)];
          squares += a.reduce((sum, y, o) => sum + ((b[o]! - y) / 1e-2) ** 2, 0) / count;
        }
      }
      return Math.sqrt(squares);
    };
    const last = units.at(-1)!;
    expect(effects[last.bias]).toBe(1);
    expect(found(last.bias)).toBeCloseTo(1, 3);
    // A ReLU is off half of the time, which the effect does not know: the order of magnitude is what it is for.
    const { weight, bias, norm } = units[0];
    const places = norm === undefined ? [weight, weight + 6, bias] : [weight, weight + 6, norm.weight, norm.bias];
    for (const at of [...places, last.weight]) {
      expect(found(at) / effects[at]!).toBeGreaterThan(0.2);
      expect(found(at) / effects[at]!).toBeLessThan(3);
    }
  });
});
