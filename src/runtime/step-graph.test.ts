import { describe, expect, it } from "vitest";

import { add, gather, input, leaves, mul, scalar } from "../graph/index.ts";
import { nameOf, stepGraph, stepInputs, TRIPS } from "./step-graph.ts";

const [theta, rate, row, table] = [
  input("theta", [1, 2]),
  input("rate", []),
  input("row", [1], "int32"),
  input("table", [3, 2]),
];
const next = add(theta, mul(gather(table, row), rate));
const options = {
  state: { theta: { input: theta, next } },
  outputs: { moved: next },
  fixed: { table: Float32Array.of(1, 2, 3, 4, 5, 6) },
};
const inputsOf = (tensors: Parameters<typeof leaves>[0]) =>
  leaves(tensors)
    .filter(({ source }) => source.kind === "input")
    .map(nameOf)
    .toSorted();

describe("the graph of a run", () => {
  it("is fed all but the state and what is fixed", () => {
    expect(stepInputs(options).map(nameOf).toSorted()).toEqual(["rate", "row"]);
  });

  it("of one step is the step itself", () => {
    const graph = stepGraph({ ...options, maxSteps: 1, embed: false });
    expect(graph.nexts).toEqual([next]);
    expect(graph.outputs).toEqual([next]);
    expect(inputsOf(graph.nexts)).toEqual(["rate", "row", "table", "theta"]);
  });

  it("has what is fixed as constants where that is asked for", () => {
    const graph = stepGraph({ ...options, maxSteps: 1, embed: true });
    expect(inputsOf(graph.nexts)).toEqual(["rate", "row", "theta"]);
    const data = leaves(graph.nexts).flatMap(({ source }) => (source.kind === "constant" ? [source.data] : []));
    expect(data).toContain(options.fixed.table);
  });

  it("of several steps is fed their number, and a row of inputs for each", () => {
    const graph = stepGraph({ ...options, maxSteps: 4, embed: false });
    expect(graph.fed.map((t) => [nameOf(t), t.shape, t.dtype]).toSorted()).toEqual([
      ["rate", [4, 1], "float32"],
      ["row", [4, 1], "int32"],
    ]);
    expect(graph.nexts.map(({ shape }) => shape)).toEqual([[1, 2]]);
    expect(graph.outputs.map(({ shape }) => shape)).toEqual([[4, 1, 2]]);
    expect(inputsOf(graph.nexts)).toEqual(["rate", "row", "table", "theta", TRIPS]);
  });
});

it("refuses state that is no input", () => {
  expect(() => nameOf(scalar(1))).toThrow("state is fed through inputs");
});
