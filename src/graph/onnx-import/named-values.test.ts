import { describe, expect, it } from "vitest";

import { FLOAT, floats, modelOf, node } from "../../../test/support/onnx-model.ts";
import { parseOnnx } from "./model.ts";
import { isTensorName } from "./named-values.ts";

/** A Constant node of numbers. */
const constant = (output: string, dims: readonly number[], values: readonly number[]) =>
  node("Constant", [], output, [{ name: "value", type: 4, t: { ...floats("", dims, values), dataType: FLOAT } }]);

describe("names of tensors", () => {
  it.each(["ln1.weight", "layers.0.fc.bias", "cls_token", "w"])("are those of a network: %s", (name) => {
    expect(isTensorName(name)).toBe(true);
  });

  it.each(["/Add_output_0", "onnx::MatMul_812", "val_7", "19", "Identity_output_0", "const_fold_opt__12"])(
    "are not those that exporters make up: %s",
    (name) => {
      expect(isTensorName(name)).toBe(false);
    },
  );
});

describe("parameters that stand in nodes", () => {
  const merged = modelOf(
    [
      node("Identity", ["ln1.weight"], "/passed"),
      node("Identity", ["/passed"], "ln2.weight"),
      constant("pos.weight", [3], [4, 5, 6]),
      constant("val_1", [3], [7, 8, 9]),
      constant("scale", [], [2]),
      node("Mul", ["x", "ln1.weight"], "a"),
      node("Mul", ["a", "ln2.weight"], "b"),
      node("Add", ["b", "pos.weight"], "c"),
      node("Add", ["c", "val_1"], "y"),
    ],
    { initializer: [floats("ln1.weight", [3], [1, 2, 3])] },
  );

  it("are tensors of their own: other names of merged ones, and constants", () => {
    const { initialisers, nodes } = parseOnnx(merged);
    expect(Object.fromEntries([...initialisers].map(([name, { data }]) => [name, [...data]]))).toEqual({
      "ln1.weight": [1, 2, 3],
      "ln2.weight": [1, 2, 3],
      "pos.weight": [4, 5, 6],
    });
    expect(nodes.map(({ op }) => op)).toEqual(["Identity", "Constant", "Constant", "Mul", "Mul", "Add", "Add"]);
  });

  it("are counted by the nodes that use them", () => {
    const twice = modelOf([node("Mul", ["x", "w"], "a"), node("Mul", ["a", "w"], "y")], {
      initializer: [floats("w", [3], [1, 2, 3])],
    });
    expect(parseOnnx(twice).users.get("w")).toBe(2);
    expect(parseOnnx(merged).users.get("ln2.weight")).toBe(1);
  });
});
