import { describe, expect, it } from "vitest";

import { type PreparationOptions, preparationOf } from "./preparation.ts";

const colour = { channels: 3, mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] };
const squares = { height: 32, width: 32 };
const augment = { crop: { type: "none" as const }, flip: true, rotation: 0 };
const of = (stored: { height: number; width: number } | undefined, options: PreparationOptions = {}) =>
  preparationOf(colour, stored, options);

describe("the input of a network from images of one size", () => {
  it("is the stored images with their own statistics by default", () => {
    expect(of(squares)).toEqual({ ...colour, ...squares, view: null, augmentation: null });
    expect(of({ height: 2, width: 3 })).toMatchObject({ height: 2, width: 3, view: null });
    expect(of(squares, { size: 32 })).toMatchObject({ view: null });
  });

  it("is the centre of the resized images when another size is asked for", () => {
    expect(of(squares, { size: 224 })).toMatchObject({ height: 224, width: 224, view: { size: 224, resize: 256 } });
    expect(of(squares, { size: 64, resize: 64 })).toMatchObject({ view: { size: 64, resize: 64 } });
    expect(of(squares, { resize: 36 })).toMatchObject({ height: 32, view: { size: 32, resize: 36 } });
  });

  it("is not resized when images are only augmented", () => {
    expect(of(squares, { augment })).toMatchObject({
      height: 32,
      view: { size: 32, resize: null },
      augmentation: augment,
    });
  });

  it("needs a size when the images are not square and are augmented or resized", () => {
    expect(() => of({ height: 2, width: 3 }, { augment })).toThrow(/2 × 3 pixels, no squares; say .* \(data\.size\)/);
    expect(of({ height: 2, width: 3 }, { augment, size: 4 })).toMatchObject({ view: { size: 4, resize: 5 } });
  });
});

describe("the input of a network from images of different sizes", () => {
  it("is 224 pixels wide, cut from 256, by default", () => {
    expect(of(undefined)).toMatchObject({ height: 224, width: 224, view: { size: 224, resize: 256 } });
    expect(of(undefined, { size: 64 })).toMatchObject({ height: 64, view: { size: 64, resize: 73 } });
  });
});

describe("the normalisation", () => {
  it("can use the statistics of another set", () => {
    expect(of(squares, { normalise: "half" })).toMatchObject({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] });
    expect(of(squares, { normalise: "imagenet" })).toMatchObject({ mean: [0.485, 0.456, 0.406] });
    expect(of(squares, { normalise: "cifar-100" })).toMatchObject({ mean: [0.5071, 0.4865, 0.4409] });
  });

  it("can be none, or given for every channel", () => {
    expect(of(squares, { normalise: "none" })).toMatchObject({ mean: [0, 0, 0], std: [1, 1, 1] });
    const own = { mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] };
    expect(of(squares, { normalise: own })).toMatchObject(own);
    expect(() => of(squares, { normalise: { mean: [0.1], std: [0.4] } })).toThrow(
      "data.normalise has 1 means and 1 standard deviations, but the images have 3 channels",
    );
  });

  it("is refused when it has another number of channels than the images", () => {
    const grey = { channels: 1, mean: [0.1], std: [0.3] };
    expect(preparationOf(grey, squares, { normalise: "half" })).toMatchObject({ mean: [0.5] });
    expect(() => preparationOf(grey, squares, { normalise: "imagenet" })).toThrow(
      /3 channels, but the images have 1; use own/,
    );
  });
});
