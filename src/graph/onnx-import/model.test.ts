import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { FLOAT, floats, longs, modelOf, node } from "../../../test/support/onnx-model.ts";
import { UserError } from "../../errors.ts";
import { parseOnnx } from "./model.ts";

function refusal(bytes: Uint8Array): UserError {
  try {
    parseOnnx(bytes);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

describe("a model", () => {
  it("can have local functions, whose calls have separate names", () => {
    const twice = {
      name: "Twice",
      domain: "own",
      input: ["a"],
      output: ["b"],
      node: [node("Add", ["a", "a"], "c"), node("Relu", ["c"], "b")],
    };
    const calls = [node("Twice", ["x"], "h", [], { domain: "own" }), node("Twice", ["h"], "y", [], { domain: "own" })];
    const model = parseOnnx(modelOf(calls, { functions: [twice] }));
    expect(model.nodes.map(({ op }) => op)).toEqual(["Add", "Relu", "Add", "Relu"]);
    expect(new Set(model.nodes.flatMap(({ outputs }) => outputs)).size).toBe(4);
  });

  it("separates parameters from shapes and settings, and converts float64 to float32", () => {
    const half = new Uint8Array(new Float64Array([0.5, 1.5, 2.5]).buffer);
    const bytes = modelOf([node("Reshape", ["x", "shape"], "h"), node("Mul", ["h", "scale"], "y")], {
      initializer: [longs("shape", [-1, 3]), { name: "scale", dims: [3n], dataType: 11, rawData: half }],
    });
    const { initialisers, constants } = parseOnnx(bytes);
    expect([...initialisers].map(([name, { data }]) => [name, ...data])).toEqual([["scale", 0.5, 1.5, 2.5]]);
    expect([...constants.keys()]).toEqual(["shape"]);
  });
});

describe("a model that cannot be read is refused by name", () => {
  it.each<[string, Uint8Array, string]>([
    ["no model at all", Uint8Array.of(0xff, 0xff, 0xff), "it is no ONNX model"],
    ["nothing", new Uint8Array(), "it has no graph"],
    ["operators of before", modelOf([node("Relu", ["x"], "y")], { version: 3 }), "the operators of version 3"],
    ["a cycle", modelOf([node("Add", ["x", "b"], "a"), node("Relu", ["a"], "b")]), "needs b, which nothing before"],
    ["a value made twice", modelOf([node("Relu", ["x"], "y"), node("Neg", ["x"], "y")]), "two of its nodes make y"],
    [
      "two initialisers of one name",
      modelOf([node("Add", ["x", "w"], "y")], { initializer: [floats("w", [1], [1]), floats("w", [1], [2])] }),
      'two initialisers are named "w"',
    ],
    [
      "an initialiser of fewer bytes than it claims",
      modelOf([node("Add", ["x", "w"], "y")], { initializer: [floats("w", [1000], [1])] }),
      "w has 4 bytes, expected 4000",
    ],
    [
      "one of 2⁶⁰ elements",
      modelOf([node("Add", ["x", "w"], "y")], { initializer: [floats("w", [2 ** 30, 2 ** 30], [1])] }),
      "expected at most 268435456 elements",
    ],
    [
      "one of fewer than no elements",
      modelOf([node("Add", ["x", "w"], "y")], { initializer: [floats("w", [-4], [1])] }),
      "a tensor of shape [-4]",
    ],
    [
      "numbers in a file that is not given",
      modelOf([node("Add", ["x", "w"], "y")], {
        initializer: [
          {
            name: "w",
            dims: [1n],
            dataType: FLOAT,
            dataLocation: 1,
            externalData: [{ key: "location", value: "../../etc/passwd" }],
          },
        ],
      }),
      "its tensor w lies in another file",
    ],
  ])("%s", (_, bytes, problem) => {
    const { code, message } = refusal(bytes);
    expect(code).toBe("E_CHECKPOINT");
    expect(message).toContain(problem);
  });

  it("when functions recurse, or expand to too many nodes", () => {
    const self = {
      name: "F",
      domain: "own",
      input: ["a"],
      output: ["b"],
      node: [node("F", ["a"], "b", [], { domain: "own" })],
    };
    const call = (name: string, a: string, b: string) => node(name, [a], b, [], { domain: "own" });
    expect(refusal(modelOf([call("F", "x", "y")], { functions: [self] })).message).toContain("more than 16 deep");
    // Each calls the one below four times: 4^14 nodes of fifteen functions.
    const tower = Array.from({ length: 14 }, (_, i) => ({
      name: `F${i}`,
      domain: "own",
      input: ["a"],
      output: ["e"],
      node: ["ab", "bc", "cd", "de"].map(([from, to]) =>
        i === 0 ? node("Relu", [from!], to!) : call(`F${i - 1}`, from!, to!),
      ),
    }));
    expect(refusal(modelOf([call("F13", "x", "y")], { functions: tower })).message).toContain("more than 50000 nodes");
  });

  it("whatever its bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseOnnx(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});
