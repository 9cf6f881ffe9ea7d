import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { imageOf, normalisedValues } from "../../test/support/torchvision-images.ts";
import { key } from "../random/index.ts";
import { batchFiller, epochOrder } from "./batches.ts";
import type { Preparation } from "./data-set.ts";
import { memorySplit } from "./split.fixture.ts";

const set: Preparation = {
  channels: 2,
  height: 2,
  width: 2,
  view: null,
  augmentation: null,
  mean: [0.25, 0.5],
  std: [0.5, 0.2],
};
const bytes = Uint8Array.from({ length: 3 * 2 * 4 }, (_, i) => i * 11);
const split = memorySplit(set, bytes, Uint8Array.of(4, 5, 6));
const { fill } = batchFiller(set, split);

describe("a batch", () => {
  it("holds the chosen images, each channel normalised by its own constants, and their labels", () => {
    const images = new Float32Array(2 * 8);
    const labels = new Int32Array(2);
    fill([2, 0], images, labels);
    expect([...labels]).toEqual([6, 4]);
    const expected = [...bytes.subarray(16, 24), ...bytes.subarray(0, 8)].map((byte, i) => {
      const channel = Math.floor(i / 4) % 2;
      return (byte / 255 - set.mean[channel]!) / set.std[channel]!;
    });
    images.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
  });

  it("is normalised as by torchvision, up to rounding", () => {
    const { pixels } = imageOf("normalise", 4, 5);
    const colour = {
      ...set,
      channels: 3,
      height: 4,
      width: 5,
      mean: [0.5071, 0.4865, 0.4409],
      std: [0.2673, 0.2564, 0.2762],
    };
    const images = new Float32Array(60);
    batchFiller(colour, memorySplit(colour, pixels, Uint8Array.of(0))).fill([0], images, new Int32Array(1));
    images.forEach((value, i) => {
      expect(Math.abs(value - normalisedValues[i]!)).toBeLessThan(1e-6);
    });
  });

  it("is refused when an array has another size or an image does not exist", () => {
    const labels = new Int32Array(1);
    expect(() => fill([0], new Float32Array(7), labels)).toThrow(RangeError);
    expect(() => fill([0, 1], new Float32Array(16), labels)).toThrow(RangeError);
    for (const index of [-1, 3, Number.NaN])
      expect(() => fill([index], new Float32Array(8), labels)).toThrow(RangeError);
  });
});

describe("the order of an epoch", () => {
  it("visits every image once", () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(), (count, epoch) => {
        expect([...epochOrder(key(1), epoch, count)].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
      }),
    );
  });

  it("depends on the key and the epoch, and differs with either", () => {
    const order = epochOrder(key(1), 3, 100);
    expect(epochOrder(key(1), 3, 100)).toEqual(order);
    expect(epochOrder(key(1), 4, 100)).not.toEqual(order);
    expect(epochOrder(key(2), 3, 100)).not.toEqual(order);
  });
});
