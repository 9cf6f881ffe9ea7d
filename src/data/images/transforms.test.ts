import { describe, expect, it } from "vitest";

import { casesOf, described, imageOf, squareOf } from "../../../test/support/torchvision-images.ts";
import { foldIn, key } from "../../random/index.ts";
import type { RawImage } from "./raw-image.ts";
import { type Augmentation, augmentedView, cutOut, evaluationView, mirrored, resizedTo } from "./transforms.ts";

/** How each kind of case is computed here, from its numbers. */
const kinds: Readonly<Record<string, (...numbers: number[]) => RawImage>> = {
  resize: (height, width, side) => resizedTo(imageOf("resize", height!, width!), side!),
  view: (height, width, side, size) =>
    squareOf(
      size!,
      evaluationView(imageOf("view", height!, width!), { size: size!, resize: Number.isNaN(side) ? null : side! }),
    ),
  "padded crop": (side, _, top, left, size) =>
    squareOf(size!, cutOut(imageOf("padded", side!, side!), { top: top!, left: left!, height: size!, width: size! })),
  mirror: (height, width) => ({
    channels: 3,
    height: height!,
    width: width!,
    pixels: mirrored(imageOf("mirror", height!, width!)),
  }),
};

describe.each(Object.entries(kinds))("%s", (kind, made) => {
  it.each(casesOf(kind))("$name equals torchvision's on Pillow images byte for byte", ({ numbers, expected }) => {
    expect(described(made(...numbers))).toEqual(expected);
  });
});

describe("an augmentation", () => {
  const view = { size: 16, resize: 18 };
  const all: Augmentation = {
    crop: { type: "resized", scale: [0.08, 1], ratio: [0.75, 4 / 3] },
    flip: true,
    rotation: 9,
  };
  const source = imageOf("augment", 20, 30);

  it("depends on its key alone", () => {
    const made = (i: number) => augmentedView(source, view, all, foldIn(key(1), i));
    expect(made(3)).toEqual(made(3));
    expect(new Set(Array.from({ length: 20 }, (_, i) => made(i).join())).size).toBe(20);
  });

  it("equals the evaluation view when nothing is augmented", () => {
    const none: Augmentation = { crop: { type: "none" }, flip: false, rotation: 0 };
    expect(augmentedView(source, view, none, key(1))).toEqual(evaluationView(source, view));
  });

  it("mirrors every second image", () => {
    const flip: Augmentation = { crop: { type: "none" }, flip: true, rotation: 0 };
    const plain = evaluationView(source, view);
    const turned = mirrored(squareOf(16, plain));
    const made = Array.from({ length: 400 }, (_, i) => augmentedView(source, view, flip, foldIn(key(2), i)));
    const count = made.filter((pixels) => Buffer.from(pixels).equals(turned)).length;
    expect(made.every((pixels) => [plain, turned].some((p) => Buffer.from(pixels).equals(p)))).toBe(true);
    expect(count).toBeGreaterThan(160);
    expect(count).toBeLessThan(240);
  });

  it("shows every part of the padded image when it pads", () => {
    const small = imageOf("small", 3, 3);
    const padded: Augmentation = { crop: { type: "padded", padding: 1 }, flip: false, rotation: 0 };
    const seen = Array.from({ length: 200 }, (_, i) =>
      augmentedView(small, { size: 3, resize: null }, padded, foldIn(key(3), i)).join(),
    );
    expect(new Set(seen).size).toBe(9);
  });
});
