import { describe, expect, it } from "vitest";

import type { Shape } from "../tensor.ts";
import { kindsOf, settingsAmong } from "./initialiser-kinds.ts";
import type { ModelNode } from "./model-node.ts";

const node = (op: string, inputs: readonly string[], output: string): ModelNode => ({
  op,
  name: op,
  inputs,
  outputs: [output],
  attributes: new Map(),
});

const kinds = (nodes: readonly ModelNode[], shapes: Record<string, Shape>) =>
  Object.fromEntries(kindsOf(nodes, new Map(Object.entries(shapes))));

describe("the kind of an initialiser", () => {
  it("is that of the layer that takes it", () => {
    const nodes = [
      node("Conv", ["x", "w", "b"], "c"),
      node("BatchNormalization", ["c", "gamma", "beta", "mean", "var"], "n"),
      node("Gather", ["table", "n"], "y"),
    ];
    const vectors = { b: [4], gamma: [4], beta: [4], mean: [4], var: [4] };
    expect(kinds(nodes, { w: [4, 3, 3, 3], ...vectors, table: [9, 2] })).toEqual({
      w: "conv",
      b: "conv",
      gamma: "norm",
      beta: "norm",
      mean: "running-mean",
      var: "running-variance",
      table: "embedding",
    });
  });

  it("is found through transpositions and casts", () => {
    const nodes = [node("Cast", ["w"], "w32"), node("Transpose", ["w32"], "wt"), node("MatMul", ["x", "wt"], "y")];
    expect(kinds(nodes, { w: [4, 3] })).toEqual({ w: "linear" });
  });

  it("is linear for a vector that is added to a product, and unknown for a matrix", () => {
    const product = node("MatMul", ["x", "w"], "p");
    expect(kinds([product, node("Add", ["b", "p"], "y")], { w: [3, 4], b: [4] })).toEqual({ w: "linear", b: "linear" });
    expect(kinds([product, node("Add", ["p", "positions"], "y")], { w: [3, 4], positions: [2, 4] })).toEqual({
      w: "linear",
    });
  });

  it("is norm for the scale and the shift after a division, as in layer normalisation that is written out", () => {
    const nodes = [node("Div", ["x", "d"], "q"), node("Mul", ["q", "g"], "s"), node("Add", ["s", "b"], "y")];
    expect(kinds(nodes, { g: [4], b: [4] })).toEqual({ g: "norm", b: "norm" });
  });
});

describe("the settings among initialisers", () => {
  it("are scalars, and inputs that operators take as settings", () => {
    const nodes = [node("Clip", ["x", "low", "high"], "c"), node("Resize", ["c", "", "scales"], "r")];
    const shapes = new Map(Object.entries({ half: [], low: [1], high: [1], scales: [4], w: [4, 4] }));
    expect([...settingsAmong(nodes, shapes)]).toEqual(["half", "low", "high", "scales"]);
  });
});
