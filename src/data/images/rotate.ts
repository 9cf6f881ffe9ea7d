/**
 * Rotates a square image about its centre, byte for byte like Pillow's `rotate` (nearest pixel).
 */
import type { RawImage } from "./raw-image.ts";

/** A fixed-point number with 16 fraction bits. */
const fixed = (x: number): number => Math.floor(x * 65_536 + 0.5);

/** Rounds to 15 digits after the point, so that the sine of 180 degrees is 0. */
const tidy = (x: number): number => Number(x.toFixed(15));

/**
 * Rotates an image counter-clockwise by an angle in degrees; pixels from outside are black.
 * @returns `[channels, height, width]`
 */
export function rotate({ channels, height, width, pixels }: RawImage, degrees: number): Uint8Array {
  const out = new Uint8Array(pixels.length);
  const angle = (-(((degrees % 360) + 360) % 360) * Math.PI) / 180;
  const [cos, sin] = [tidy(Math.cos(angle)), tidy(Math.sin(angle))];
  const [centreX, centreY] = [width / 2, height / 2];
  // The source of a pixel: x' = cos x + sin y + shiftX, y' = −sin x + cos y + shiftY.
  const shiftX = centreX - cos * centreX - sin * centreY;
  const shiftY = centreY + sin * centreX - cos * centreY;
  const [acrossX, acrossY, downX, downY] = [fixed(cos), fixed(-sin), fixed(sin), fixed(cos)];
  let rowX = fixed(shiftX + cos * 0.5 + sin * 0.5);
  let rowY = fixed(shiftY - sin * 0.5 + cos * 0.5);
  const plane = height * width;
  for (let y = 0; y < height; y++, rowX += downX, rowY += downY) {
    let [fromX, fromY] = [rowX, rowY];
    for (let x = 0; x < width; x++, fromX += acrossX, fromY += acrossY) {
      const [column, row] = [fromX >> 16, fromY >> 16];
      if (column < 0 || column >= width || row < 0 || row >= height) continue;
      const from = row * width + column;
      const to = y * width + x;
      for (let channel = 0; channel < channels; channel++) out[channel * plane + to] = pixels[channel * plane + from]!;
    }
  }
  return out;
}
