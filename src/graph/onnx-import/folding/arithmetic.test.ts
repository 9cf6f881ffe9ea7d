import { describe, expect, it } from "vitest";

import { int, ints } from "../../../../test/support/onnx-model.ts";
import { type Attribute, bind, known, whole } from "../../../../test/support/onnx-node.ts";
import type { Known } from "../constants.ts";
import { arithmeticFolds } from "./arithmetic.ts";

const truth = (...values: number[]): Known => known(values, [values.length], "bool");

function fold(op: string, inputs: readonly Known[], attributes: readonly Attribute[] = []): Known {
  return arithmeticFolds[op]!(bind(inputs, attributes));
}

const grid = known([1, 2, 3, 4, 5, 6], [2, 3]);
const [a, b] = [known([1, 5, -3]), known([2, 2, -3])];

describe("folds elementwise", () => {
  it.each<[string, Known[], Known]>([
    ["Add", [grid, known([10, 20, 30])], known([11, 22, 33, 14, 25, 36], [2, 3])],
    ["Sub", [known([1, 2], [2, 1]), known([10, 20])], known([-9, -19, -8, -18], [2, 2])],
    ["Mul", [a, known([2], [])], known([2, 10, -6])],
    ["Div", [a, b], known([0.5, 2.5, 1])],
    ["Pow", [a, known([2], [])], known([1, 25, 9])],
    ["Max", [a, b, known([3, 0, 0])], known([3, 5, 0])],
    ["Max", [a], a],
    ["Min", [a, b, known([0], []), known([1, -9, 1])], known([0, -9, -3])],
    ["Equal", [a, b], truth(0, 0, 1)],
    ["Greater", [a, b], truth(0, 1, 0)],
    ["GreaterOrEqual", [a, b], truth(0, 1, 1)],
    ["Less", [a, b], truth(1, 0, 0)],
    ["LessOrEqual", [a, b], truth(1, 0, 1)],
    ["And", [truth(0, 1, 1), truth(1, 0, 1)], truth(0, 0, 1)],
    ["Or", [truth(0, 1, 0), truth(1, 0, 0)], truth(1, 1, 0)],
    ["Not", [truth(0, 1)], truth(1, 0)],
    ["Neg", [a], known([-1, -5, 3])],
    ["Abs", [a], known([1, 5, 3])],
    ["Floor", [known([1.5, -1.5])], known([1, -2])],
    ["Ceil", [known([1.5, -1.5])], known([2, -1])],
    ["Sqrt", [known([4, 9])], known([2, 3])],
    ["Exp", [known([0, 1])], known([1, Math.E])],
    ["Log", [known([1, Math.E])], known([0, Math.log(Math.fround(Math.E))])],
    ["Sin", [known([0, 0.5])], known([0, Math.sin(0.5)])],
    ["Cos", [known([0, 0.5])], known([1, Math.cos(0.5)])],
    ["Sign", [known([-2, 0, 3])], known([-1, 0, 1])],
    ["Reciprocal", [known([4])], known([0.25])],
    ["Where", [truth(1, 0, 1), a, known([7], [])], known([1, 7, -3])],
  ])("%s", (op, inputs, expected) => {
    expect(fold(op, inputs)).toEqual(expected);
  });

  it("Round to the even one of two neighbours", () => {
    expect(fold("Round", [known([0.5, 1.5, 2.5, -1.5, -2.5, 2.4])])).toEqual(known([0, 2, 2, -2, -2, 2]));
  });

  it("Div of whole numbers towards zero", () => {
    expect(fold("Div", [whole([7, -7]), whole([2])])).toEqual(whole([3, -3]));
  });

  it("Mod with the sign of the divisor, or of the dividend with fmod", () => {
    expect(fold("Mod", [whole([-7, 7]), whole([3, -3])])).toEqual(whole([2, -2]));
    expect(fold("Mod", [known([-7, 7]), known([3, -3])], [int("fmod", 1)])).toEqual(known([-1, 1]));
  });

  it("refuses shapes that do not broadcast", () => {
    expect(() => fold("Add", [grid, known([1, 2])])).toThrow("shapes [2,3] and [2], which do not broadcast");
  });
});

describe("folds along axes", () => {
  it.each<[string, Attribute[], Known]>([
    ["ReduceSum", [ints("axes", [0])], known([5, 7, 9], [1, 3])],
    ["ReduceSum", [], known([21], [1, 1])],
    ["ReduceProd", [ints("axes", [-1]), int("keepdims", 0)], known([6, 120])],
    ["ReduceMax", [ints("axes", [1])], known([3, 6], [2, 1])],
    ["ReduceMin", [int("keepdims", 0)], known([1], [])],
  ])("%s, %o", (op, attributes, expected) => {
    expect(fold(op, [grid], attributes)).toEqual(expected);
  });

  it("all of them, or none, when the list of axes is empty", () => {
    expect(fold("ReduceSum", [grid, whole([])])).toEqual(known([21], [1, 1]));
    expect(fold("ReduceSum", [grid, whole([])], [int("noop_with_empty_axes", 1)])).toEqual(grid);
  });
});

describe("folds a Cast", () => {
  const [FLOAT, INT32, STRING, BOOL] = [1, 6, 8, 9];
  const x = known([1.9, -1.9, 0]);

  it("by dropping fractions, and by whether a number is 0", () => {
    expect(fold("Cast", [x], [int("to", INT32)])).toEqual(known([1, -1, 0], [3], "int32"));
    expect(fold("Cast", [x], [int("to", BOOL)])).toEqual(truth(1, 1, 0));
    expect(fold("Cast", [whole([3])], [int("to", FLOAT)])).toEqual(known([3]));
    expect(fold("Cast", [x], [int("to", FLOAT)])).toBe(x);
  });

  it("to a type that is read only", () => {
    expect(() => fold("Cast", [x], [int("to", STRING)])).toThrow("it casts to a type that is not supported");
  });
});
