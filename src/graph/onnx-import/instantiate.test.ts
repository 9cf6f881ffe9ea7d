import { describe, expect, it } from "vitest";

import { int, ints, longs, modelOf, node } from "../../../test/support/onnx-model.ts";
import { UserError } from "../../errors.ts";
import { input, type Shape } from "../tensor.ts";
import { instantiate, knownOperators } from "./instantiate.ts";
import { parseOnnx } from "./model.ts";

const shapeOf = (bytes: Uint8Array, fed: Shape = [2, 3]): Shape =>
  instantiate(parseOnnx(bytes), { inputs: { x: input("x", fed) } }).get("y")!.shape;

function refusal(bytes: Uint8Array, fed: Shape = [2, 3]): { code: string; message: string } {
  try {
    shapeOf(bytes, fed);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

describe("a model", () => {
  it("is built for given images, with the arithmetic on their shape folded", () => {
    // As exporters write x.flatten(1): the batch from the shape, -1 for the rest.
    const bytes = modelOf(
      [
        node("Shape", ["x"], "s"),
        node("Gather", ["s", "zero"], "n", [int("axis", 0)]),
        node("Unsqueeze", ["n", "axes"], "n1"),
        node("Concat", ["n1", "rest"], "target", [int("axis", 0)]),
        node("Reshape", ["x", "target"], "y"),
      ],
      {
        initializer: [{ ...longs("zero", [0]), dims: [] }, longs("axes", [0]), longs("rest", [-1])],
        shape: ["n", 3, "h", "w"],
      },
    );
    expect(shapeOf(bytes, [2, 3, 4, 5])).toEqual([2, 60]);
    expect(shapeOf(bytes, [7, 3, 1, 1])).toEqual([7, 3]);
  });
});

describe("a model that cannot be built is refused by name", () => {
  it.each<[string, Uint8Array, string | RegExp]>([
    [
      "an operator that is not known",
      modelOf([node("Relu", ["x"], "h"), node("GridSample", ["h", "h"], "y")]),
      "GridSample (node the GridSample), of version 17; docs/onnx.md",
    ],
    [
      "one of another domain",
      modelOf([node("Relu", ["x"], "y", [], { domain: "com.microsoft" })]),
      "com.microsoft.Relu (node the Relu)",
    ],
    [
      "much made of nothing",
      modelOf([node("ConstantOfShape", ["big"], "c"), node("Add", ["x", "c"], "y")], {
        initializer: [longs("big", [2 ** 20, 2 ** 20])],
      }),
      /expected at most 268435456 elements.*\(node the ConstantOfShape/,
    ],
    [
      "a range without an end",
      modelOf([node("Range", ["a", "b", "c"], "r"), node("Reshape", ["x", "r"], "y")], {
        initializer: [0, 10, 0].map((v, i) => ({ ...longs("abc"[i]!, [v]), dims: [] })),
      }),
      "(node the Range",
    ],
    [
      "a shape that depends on the images",
      modelOf([node("Reshape", ["x", "x"], "y")]),
      /depend on the images.*\(node the Reshape, Reshape\)/,
    ],
    ["an output that nothing makes", modelOf([node("Relu", ["x"], "z")]), "nothing in it makes its output y"],
    [
      "a reshape to another size",
      modelOf([node("Reshape", ["x", "s"], "y")], { initializer: [longs("s", [5, 5])] }),
      "(node the Reshape, Reshape)",
    ],
    [
      "an axis that is not there",
      modelOf([node("Softmax", ["x"], "y", [int("axis", 9)])]),
      "(node the Softmax, Softmax)",
    ],
    [
      "an order of axes that is none",
      modelOf([node("Transpose", ["x"], "y", [ints("perm", [0, 0])])]),
      "(node the Transpose, Transpose)",
    ],
  ])("%s", (_, bytes, problem) => {
    const { code, message } = refusal(bytes);
    expect(["E_CHECKPOINT", "E_SHAPE"]).toContain(code);
    expect(message).toMatch(problem);
  });

  it("when its batch was fixed at the export", () => {
    const { code, message } = refusal(modelOf([node("Relu", ["x"], "y")], { shape: [1, 3] }));
    expect(code).toBe("E_SHAPE");
    expect(message).toContain("its input x takes [1, 3], got [2, 3]");
  });
});

it("supports the operators that docs/onnx.md lists", async () => {
  const { readFile } = await import("node:fs/promises");
  const text = await readFile(new URL("../../../docs/onnx.md", import.meta.url), "utf8");
  const listed = text
    .split("<!-- operators -->")[1]!
    .match(/`[A-Z]\w+`/g)!
    .map((name) => name.slice(1, -1));
  expect(listed).toEqual(knownOperators());
});
