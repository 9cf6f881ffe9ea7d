/** The images of test/fixtures/images.json, which torchvision and Pillow transformed. */
import type { RawImage } from "../../src/data/images/raw-image.ts";
import fixture from "../fixtures/images.json" with { type: "json" };
import { fillIntegers } from "./fill.ts";

/** A noisy colour image that follows from its name. */
export const imageOf = (name: string, height: number, width: number): RawImage => ({
  channels: 3,
  height,
  width,
  pixels: Uint8Array.from(fillIntegers(name, 3 * height * width, 256)),
});

/** A colour image as wide as high. */
export const squareOf = (size: number, pixels: Uint8Array): RawImage => ({
  channels: 3,
  height: size,
  width: size,
  pixels,
});

/** What the fixtures hold of an image. */
export function described({ height, width, pixels }: RawImage): object {
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

const { normalised, ...cases } = fixture;

/** The image `normalise` of 4 × 5 pixels, normalised by CIFAR-100's statistics. */
export const normalisedValues: readonly number[] = normalised.values;

/** The cases of a kind: its numbers (NaN for none), and the description of torchvision's image. */
export const casesOf = (kind: string): { name: string; numbers: number[]; expected: object }[] =>
  Object.entries(cases)
    .filter(([name]) => name.startsWith(`${kind} `))
    .map(([name, expected]) => ({
      name,
      numbers: name
        .slice(kind.length + 1)
        .split(" ")
        .map(Number),
      expected,
    }));
