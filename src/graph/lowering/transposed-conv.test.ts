import { expect, it } from "vitest";
import { inputAdjoint } from "../ops/conv.ts";
import { input, type Shape, type Target } from "../tensor.ts";
import { topological } from "../traverse.ts";
import { lower } from "./lower.ts";

it("the node computes gradients towards fewer channels on a CPU, convolutions all others", () => {
  const ops = (target: Target, [out, into, ...kernel]: Shape, size: number) => {
    const y = input("y", [2, out!, ...kernel.map(() => size)]);
    const spatial = kernel.map((k) => size + k - 1);
    const x = inputAdjoint(y, input("w", [out!, into!, ...kernel]), { stride: 1, padding: 0, groups: 1, spatial });
    return topological(lower([x], { target })).map(({ op }) => op.name);
  };
  expect(ops("cpu", [32, 16, 3, 3], 13)).toContain("convTranspose");
  expect(ops("cpu", [32, 16, 3], 13)).toContain("convTranspose");
  for (const w of [
    [48, 48, 3, 3],
    [16, 16, 3],
    [16, 32, 3, 3],
  ])
    expect(ops("cpu", w, 13)).toContain("conv");
  expect(ops("anywhere", [32, 16, 3, 3], 13)).toContain("conv");
});
