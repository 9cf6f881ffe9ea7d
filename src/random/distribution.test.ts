import { expect, it } from "vitest";

import { drawn } from "./distribution.ts";
import { bernoulli, key, normal } from "./random.ts";

it("draws standard normal numbers", () => {
  expect(drawn({ kind: "normal" }, key(3), 5)).toEqual(normal(key(3), 5));
});

it("draws the factors of dropout", () => {
  const factors = drawn({ kind: "bernoulli", rate: 0.75 }, key(3), 100);
  expect(factors).toEqual(bernoulli(key(3), 100, 0.75));
  expect(new Set(factors)).toEqual(new Set([0, 4]));
});
