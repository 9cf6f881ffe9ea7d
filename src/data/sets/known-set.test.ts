import { expect, it } from "vitest";

import { numberedClasses, photographs } from "./known-set.ts";

it("photographs have three channels of ImageNet's statistics, and any size", () => {
  expect(photographs).toEqual({
    channels: 3,
    side: undefined,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  });
});

it("classes without names are numbered from 1", () => {
  expect(numberedClasses(3)).toEqual(["1", "2", "3"]);
});
