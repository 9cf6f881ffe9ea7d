import { expect, it } from "vitest";

import { filled, itComputes } from "../../../../test/support/op-suites.ts";
import { broadcastShape, broadcastTo } from "./broadcast.ts";

it("broadcasts two shapes from the right", () => {
  expect(broadcastShape([2, 1], [3])).toEqual([2, 3]);
  expect(broadcastShape([], [4, 1])).toEqual([4, 1]);
});

it("refuses a shape that is too large", () => {
  expect(() => broadcastTo(filled([1], [1]), [2 ** 20, 2 ** 20])).toThrow("expected at most 268435456 elements");
});

itComputes({
  "a column, repeated": [broadcastTo(filled([2, 1], [1, 2]), [2, 2, 2]), [2, 2, 2], [1, 1, 2, 2, 1, 1, 2, 2]],
});
