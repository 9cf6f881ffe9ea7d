import { expect, it } from "vitest";

import { tapsOf } from "./kernel.ts";

it("lists the taps of a kernel in row-major order", () => {
  expect(tapsOf([2, 3])).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 1],
    [1, 2],
  ]);
  expect(tapsOf([1])).toEqual([[0]]);
});
