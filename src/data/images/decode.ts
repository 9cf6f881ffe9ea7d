/**
 * Decodes image files like Pillow's `Image.open(file).convert("RGB")`, with which torchvision reads
 * its data sets: without colour management or Exif orientation, and with transparency dropped. What
 * libvips decodes otherwise is corrected here.
 */
import sharp, { type Metadata, type Sharp } from "sharp";

import { UserError } from "../../errors.ts";
import { FOREIGN_BYTES, foreignFile } from "../../files/index.ts";
import { decodePlain } from "./plain-formats.ts";
import type { RawImage } from "./raw-image.ts";

/** The most pixels of an image: a file of a few bytes can claim any number. */
const MAX_PIXELS = 2 ** 26;

/**
 * Pixels of an image for each byte of its file, at most, where it has more than `FREE_PIXELS`.
 * Photographs have fewer than 100; an empty page can have thousands.
 */
const MAX_PIXELS_PER_BYTE = 256;
const FREE_PIXELS = 2 ** 22;

/** The formats that are decoded; the content decides, not the name. */
const FORMATS = ["jpeg", "png", "webp", "tiff"];

/** What is decoded, for messages. */
const EXPECTED = "expected JPEG, PNG, WebP, TIFF, BMP, PPM or PGM";

/** The first bytes of these formats, in hexadecimal. */
const MAGIC = /^(ffd8ff|89504e47|52494646|49492a00|4d4d002a)/;

const firstLine = ({ message }: Error): string => message.split("\n", 1).join();

/**
 * Decodes an image. Grey becomes three equal channels. Of 16 bits the upper 8 are kept (Pillow
 * clips 16-bit grey at 255). CMYK becomes RGB by (255 − C)(255 − K) / 255, without a colour
 * profile.
 * @param bytes the file.
 * @param name of the file, for errors.
 * @returns red, green and blue planes.
 * @throws UserError `E_DATA` naming the file when it is not JPEG, PNG, WebP, TIFF, BMP, PPM
 *   or PGM, is damaged or cut short, or has more than 2^26 pixels, or more than 2^22 and 256 for
 *   each byte.
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<RawImage> {
  const refuse = (problem: string): never => {
    throw new UserError("E_DATA", `${name} ${problem}`);
  };
  if (bytes.length === 0) return refuse("is empty, expected an image");
  const plain = decodePlain(bytes, MAX_PIXELS, refuse);
  if (plain !== undefined) {
    const { width, height, pixels } = plain;
    return { channels: 3, height, width, pixels: planes(pixels, width * height) };
  }
  const image = sharp(bytes, { failOn: "error", limitInputPixels: false, pages: 1, sequentialRead: true });
  const found = await image.metadata().catch((error: Error) => {
    const known = MAGIC.test(Buffer.from(bytes.subarray(0, 4)).toString("hex"));
    return refuse(known ? `cannot be decoded: ${firstLine(error)}` : noImage(bytes));
  });
  const { format, width, height } = found;
  if (!FORMATS.includes(format)) return refuse(`is of the kind ${format}; ${EXPECTED}`);
  if (width * height > MAX_PIXELS)
    return refuse(`claims ${width} × ${height} pixels, at most ${MAX_PIXELS} are decoded`);
  if (width * height > Math.max(FREE_PIXELS, MAX_PIXELS_PER_BYTE * bytes.length))
    return refuse(
      `claims ${width} × ${height} pixels in ${bytes.length} bytes, at most ${MAX_PIXELS_PER_BYTE} a byte are decoded of an image of more than ${FREE_PIXELS}`,
    );
  try {
    const interleaved = await (found.space === "cmyk" ? fromCmyk(image) : fromOther(image, found));
    if (interleaved.length !== 3 * width * height) throw new Error(`${interleaved.length} bytes`);
    return { channels: 3, height, width, pixels: planes(interleaved, width * height) };
  } catch (error) {
    return refuse(`cannot be decoded: ${firstLine(error as Error)}`);
  }
}

/** What a file is that is no image. */
function noImage(bytes: Uint8Array): string {
  const foreign = foreignFile(bytes.subarray(0, FOREIGN_BYTES));
  return `is no image${foreign === undefined ? "" : ` (${foreign.what}; ${foreign.advice})`}: ${EXPECTED}`;
}

/** Pixels of any colour space except CMYK, three bytes each. */
async function fromOther(image: Sharp, { space, depth }: Metadata): Promise<Uint8Array> {
  const grey = space === "b-w" || space === "grey16";
  const wide = depth === "ushort";
  const target = wide ? (grey ? "grey16" : "rgb16") : grey ? "b-w" : "srgb";
  const plain = image
    .removeAlpha()
    .toColourspace(target)
    .raw({ depth: wide ? "ushort" : "uchar" });
  const { data, info } = await plain.toBuffer({ resolveWithObject: true });
  // 16-bit samples are little-endian.
  const samples = wide ? data.filter((_, i) => i % 2 === 1) : data;
  if (info.channels === 3) return samples;
  const tripled = new Uint8Array(3 * samples.length);
  for (let i = 0; i < samples.length; i++) tripled.fill(samples[i]!, 3 * i, 3 * i + 3);
  return tripled;
}

/** Pixels of CMYK, which libvips gives as amounts of ink. */
async function fromCmyk(image: Sharp): Promise<Uint8Array> {
  const ink = await image.pipelineColourspace("cmyk").toColourspace("cmyk").raw().toBuffer();
  const out = new Uint8Array((ink.length / 4) * 3);
  for (let i = 0, to = 0; i < ink.length; i += 4)
    for (let c = 0; c < 3; c++) out[to++] = times(255 - ink[i + c]!, 255 - ink[i + 3]!);
  return out;
}

/** a × b / 255, rounded like Pillow. */
const times = (a: number, b: number): number => {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
};

/** Turns interleaved pixels into planes. */
function planes(interleaved: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(3 * count);
  for (let i = 0, from = 0; i < count; i++) {
    out[i] = interleaved[from++]!;
    out[count + i] = interleaved[from++]!;
    out[2 * count + i] = interleaved[from++]!;
  }
  return out;
}
