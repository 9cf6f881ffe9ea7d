import { expect, it } from "vitest";

import { casesOf, described, imageOf, squareOf } from "../../../test/support/torchvision-images.ts";
import { rotate } from "./rotate.ts";

it.each(casesOf("rotate"))("$name equals torchvision's on Pillow images byte for byte", ({ numbers, expected }) => {
  const [side, angle] = numbers as [number, number];
  expect(described(squareOf(side, rotate(imageOf("rotate", side, side), angle)))).toEqual(expected);
});

it("turns counter-clockwise", () => {
  const image = { channels: 1, height: 2, width: 2, pixels: Uint8Array.of(1, 2, 3, 4) };
  expect([...rotate(image, 90)]).toEqual([2, 4, 1, 3]);
});
