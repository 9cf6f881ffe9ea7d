import { expect, it } from "vitest";

import { squaredDistance } from "./squared-distance.ts";

it("sums the squared differences of two vectors", () => {
  expect(squaredDistance([1, 2, 3], Float32Array.of(1, 4, 0))).toBe(13);
  expect(squaredDistance([], [])).toBe(0);
});
