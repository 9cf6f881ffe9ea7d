import { expect, it } from "vitest";

import { knownSet } from "./known-sets.ts";

it("knows torchvision's sizes and numbers of classes", () => {
  const facts = (name: string) => {
    const { usual, classNames } = knownSet({ name });
    return [usual.train, usual.test, classNames.length];
  };
  expect(
    Object.fromEntries(["svhn", "stl-10", "flowers-102", "pets", "food-101", "imagenet-1k"].map((n) => [n, facts(n)])),
  ).toEqual({
    svhn: [73_257, 26_032, 10],
    "stl-10": [5000, 8000, 10],
    "flowers-102": [1020, 6149, 102],
    pets: [3680, 3669, 37],
    "food-101": [75_750, 25_250, 101],
    "imagenet-1k": [1_281_167, 50_000, 1000],
  });
});
