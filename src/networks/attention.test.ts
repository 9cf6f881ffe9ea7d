import { expect, it } from "vitest";

import { filled, itComputes } from "../../test/support/op-suites.ts";
import { input, mul, type Shape } from "../graph/index.ts";
import { attend } from "./attention.ts";

// Two tokens of one head of size 1: their queries are 0, so that each attends to both alike.
const even = filled([1, 2, 3], [0, 5, 2, 0, 7, 4]);
// Two heads of size 1: the first attends to both tokens alike, the second by 1/4 and 3/4.
const LN_3 = Math.log(3);
const heads = filled([1, 2, 6], [0, 1, 0, 0, 10, 4, 0, 1, 0, LN_3, 20, 8]);

itComputes({ "the mean of all values, where queries are 0": [attend(even, { heads: 1 }), [1, 2, 1], [3, 3]] });
itComputes(
  {
    "each head by itself": [attend(heads, { heads: 2 }), [1, 2, 2], [15, 7, 15, 7]],
    "attention weights that are halved": [
      attend(even, { heads: 1, drop: (weights) => mul(weights, 0.5) }),
      [1, 2, 1],
      [1.5, 1.5],
    ],
  },
  {},
  1e-6,
);

it("drops weights of every head between all pairs of tokens", () => {
  const seen: Shape[] = [];
  attend(input("qkv", [2, 5, 24]), {
    heads: 4,
    drop: (weights) => {
      seen.push(weights.shape);
      return weights;
    },
  });
  expect(seen).toEqual([[2, 4, 5, 5]]);
});
