import { describe, expect, it } from "vitest";

import { each, itsGradientsAgree } from "../../test/support/op-suites.ts";
import { gradients } from "./gradients.ts";
import { reduceSum } from "./ops/broadcast.ts";
import { add, div, mul, tanh } from "./ops/elementwise.ts";
import { oneHot } from "./ops/gather.ts";
import { matMul } from "./ops/linear.ts";
import { argMax } from "./ops/reduce.ts";
import { apply, input, scalar, type Tensor } from "./tensor.ts";
import { leaves, topological } from "./traverse.ts";

itsGradientsAgree(
  each(
    {
      "mul by itself": (x) => mul(x, x),
      "a value used three times": (x) => add(mul(x, x), div(x, add(mul(x, x), 1))),
      "a chain of 50": (x) => Array.from({ length: 50 }).reduce<Tensor>((y) => add(mul(y, 0.97), 0.01), x),
      "a factor for the largest column": (x) => mul(x, oneHot(argMax(x, 1), 4)),
    },
    [[3, 4]],
    "off zero",
  ),
);

describe("gradients", () => {
  const x = input("x", [4]);

  it("are zeros when the loss does not depend on a tensor", () => {
    const [g] = gradients(reduceSum(x), [input("other", [2, 3])]);
    expect(g!.shape).toEqual([2, 3]);
    expect(g!.source).toMatchObject({ kind: "constant", data: new Float32Array(6) });
  });

  it("are 1 for the loss itself", () => {
    const loss = reduceSum(x);
    expect(gradients(loss, [loss])[0]!.source).toMatchObject({ kind: "constant", data: Float32Array.of(1) });
  });

  it("throw when the loss is no scalar", () => {
    expect(() => gradients(x, [x])).toThrow("gradients: the loss must be a scalar, got [4]");
  });

  it("throw when an op on the way is not differentiable", () => {
    const [y] = apply({ name: "mystery", infer: ([t]) => [t!] }, [x], {});
    expect(() => gradients(reduceSum(y!), [x])).toThrow("mystery is not differentiable");
  });

  it("make calls only between the wanted tensors and the loss", () => {
    const layers = (from: Tensor, names: string[]) => {
      let y = from;
      for (const name of names) y = tanh(matMul(y, input(name, [8, 8])));
      return y;
    };
    const hidden = layers(input("images", [2, 8]), ["w1", "w2", "w3", "w4"]);
    const bias = input("b", [8]);
    const loss = reduceSum(add(hidden, bias));
    const forward = new Set(topological([loss]));
    const products = (wanted: string) => {
      const wrt = leaves([loss]).find((t) => t.source.kind === "input" && t.source.name === wanted)!;
      const made = topological(gradients(loss, [wrt])).filter((call) => !forward.has(call));
      return made.filter((call) => call.op.name === "matMul").length;
    };
    expect(["b", "w4", "w3", "w2", "w1", "images"].map(products)).toEqual([0, 1, 2, 3, 4, 4]);
  });

  it("of a chain of 20 000 calls do not overflow the stack", () => {
    const one = scalar(1);
    let y = reduceSum(x);
    for (let i = 0; i < 20_000; i++) y = add(y, one);
    const [g] = gradients(y, [x]);
    expect(topological([g!]).length).toBeLessThan(5);
  });
});
