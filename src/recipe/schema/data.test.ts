import { expect, it } from "vitest";

import { problemWith, recipeWith } from "../recipe.fixture.ts";

it("images are as they are stored by default", () => {
  expect(recipeWith().data).toEqual({
    name: "glyphs",
    selection: 100,
    pad: 0,
    normalise: "own",
    augment: null,
    corrupt: "fail",
  });
});

it("a crop can be a word, and has torchvision's defaults", () => {
  expect(recipeWith("data.augment={crop: resized, flip: true}").data.augment).toEqual({
    crop: { type: "resized", scale: [0.08, 1], ratio: [3 / 4, 4 / 3] },
    flip: true,
    rotation: 0,
  });
});

it.each([
  [
    "data.name=mnits",
    'data.name: unknown value "mnits". Did you mean mnist? Known: glyphs, mnist, fashion-mnist, kmnist, emnist-digits, svhn, cifar-10, cifar-100, stl-10, flowers-102, pets, food-101, imagenet-1k, folder',
  ],
  [
    "data.augment.crop={type: resized, scale: [0.5, 2]}",
    "data.augment.crop.scale: expected shares of the area, at most 1 (got [0.5,2])",
  ],
  [
    "data.augment.crop={type: resized, ratio: [2, 1]}",
    "data.augment.crop.ratio: expected the smaller number first (got [2,1])",
  ],
])("refuses %s", (change, message) => {
  expect(problemWith(change)).toBe(message);
});
