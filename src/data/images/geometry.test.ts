import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { CROP_TRIES, centreBox, paddedBox, resizedCropBox, resizedSize, roundHalfEven } from "./geometry.ts";

it("rounds halves to even numbers like Python", () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, 2.6].map(roundHalfEven)).toEqual([0, 2, 2, 0, -2, 2, 3].map((x) => x + 0));
});

it("resizes the shorter side, and the other in proportion, rounded down", () => {
  expect(resizedSize({ height: 30, width: 50 }, 20)).toEqual({ height: 20, width: 33 });
  expect(resizedSize({ height: 50, width: 30 }, 20)).toEqual({ height: 33, width: 20 });
});

it("centres a box, outside of an image that is smaller", () => {
  expect(centreBox({ height: 10, width: 15 }, 4)).toEqual({ top: 3, left: 6, height: 4, width: 4 });
  expect(centreBox({ height: 4, width: 3 }, 6)).toEqual({ top: -1, left: -1, height: 6, width: 6 });
});

it("places a crop of a padded image anywhere from one corner to the other", () => {
  const at = (u: number) => paddedBox({ height: 32, width: 40 }, 32, 4, [u, u]);
  expect(at(0)).toEqual({ top: -4, left: -4, height: 32, width: 32 });
  expect(at(0.999)).toEqual({ top: 4, left: 12, height: 32, width: 32 });
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
    const tooHigh = Array<number>(2 * CROP_TRIES).fill(0.5);
    const box = resizedCropBox({ height: 100, width: 200 }, options, tooHigh, [0.5, 0.999]);
    // Area 0.54 × 20 000, ratio 1: 103.9, which is too high in every try, so the centre is taken.
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
