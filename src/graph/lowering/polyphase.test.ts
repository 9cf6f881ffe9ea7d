import { expect, it } from "vitest";

import { type Convolution, resultShape, visitProducts } from "../../../test/support/convolution.ts";
import { fillIntegers } from "../../../test/support/fill.ts";
import { filled, itComputes } from "../../../test/support/op-suites.ts";
import { at } from "../../lookup.ts";
import { inputAdjoint } from "../ops/conv.ts";
import { type Call, input, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { topological } from "../traverse.ts";
import { polyphase } from "./polyphase.ts";
import { loweringContext } from "./rule.ts";

/** Whole numbers from −2 to 2, of which sums are exact. */
const small = (name: string, shape: Shape): number[] => Array.from(fillIntegers(name, sizeOf(shape), 5), (n) => n - 2);

/** The transposed convolution of y with w by phases. */
function byPhases(c: Convolution, y: Tensor, w: Tensor): Tensor {
  const { source } = inputAdjoint(y, w, { ...c, spatial: c.x.slice(2) });
  return at(polyphase((source as { call: Call }).call, loweringContext("anywhere")) ?? [], 0);
}

/** The result by phases, its shape, and its elements by the definition of a convolution. */
function compared(c: Convolution): [Tensor, Shape, number[]] {
  const [ws, ys] = [small("w", c.w), small("y", resultShape(c))];
  const expected = new Array<number>(sizeOf(c.x)).fill(0);
  visitProducts(c, (i, j, k) => {
    expected[i]! += at(ws, j) * at(ys, k);
  });
  return [byPhases(c, filled(resultShape(c), ys), filled(c.w, ws)), c.x, expected];
}

const strided: Convolution = { x: [2, 2, 8, 7], w: [3, 2, 3, 3], stride: 2, padding: 1, groups: 1 };

itComputes({
  "phases of different numbers of taps": compared(strided),
  "phases of equal numbers of taps": compared({ ...strided, x: [2, 2, 8, 8], w: [3, 2, 4, 4] }),
  "a stride of one": compared({ ...strided, stride: 1 }),
  "a stride beyond the kernel, which leaves zeros": compared({ ...strided, w: [3, 2, 2, 2], stride: 4, padding: 0 }),
  "groups along one axis": compared({ x: [1, 4, 11], w: [6, 2, 5], stride: 3, padding: 2, groups: 2 }),
});

it("needs no transposed convolution", () => {
  const x = byPhases(strided, input("y", resultShape(strided)), input("w", strided.w));
  const names = topological([x]).map(({ op }) => op.name);
  expect(names).toContain("conv");
  expect(names).not.toContain("inputAdjoint");
});
