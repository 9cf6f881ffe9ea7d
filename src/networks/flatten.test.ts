import { expect, it } from "vitest";

import { input } from "../graph/index.ts";
import { channelsOf, flatten, sizeAlong } from "./flatten.ts";

const images = input("images", [2, 3, 4, 5]);

it("knows the sizes of images, and that a batch of rows has no further axes", () => {
  expect([channelsOf(images), sizeAlong(images, 3)]).toEqual([3, 5]);
  expect(() => sizeAlong(input("rows", [2, 3]), 2)).toThrow(
    expect.objectContaining({ code: "E_SHAPE", message: "network: a tensor of 2 dimensions has no axis 2" }),
  );
});

it("makes one row of each image", () => {
  expect(flatten(images).shape).toEqual([2, 60]);
});
