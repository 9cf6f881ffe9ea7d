/** Images and files of data sets that claim more than they hold. */
import { gzipSync } from "node:zlib";

import sharp from "sharp";

import { type Content, cutShort, fileInput, type Hostile, packedZeros } from "./hostile.ts";

const image = (name: string, content: () => Content | Promise<Content>, file = "a.png"): Hostile =>
  fileInput("image", [`image ${name}`, file], content);

const blank = (side: number) => sharp({ create: { width: side, height: side, channels: 3, background: "white" } });
const png = (side = 8): Promise<Buffer> => blank(side).png().toBuffer();

/** A sound image whose header claims another size. */
async function claiming(width: number, height: number): Promise<Buffer> {
  const bytes = Buffer.from(await png());
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

/** A JPEG whose frame claims another size. */
async function claimingJpeg(width: number, height: number): Promise<Buffer> {
  const bytes = Buffer.from(await blank(8).jpeg().toBuffer());
  const frame = bytes.indexOf(Buffer.from("ffc0", "hex"));
  bytes.writeUInt16BE(height, frame + 5);
  bytes.writeUInt16BE(width, frame + 7);
  return bytes;
}

const idx = (dimensions: readonly number[], data: number): Buffer => {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt32BE(0x800 + dimensions.length);
  for (const [i, dimension] of dimensions.entries()) header.writeUInt32BE(dimension, 4 + 4 * i);
  return Buffer.concat([header, Buffer.alloc(data)]);
};

const idxFile = (name: string, content: () => Content): Hostile => fileInput("idx", [`IDX ${name}`, "a.idx"], content);

/** A MAT-file whose first element has any type and size. */
function matlab(type: number, size: number, content: Uint8Array = new Uint8Array(64)): Buffer {
  const header = Buffer.alloc(136);
  header.write("MATLAB 5.0 MAT-file");
  header.writeUInt16LE(0x0100, 124);
  header.write("IM", 126);
  header.writeUInt32LE(type, 128);
  header.writeUInt32LE(size, 132);
  return Buffer.concat([header, content]);
}

const matFile = (name: string, content: () => Content): Hostile =>
  fileInput("matlab", [`MAT-file ${name}`, "a.mat"], content);

/** All of them. */
export const images: readonly Hostile[] = [
  image("of nothing", () => ""),
  image("of a page", () => "<!DOCTYPE html><html></html>"),
  image("that claims 60 000 × 60 000 pixels", () => claiming(60_000, 60_000)),
  image("that claims 8000 × 8000 pixels", () => claiming(8000, 8000)),
  image("that claims no pixels", () => claiming(0, 0)),
  image("that claims 2^31 pixels in a row", () => claiming(0x7fffffff, 1)),
  image("of 5000 × 5000 pixels in a few kilobytes", () =>
    blank(5000).toColourspace("b-w").png({ palette: true, colours: 2, effort: 1 }).toBuffer(),
  ),
  image("of JPEG that claims 65 535 × 65 535 pixels", () => claimingJpeg(65_535, 65_535), "a.jpg"),
  image("of JPEG that claims 8000 × 8000 pixels", () => claimingJpeg(8000, 8000), "a.jpg"),
  image(
    "of SVG with a file of the machine",
    () =>
      '<!DOCTYPE s [<!ENTITY e SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&e;</text></svg>',
  ),
  image("of SVG without end", () => `<svg xmlns="http://www.w3.org/2000/svg" width="99999" height="99999"/>`),
  image("of GIF", () => blank(8).gif().toBuffer()),
  image("of TIFF", () => blank(8).tiff().toBuffer()),
  image("of PNG with a wrong checksum", async () => {
    const bytes = Buffer.from(await png());
    bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 0xff;
    return bytes;
  }),
  image("of PNG with chunks of 4 GB", async () => {
    const bytes = Buffer.from(await png());
    bytes.writeUInt32BE(0xfffffff0, 33);
    return bytes;
  }),
  image("of WebP that is cut short", async () => (await blank(64).webp().toBuffer()).subarray(0, 20), "a.webp"),
  ...cutShort("image", "cut.png", () => png(64), [0.1, 0.5, 0.9]),
  idxFile("of nothing", () => ""),
  idxFile("of 2^96 bytes", () => idx([0xffffffff, 0xffffffff, 0xffffffff], 10)),
  idxFile("of no images", () => idx([0, 28, 28], 0)),
  idxFile("of more than there is", () => idx([10, 28, 28], 100)),
  idxFile("of another rank", () => idx([10], 10)),
  idxFile("packed a thousandfold", () => packedZeros(27)),
  idxFile("packed and cut short", () => gzipSync(idx([1, 28, 28], 784)).subarray(0, 20)),
  matFile("of nothing", () => ""),
  matFile("of an element of 4 GB", () => matlab(14, 0xfffffff0)),
  matFile("of an element that is none", () => matlab(99, 8)),
  matFile("of packed zeros that are no zlib", () => matlab(15, 64)),
  matFile("of elements without end", () => matlab(14, 64, new Uint8Array(1_000_000))),
];
