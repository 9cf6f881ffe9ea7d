import { expect, it } from "vitest";

import { casesOf, described, imageOf, squareOf } from "../../../test/support/torchvision-images.ts";
import { resizeBox } from "./resample.ts";

it.each(casesOf("resized crop"))(
  "$name equals torchvision's on Pillow images byte for byte",
  ({ numbers, expected }) => {
    const [h, w, top, left, height, width, size] = numbers as [number, number, number, number, number, number, number];
    const made = resizeBox(imageOf("crop", h, w), { top, left, height, width }, { height: size, width: size });
    expect(described(squareOf(size, made))).toEqual(expected);
  },
);

it("weighs pixels by a triangle as wide as the reduction", () => {
  const image = { channels: 1, height: 1, width: 4, pixels: Uint8Array.of(0, 80, 160, 240) };
  // Triangles of support 2 around 1 and 3: weights 3, 3, 1 of 7, and 1, 3, 3 of 7.
  const half = resizeBox(image, { top: 0, left: 0, height: 1, width: 4 }, { height: 1, width: 2 });
  expect([...half]).toEqual([Math.round((3 * 0 + 3 * 80 + 160) / 7), Math.round((80 + 3 * 160 + 3 * 240) / 7)]);
});

it("copies a box that keeps its size", () => {
  const image = { channels: 1, height: 2, width: 3, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  expect([...resizeBox(image, { top: 0, left: 1, height: 2, width: 2 }, { height: 2, width: 2 })]).toEqual([
    2, 3, 5, 6,
  ]);
});
