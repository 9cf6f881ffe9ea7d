import fc from "fast-check";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";

import { UserError } from "../../errors.ts";
import { decodeImage } from "./decode.ts";

const HEIGHT = 12;
const WIDTH = 20;
/** Smooth enough for JPEG to keep most of it. */
const pixels = Buffer.from(
  Array.from({ length: HEIGHT * WIDTH }, (_, i) => {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    return [12 * x, 20 * y, 250 - 6 * (x + y)];
  }).flat(),
);
const raw = () => sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
const planes = Uint8Array.from({ length: pixels.length }, (_, i) => {
  const [channel, at] = [Math.floor(i / (HEIGHT * WIDTH)), i % (HEIGHT * WIDTH)];
  return pixels[3 * at + channel]!;
});
const furthest = (a: Uint8Array, b: Uint8Array) => a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);

let jpeg: Buffer;
let png: Buffer;
beforeAll(async () => {
  jpeg = await raw().jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer();
  png = await raw().png().toBuffer();
});

describe("an image file", () => {
  it("becomes planes of red, green and blue", async () => {
    expect(await decodeImage(png, "a.png")).toEqual({ channels: 3, height: HEIGHT, width: WIDTH, pixels: planes });
    expect(furthest((await decodeImage(jpeg, "a.jpg")).pixels, planes)).toBeLessThan(6);
  });

  it.each<[string, () => Promise<Buffer>, number]>([
    [
      "a progressive JPEG",
      () => raw().jpeg({ quality: 100, progressive: true, chromaSubsampling: "4:4:4" }).toBuffer(),
      6,
    ],
    ["a PNG with a palette", () => raw().png({ palette: true, colours: 256, dither: 0 }).toBuffer(), 12],
    ["a WebP", () => raw().webp({ lossless: true }).toBuffer(), 0],
    ["a PNG of 16 bits", () => raw().toColourspace("rgb16").png().toBuffer(), 1],
    ["a PNG with transparency, which is dropped and not blended", () => raw().ensureAlpha(0.3).png().toBuffer(), 0],
    [
      "a JPEG that Exif says to turn, which it is not",
      () => raw().withMetadata({ orientation: 6 }).png().toBuffer(),
      0,
    ],
  ])("may be %s", async (_, make, tolerance) => {
    const image = await decodeImage(await make(), "image");
    expect([image.height, image.width]).toEqual([HEIGHT, WIDTH]);
    expect(furthest(image.pixels, planes)).toBeLessThanOrEqual(tolerance);
  });

  it("has three equal planes when it is grey, of 16 bits the upper 8", async () => {
    const grey = Uint8Array.from({ length: 64 }, (_, i) => 4 * i);
    const eight = sharp(grey, { raw: { width: 8, height: 8, channels: 1 } });
    const sixteen = sharp(
      Uint16Array.from(grey, (x) => x * 256 + 77),
      { raw: { width: 8, height: 8, channels: 1 } },
    );
    for (const file of [await eight.png().toBuffer(), await sixteen.toColourspace("grey16").png().toBuffer()])
      expect((await decodeImage(file, "grey")).pixels).toEqual(Uint8Array.from([...grey, ...grey, ...grey]));
  });

  it("becomes RGB like in Pillow when it is CMYK, without a colour profile", async () => {
    // A JPEG of ink that ImageMagick or Photoshop would write, through libvips' own conversion.
    const file = await raw().toColourspace("cmyk").jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer();
    const ink = await sharp(file).pipelineColourspace("cmyk").toColourspace("cmyk").raw().toBuffer();
    const { pixels: found } = await decodeImage(file, "ink.jpg");
    const at = 5 * WIDTH + 7;
    for (const channel of [0, 1, 2]) {
      const light = ((255 - ink[4 * at + channel]!) * (255 - ink[4 * at + 3]!)) / 255;
      expect(Math.abs(found[channel * HEIGHT * WIDTH + at]! - light)).toBeLessThanOrEqual(0.5);
    }
  });

  it.each<[string, () => Buffer | Promise<Buffer>, RegExp]>([
    ["nothing", () => Buffer.alloc(0), /^a\.jpg is empty/],
    [
      "a text",
      () => Buffer.from("hello, this is no image"),
      /is no image: expected JPEG, PNG, WebP, TIFF, BMP, PPM or PGM/,
    ],
    ["a web page", () => Buffer.from("<!doctype html><h1>404</h1>"), /is no image/],
    [
      "a drawing",
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      /kind svg|is no image/,
    ],
    ["an animation", () => raw().gif().toBuffer(), /kind gif/],
    ["a JPEG cut short", () => jpeg.subarray(0, jpeg.length >> 1), /cannot be decoded/],
    ["a PNG cut short", () => png.subarray(0, png.length - 30), /cannot be decoded/],
    ["a JPEG's beginning", () => jpeg.subarray(0, 30), /is no image|cannot be decoded/],
  ])("that holds %s is refused by its name", async (_, make, message) => {
    await expect(decodeImage(await make(), "a.jpg")).rejects.toMatchObject({
      code: "E_DATA",
      message: expect.stringMatching(message),
    });
  });

  it("is refused before it is decoded when it has far more pixels than bytes", async () => {
    const blank = (side: number) =>
      sharp({ create: { width: side, height: side, channels: 3, background: "white" } })
        .toColourspace("b-w")
        .png({ compressionLevel: 9, palette: true, colours: 2 })
        .toBuffer();
    const large = await blank(6000);
    expect(large.length).toBeLessThan(36_000_000 / 256);
    await expect(decodeImage(large, "a.png")).rejects.toMatchObject({
      code: "E_DATA",
      message: expect.stringMatching(/^a\.png claims 6000 × 6000 pixels in \d+ bytes, at most 256 a byte/),
    });
    expect((await decodeImage(await blank(2048), "a.png")).height).toBe(2048);
  });

  it("is refused before it is decoded when it claims too many pixels", async () => {
    const claim = Buffer.from(png);
    claim.writeUInt32BE(60_000, 16);
    claim.writeUInt32BE(60_000, 20);
    await expect(decodeImage(claim, "a.png")).rejects.toMatchObject({ code: "E_DATA" });
  });

  it("gives an image or an error that names it, whatever is damaged", { timeout: 60_000 }, async () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.boolean(), damage, fc.nat(), async (isPng, changes, cut) => {
        const file = Buffer.from(isPng ? png : jpeg);
        for (const [at, byte] of changes) file[at % file.length] = byte;
        const bytes = cut % 4 === 0 ? file.subarray(0, cut % file.length) : file;
        try {
          const { height, width, pixels: found } = await decodeImage(bytes, "damaged");
          expect(found).toHaveLength(3 * height * width);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          expect((error as Error).message).toMatch(/^damaged /);
        }
      }),
      { numRuns: 150 },
    );
  });
});
