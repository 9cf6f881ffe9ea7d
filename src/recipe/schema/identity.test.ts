import { expect, it } from "vitest";

import { problemWith, recipeWith } from "../recipe.fixture.ts";

it("a run has seed 1, and computes on one thread of the CPU by default", () => {
  expect(recipeWith()).toMatchObject({ name: "small", seed: 1, device: { name: "cpu", threads: 1 } });
});

it.each([
  ["seed=-1", "seed: expected at least 0, got -1"],
  ["device.threads=0", "device.threads: expected at least 1, got 0"],
  [
    "name=my run",
    `name: expected at most 100 letters, digits, '.', '-' and '_', no mark first; it is the file's name unless the recipe says another (got "my run")`,
  ],
])("refuses %s", (change, message) => {
  expect(problemWith(change)).toBe(message);
});
