import { expect, it } from "vitest";

import { narrower, shorter } from "./smaller.ts";

it("layers are an eighth as wide, and have one unit at least", () => {
  expect(narrower([64, 100, 4, 1])).toEqual([8, 13, 1, 1]);
});

it("a training is cut to 40 steps of 16 examples at a rate of 1e-3 at least, and keeps the rest", () => {
  expect(shorter({ steps: 500, batch: 50, lr: 2e-5, schedule: "cosine" })).toEqual({
    steps: 40,
    batch: 16,
    lr: 1e-3,
    schedule: "cosine",
  });
  const small = { steps: 3, batch: 2, lr: 0.1 };
  expect(shorter(small)).toEqual(small);
});
