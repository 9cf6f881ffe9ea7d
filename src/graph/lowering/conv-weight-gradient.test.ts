import { expect, it } from "vitest";

import { type Convolution, resultShape, visitProducts } from "../../../test/support/convolution.ts";
import { fillIntegers } from "../../../test/support/fill.ts";
import { filled, itComputes } from "../../../test/support/op-suites.ts";
import { at } from "../../lookup.ts";
import { weightAdjoint } from "../ops/conv.ts";
import { type Call, input, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { depthwiseWeight, patchWeight, shiftedWeight } from "./conv-weight-gradient.ts";
import { loweringContext, type Rule } from "./rule.ts";

/** Whole numbers from −2 to 2, of which sums are exact. */
const small = (name: string, shape: Shape): number[] => Array.from(fillIntegers(name, sizeOf(shape), 5), (n) => n - 2);

/** What a rule makes of the gradient of a convolution; undefined where it does not apply. */
function byRule(rule: Rule, c: Convolution, x: Tensor, y: Tensor): Tensor | undefined {
  const { source } = weightAdjoint(x, y, { ...c, kernel: c.w.slice(2) });
  return rule((source as { call: Call }).call, loweringContext("cpu"))?.[0];
}

/** The gradient by a rule, its shape, and its elements by the definition of a convolution. */
function compared(rule: Rule, c: Convolution): [Tensor, Shape, number[]] {
  const [xs, ys] = [small("x", c.x), small("y", resultShape(c))];
  const expected = new Array<number>(sizeOf(c.w)).fill(0);
  visitProducts(c, (i, j, k) => {
    expected[j]! += at(xs, i) * at(ys, k);
  });
  return [byRule(rule, c, filled(c.x, xs), filled(resultShape(c), ys))!, c.w, expected];
}

const narrow: Convolution = { x: [2, 1, 8, 8], w: [3, 1, 4, 4], stride: 2, padding: 1, groups: 1 };
const depthwise: Convolution = { x: [2, 3, 7, 6], w: [3, 1, 3, 2], stride: 2, padding: 1, groups: 3 };

itComputes({
  "patches, of one channel": compared(patchWeight, narrow),
  "a product for each tap": compared(shiftedWeight, { ...narrow, x: [2, 1, 6], w: [3, 1, 3] }),
  "all taps in one product, of few channels": compared(shiftedWeight, {
    x: [2, 3, 5, 5],
    w: [4, 3, 3, 3],
    stride: 1,
    padding: 1,
    groups: 1,
  }),
  "a product for each tap, by groups": compared(shiftedWeight, {
    x: [1, 4, 6],
    w: [2, 2, 3],
    stride: 2,
    padding: 1,
    groups: 2,
  }),
  "the result shifted, where it has far fewer channels": compared(shiftedWeight, {
    x: [2, 8, 6],
    w: [1, 8, 3],
    stride: 1,
    padding: 1,
    groups: 1,
  }),
  "depthwise, along diagonals": compared(depthwiseWeight, depthwise),
  "depthwise, of one row": compared(depthwiseWeight, { ...depthwise, x: [1, 3, 2, 6], padding: 0, w: [3, 1, 2, 2] }),
});

it("lays out patches only of 16 to 64 numbers, and of one group", () => {
  const applies = (rule: Rule, c: Convolution) =>
    byRule(rule, c, input("x", c.x), input("y", resultShape(c))) !== undefined;
  expect(applies(patchWeight, { ...narrow, w: [3, 1, 3, 3] })).toBe(false);
  expect(applies(patchWeight, { ...narrow, x: [2, 5, 8, 8], w: [3, 5, 4, 4] })).toBe(false);
  expect(applies(patchWeight, depthwise)).toBe(false);
  expect(applies(depthwiseWeight, narrow)).toBe(false);
});
