import { expect, it } from "vitest";

import { dataFolder } from "./data-folder.fixture.ts";
import { dataSetNames, hasData, knownSet } from "./known-sets.ts";

const { path, write } = dataFolder();

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

it("an unknown data set is refused with the nearest name", () => {
  expect(() => knownSet({ name: "mnits" })).toThrow(
    expect.objectContaining({
      code: "E_DATA",
      message: `there is no data set "mnits". Did you mean mnist? Known: ${dataSetNames.join(", ")}.`,
    }),
  );
});

it("a set has data when one of its folders exists; glyphs always", () => {
  expect(hasData({ name: "glyphs" }, undefined)).toBe(true);
  expect(hasData({ name: "svhn" }, path())).toBe(false);
  write("SVHN/train_32x32.mat", "");
  expect(hasData({ name: "svhn" }, path())).toBe(true);
  expect(hasData({ name: "folder", folder: path("mine") }, path())).toBe(false);
});
