import fc from "fast-check";
import { describe, expect, it } from "vitest";

import fixture from "../../../test/fixtures/images.json" with { type: "json" };
import { fillIntegers } from "../../../test/support/fill.ts";
import { foldIn, key } from "../../random/index.ts";
import { batchFiller } from "../batches.ts";
import { memorySplit } from "../split.fixture.ts";
import { CROP_TRIES, resizedCropBox, roundHalfEven } from "./geometry.ts";
import type { RawImage } from "./raw-image.ts";
import { resizeBox } from "./resample.ts";
import { rotate } from "./rotate.ts";
import { type Augmentation, augmentedView, cutOut, evaluationView, mirrored, resizedTo } from "./transforms.ts";

const image = (name: string, height: number, width: number): RawImage => ({
  channels: 3,
  height,
  width,
  pixels: Uint8Array.from(fillIntegers(name, 3 * height * width, 256)),
});

/** What the fixtures hold of an image. */
function described({ height, width, pixels }: RawImage) {
  const weights = fillIntegers("weights", pixels.length, 1000);
  const middle = Math.floor(height / 2) * width;
  return {
    size: [height, width],
    sum: [pixels.reduce((sum, byte, i) => sum + byte * weights[i]!, 0)],
    rows: [0, 1, 2].flatMap((c) => [
      ...pixels.subarray(c * height * width + middle, c * height * width + middle + Math.min(24, width)),
    ]),
  };
}

const square = (size: number, pixels: Uint8Array): RawImage => ({ channels: 3, height: size, width: size, pixels });

/** How each kind of case is computed here, from its numbers. */
const kinds: Readonly<Record<string, (...numbers: number[]) => RawImage>> = {
  resize: (height, width, side) => resizedTo(image("resize", height!, width!), side!),
  view: (height, width, side, size) =>
    square(
      size!,
      evaluationView(image("view", height!, width!), { size: size!, resize: Number.isNaN(side) ? null : side! }),
    ),
  "resized crop": (h, w, top, left, height, width, size) =>
    square(
      size!,
      resizeBox(
        image("crop", h!, w!),
        { top: top!, left: left!, height: height!, width: width! },
        { height: size!, width: size! },
      ),
    ),
  "padded crop": (side, _, top, left, size) =>
    square(size!, cutOut(image("padded", side!, side!), { top: top!, left: left!, height: size!, width: size! })),
  rotate: (side, angle) => square(side!, rotate(image("rotate", side!, side!), angle!)),
  mirror: (height, width) => ({
    channels: 3,
    height: height!,
    width: width!,
    pixels: mirrored(image("mirror", height!, width!)),
  }),
};

const { normalised, ...cases } = fixture;

describe("transforms equal torchvision's on Pillow images byte for byte:", () => {
  it.each(Object.entries(cases))("%s", (name, expected) => {
    const [, kind, numbers] = /^(\D*) (.*)$/.exec(name.replace("rotate ", "rotate "))!;
    const made = kinds[kind!.trim()]!(...numbers!.split(" ").map(Number));
    expect(described(made)).toEqual(expected);
  });

  it("normalise equally up to rounding", () => {
    const { pixels } = image("normalise", 4, 5);
    const set = {
      channels: 3,
      height: 4,
      width: 5,
      view: null,
      augmentation: null,
      mean: [0.5071, 0.4865, 0.4409],
      std: [0.2673, 0.2564, 0.2762],
    };
    const images = new Float32Array(60);
    batchFiller(set, memorySplit(set, pixels, Uint8Array.of(0))).fill([0], images, new Int32Array(1));
    images.forEach((value, i) => {
      expect(Math.abs(value - normalised.values[i]!)).toBeLessThan(1e-6);
    });
  });
});

describe("a random crop", () => {
  const options = { scale: [0.08, 1], ratio: [3 / 4, 4 / 3] } as const;
  const draws = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
    minLength: 2 * CROP_TRIES + 2,
    maxLength: 2 * CROP_TRIES + 2,
  });
  const side = fc.integer({ min: 1, max: 600 });

  it("lies within the image for every size and draw", () => {
    fc.assert(
      fc.property(side, side, draws, (height, width, u) => {
        const box = resizedCropBox({ height, width }, options, u, [u.at(-1)!, u.at(-2)!]);
        expect(Math.min(box.height, box.width)).toBeGreaterThan(0);
        expect(Math.min(box.top, box.left)).toBeGreaterThanOrEqual(0);
        expect(box.top + box.height).toBeLessThanOrEqual(height);
        expect(box.left + box.width).toBeLessThanOrEqual(width);
      }),
    );
  });

  it("has the area and the ratio that were drawn", () => {
    const box = resizedCropBox({ height: 100, width: 200 }, options, [0.5, 0.5], [0.5, 0.999]);
    // Area 0.54 × 20 000, ratio 1: 103.9, which is too high; then nothing is drawn that fits, so
    // the centre is taken.
    expect(box).toEqual({ top: 0, left: 33, height: 100, width: 133 });
    // Area 0.31 × 20 000, ratio 4/3.
    const fits = resizedCropBox({ height: 100, width: 200 }, options, [0.25, 1], [0.5, 0.999]);
    expect(fits).toEqual({ top: 16, left: 109, height: 68, width: 91 });
  });

  it("is the largest centre crop when no try fits a long image", () => {
    const none = Array<number>(2 * CROP_TRIES).fill(0.999);
    expect(resizedCropBox({ height: 10, width: 1000 }, options, none, [0, 0])).toEqual({
      top: 0,
      left: 493,
      height: 10,
      width: 13,
    });
    expect(resizedCropBox({ height: 1000, width: 10 }, options, none, [0, 0])).toEqual({
      top: 493,
      left: 0,
      height: 13,
      width: 10,
    });
  });
});

describe("an augmentation", () => {
  const view = { size: 16, resize: 18 };
  const all: Augmentation = {
    crop: { type: "resized", scale: [0.08, 1], ratio: [0.75, 4 / 3] },
    flip: true,
    rotation: 9,
  };
  const source = image("augment", 20, 30);

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
    const turned = mirrored(square(16, plain));
    const made = Array.from({ length: 400 }, (_, i) => augmentedView(source, view, flip, foldIn(key(2), i)));
    const count = made.filter((pixels) => Buffer.from(pixels).equals(turned)).length;
    expect(made.every((pixels) => [plain, turned].some((p) => Buffer.from(pixels).equals(p)))).toBe(true);
    expect(count).toBeGreaterThan(160);
    expect(count).toBeLessThan(240);
  });

  it("shows every part of the padded image when it pads", () => {
    const small = image("small", 3, 3);
    const padded: Augmentation = { crop: { type: "padded", padding: 1 }, flip: false, rotation: 0 };
    const seen = Array.from({ length: 200 }, (_, i) =>
      augmentedView(small, { size: 3, resize: null }, padded, foldIn(key(3), i)).join(),
    );
    expect(new Set(seen).size).toBe(9);
  });
});

it("rounds halves to even numbers like Python", () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, 2.6].map(roundHalfEven)).toEqual([0, 2, 2, 0, -2, 2, 3].map((x) => x + 0));
});
