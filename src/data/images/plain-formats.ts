/**
 * Decodes images that sharp does not: Windows bitmaps (.bmp) and the binary formats of Netpbm
 * (.ppm, .pgm). Both are pixels one after another behind a short header.
 */
import { at } from "../../lookup.ts";

/** Pixels with three interleaved bytes each. */
export interface Interleaved {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Refuses the image; the problem is a clause such as "is damaged". */
type Refuse = (problem: string) => never;

/**
 * Decodes a bitmap or a Netpbm image.
 * @param mostPixels claims of more are refused.
 * @returns undefined where the bytes are neither.
 */
export function decodePlain(bytes: Uint8Array, mostPixels: number, refuse: Refuse): Interleaved | undefined {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = data.toString("latin1", 0, 2);
  const check = (width: number, height: number): void => {
    if (!(width > 0 && height > 0)) refuse(`claims ${width} × ${height} pixels`);
    if (width * height > mostPixels) refuse(`claims ${width} × ${height} pixels, at most ${mostPixels} are decoded`);
  };
  if (magic === "BM") return decodeBitmap(data, check, refuse);
  return magic === "P5" || magic === "P6" ? decodeNetpbm(data, check, refuse) : undefined;
}

type Check = (width: number, height: number) => void;

/** Bytes of the file's header and of the shortest header of an image that is read. */
const FILE_HEADER = 14;
const IMAGE_HEADER = 40;

/** Bitmaps of 1, 4 and 8 bits with a palette, and of 24 and 32 bits, not compressed. */
function decodeBitmap(data: Buffer, check: Check, refuse: Refuse): Interleaved {
  if (data.length < FILE_HEADER + IMAGE_HEADER) refuse("cannot be decoded: it ends in its header");
  const header = data.readUInt32LE(14);
  const width = data.readInt32LE(18);
  const signedHeight = data.readInt32LE(22);
  const height = Math.abs(signedHeight);
  const bits = data.readUInt16LE(28);
  const compression = data.readUInt32LE(30);
  if (header < IMAGE_HEADER || ![1, 4, 8, 24, 32].includes(bits) || ![0, bits === 32 ? 3 : 0].includes(compression))
    refuse(`is a bitmap of ${bits} bits in an encoding that is not read; save it as PNG`);
  check(width, height);
  const start = data.readUInt32LE(10);
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  if (start + rowBytes * height > data.length) refuse("cannot be decoded: it is cut short");
  const palette = FILE_HEADER + header;
  const colours = bits > 8 ? 0 : data.readUInt32LE(46) || 2 ** bits;
  if (palette + 4 * colours > data.length) refuse("cannot be decoded: it ends in its palette");
  const pixels = new Uint8Array(3 * width * height);
  for (let y = 0, to = 0; y < height; y++) {
    // Rows go from the bottom up, unless the height is negative.
    const row = start + rowBytes * (signedHeight > 0 ? height - 1 - y : y);
    for (let x = 0; x < width; x++, to += 3) {
      let from = row + (x * bits) / 8;
      if (bits <= 8) {
        const bit = x * bits;
        const index = (at(data, row + (bit >> 3)) >> (8 - bits - (bit & 7))) & (2 ** bits - 1);
        if (index >= colours) refuse(`cannot be decoded: it has colour ${index} of ${colours}`);
        from = palette + 4 * index;
      }
      pixels[to] = at(data, from + 2);
      pixels[to + 1] = at(data, from + 1);
      pixels[to + 2] = at(data, from);
    }
  }
  return { width, height, pixels };
}

/** Grey (P5) and colour (P6), of at most 255 levels. */
function decodeNetpbm(data: Buffer, check: Check, refuse: Refuse): Interleaved {
  const head = data.toString("latin1", 0, 1000);
  const space = "(?:\\s+(?:#[^\\n]*\\n\\s*)*)";
  const found = new RegExp(`^P[56]${space}(\\d{1,9})${space}(\\d{1,9})${space}(\\d{1,9})\\s`).exec(head);
  if (found === null) return refuse("cannot be decoded: its header is none of Netpbm");
  const [width, height, levels] = found.slice(1).map(Number) as [number, number, number];
  if (levels < 1 || levels > 255) refuse(`has ${levels} levels, at most 255 are read; save it as PNG`);
  check(width, height);
  const channels = head[1] === "6" ? 3 : 1;
  const count = width * height;
  const samples = data.subarray(found[0].length);
  if (samples.length < count * channels) refuse("cannot be decoded: it is cut short");
  const scaled = (value: number): number => Math.min(255, Math.round((255 * value) / levels));
  const pixels = new Uint8Array(3 * count);
  for (let i = 0; i < pixels.length; i++) pixels[i] = scaled(at(samples, channels === 3 ? i : Math.floor(i / 3)));
  return { width, height, pixels };
}
