import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";

import { foldIn, key } from "../random/index.ts";
import { drawGlyphs, GLYPH_MEAN, GLYPH_SIZE, GLYPH_STD } from "./glyphs.ts";

const pixels = GLYPH_SIZE * GLYPH_SIZE;
const k = foldIn(key(0), "glyphs", "train");
const { images, labels } = drawGlyphs(k, 3000);
const image = (i: number) => images.subarray(i * pixels, (i + 1) * pixels);

describe("glyphs", () => {
  it("are the same bytes on every platform", () => {
    expect(
      createHash("sha256")
        .update(images.subarray(0, 100 * pixels))
        .digest("hex"),
    ).toBe("443d654dedbe079bb0eb4f6ab28a8d738ea0974be0111d90cbd50b98437b9479");
  });

  it("depend on the key, not on their number", () => {
    expect(drawGlyphs(k, 20).images).toEqual(images.subarray(0, 20 * pixels));
    expect(drawGlyphs(key(1), 20).images).not.toEqual(images.subarray(0, 20 * pixels));
  });

  it("hold every digit equally often", () => {
    for (let digit = 0; digit < 10; digit++) expect(labels.filter((label) => label === digit).length).toBe(300);
  });

  it("are all different, with some ink and more background", () => {
    expect(new Set(Array.from(labels, (_, i) => Buffer.from(image(i)).toString("latin1"))).size).toBe(labels.length);
    for (let i = 0; i < labels.length; i++) {
      const ink = image(i).filter((byte) => byte > 128).length;
      expect(ink).toBeGreaterThan(8);
      expect(ink).toBeLessThan(pixels / 2);
    }
  });

  it("have the mean and deviation that normalise them", () => {
    let sum = 0;
    let squares = 0;
    for (const byte of images) {
      sum += byte / 255;
      squares += (byte / 255) ** 2;
    }
    const mean = sum / images.length;
    expect(mean).toBeCloseTo(GLYPH_MEAN, 2);
    expect(Math.sqrt(squares / images.length - mean * mean)).toBeCloseTo(GLYPH_STD, 2);
  });

  it("can be classified, but not by the nearest mean image alone", () => {
    const fitted = 2000;
    const means = Array.from({ length: 10 }, () => new Float64Array(pixels));
    for (let i = 0; i < fitted; i++) {
      const mean = means[labels[i]!]!;
      for (let p = 0; p < pixels; p++) mean[p]! += image(i)[p]! / (fitted / 10);
    }
    let correct = 0;
    for (let i = fitted; i < labels.length; i++) {
      const distances = means.map((mean) => image(i).reduce((sum, byte, p) => sum + (byte - mean[p]!) ** 2, 0));
      if (distances.indexOf(Math.min(...distances)) === labels[i]) correct++;
    }
    const accuracy = correct / (labels.length - fitted);
    expect(accuracy).toBeGreaterThan(0.5);
    expect(accuracy).toBeLessThan(0.95);
  });
});
