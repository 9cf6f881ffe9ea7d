import { describe, expect, it } from "vitest";

import { layoutOf } from "../layout/index.ts";
import { foldIn, key, normal, permutation } from "../random/index.ts";
import {
  deep,
  HIDDEN,
  INPUTS,
  networks,
  OUTPUTS,
  output,
  perceptron,
  perceptrons,
  shallow,
  unitsIn,
} from "./hidden-units.fixture.ts";
import { hiddenUnits, parametersOf, reorder } from "./hidden-units.ts";

describe("hidden units", () => {
  it("lie between linear layers", () => {
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
    const statistic = { name: "n1.running_mean", shape: [4], kind: "running-mean" as const };
    expect(hiddenUnits(layoutOf(entries.toSpliced(4, 0, { ...statistic, offset: 0, size: 4 })))).toEqual({
      problem: "n1.running_mean is a running statistic, which no scale of a unit leaves as it is",
    });
    expect(hiddenUnits(layoutOf([...entries.slice(4), ...entries.slice(0, 4)]))).toMatchObject({ problem: /./ });
  });

  it("need a hidden layer", () => {
    expect(hiddenUnits(perceptron(INPUTS, OUTPUTS))).toEqual({ problem: "there is no hidden layer" });
  });

  it.each(perceptrons)("of %s can be put in any order without changing what is computed", (_, units) => {
    const v = networks("one", 1, units);
    const shuffled = units
      .slice(0, -1)
      .map(({ outputs }, l) => Int32Array.from(permutation(foldIn(key(3), l), outputs)));
    const x = normal(key(5), INPUTS);
    output(reorder(v, units, shuffled), x, units).forEach((value, i) => {
      expect(value).toBeCloseTo(output(v, x, units)[i]!, 3);
    });
  });
});
