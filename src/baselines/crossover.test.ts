import { expect, it } from "vitest";
import { key } from "../random/index.ts";
import { nodeDevice } from "../runtime-node/index.ts";
import { deep, networks, perceptron, shallow } from "../symmetry/hidden-units.fixture.ts";
import { parametersOf } from "../symmetry/index.ts";
import { baseline } from "./baselines.ts";

const device = nodeDevice({ name: "cpu", threads: 1 });

it.each([
  ["one hidden layer", shallow, perceptron(7, 5, 3)],
  ["two hidden layers", deep, perceptron(7, 5, 4, 3)],
])(
  "a crossing of %s has every unit from one of its parents, and what belongs to none in the mean",
  async (_, units, layout) => {
    const D = parametersOf(units);
    const originals = { count: 2, dimension: D, values: networks("parents", 2, units) };
    const [a, b] = [originals.values.subarray(0, D), originals.values.subarray(D)];
    const drawn = await baseline("crossover").draw(originals, { count: 8, key: key(1), layout, device });
    const origins = new Set<string>();
    for (let k = 0; k < 8; k++) {
      const child = drawn.subarray(k * D, (k + 1) * D);
      units.slice(0, -1).forEach(({ inputs, outputs, weight, bias }, l) => {
        for (let u = 0; u < outputs; u++) {
          const parent = child[bias + u] === a[bias + u] ? a : b;
          origins.add(parent === a ? "a" : "b");
          const row = (v: Float32Array) => v.subarray(weight + u * inputs, weight + (u + 1) * inputs);
          expect(row(child)).toEqual(row(parent));
          const last = units.at(-1)!;
          if (l === units.length - 2)
            for (let o = 0; o < last.outputs; o++)
              expect(child[last.weight + o * outputs + u]).toBe(parent[last.weight + o * outputs + u]);
        }
      });
      const { bias, outputs } = units.at(-1)!;
      for (let o = bias; o < bias + outputs; o++) expect(child[o]).toBeCloseTo((a[o]! + b[o]!) / 2, 6);
    }
    expect(origins.size).toBe(2);
  },
);
