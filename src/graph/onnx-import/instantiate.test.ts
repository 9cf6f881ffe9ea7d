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

describe("a model that asks for far more memory than its file", () => {
  const chain = (count: number, link: (from: string, to: string) => ReturnType<typeof node>) =>
    Array.from({ length: count }, (_, i) => link(i === 0 ? "x" : `h${i}`, i === count - 1 ? "y" : `h${i + 1}`));

  it("is refused where each node doubles the one before", () => {
    const doubled = chain(40, (from, to) => node("Concat", [from, from], to, [int("axis", 1)]));
    const { code, message } = refusal(modelOf(doubled));
    expect(code).toBe("E_CHECKPOINT");
    expect(message).toMatch(
      /^it computes a tensor of shape \[2, \d+\], expected at most 2147483648 elements; .*Concat\)$/,
    );
  });

  it("is refused where many nodes make constants", () => {
    const filled = Array.from({ length: 100 }, (_, i) => node("ConstantOfShape", ["shape"], i === 0 ? "y" : `c${i}`));
    const initializer = [longs("shape", [1000, 1000])];
    expect(refusal(modelOf(filled, { initializer })).message).toContain(
      "it makes constants of more than 33554432 elements",
    );
    expect(shapeOf(modelOf(filled.slice(0, 30), { initializer }))).toEqual([1000, 1000]);
  });

  it("is refused where many nodes resize by matrices", () => {
    const sizes = [longs("large", [2, 4000]), longs("small", [2, 3])];
    const resized = chain(6000, (from, to) =>
      node("Resize", [from, "", "", /[13579]$/.test(from) ? "small" : "large"], to),
    );
    expect(refusal(modelOf(resized, { initializer: sizes })).message).toContain("it makes constants of more than");
  });

  it("is refused where functions call one another without end and do nothing", () => {
    const functions = Array.from({ length: 12 }, (_, i) => ({
      name: `F${i}`,
      domain: "own",
      node: i === 11 ? [] : Array.from({ length: 100 }, () => node(`F${i + 1}`, [], "o", [], { domain: "own" })),
    }));
    const calls = [node("F0", [], "o", [], { domain: "own" }), node("Relu", ["x"], "y")];
    expect(refusal(modelOf(calls, { functions })).message).toContain("its functions are called more than 50000 times");
  });

  it("is refused where known tensors are joined that do not fit", () => {
    const joined = [node("Concat", ["a", "b"], "c", [int("axis", 0)]), node("Reshape", ["x", "c"], "y")];
    const initializer = [longs("a", [2]), { ...longs("b", [1, 2, 3]), dims: [1n, 3n] }];
    expect(refusal(modelOf(joined, { initializer })).message).toContain(
      "it joins tensors of shapes [1] and [1,3] along axis 0",
    );
  });

  it("is refused where a whole number is divided by zero", () => {
    const nodes = [
      node("Div", ["one", "zero"], "d"),
      node("Cast", ["x"], "i", [int("to", 7)]),
      node("Add", ["i", "d"], "y"),
    ];
    const initializer = [longs("one", [1]), longs("zero", [0])];
    expect(refusal(modelOf(nodes, { initializer })).message).toContain("it computes the whole number Infinity");
  });

  it("is refused where a shape has thousands of dimensions", () => {
    const bytes = modelOf([node("Reshape", ["x", "shape"], "y")], {
      initializer: [longs("shape", [2, 3, ...Array(5000).fill(1)])],
    });
    expect(refusal(bytes).message).toContain("it makes a tensor of 5002 dimensions, expected at most 64");
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
      /expected at most 16777216 elements.*\(node the ConstantOfShape/,
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
