import { describe, expect, it } from "vitest";

import { decodePlain } from "./plain-formats.ts";

const refuse = (problem: string): never => {
  throw new Error(problem);
};
const decode = (bytes: Uint8Array, most = 1000) => decodePlain(bytes, most, refuse);

/** A bitmap: header, palette and rows as they lie in the file. */
function bitmap(size: readonly [number, number], bits: number, colours: readonly number[][], rows: number[]): Buffer {
  const header = Buffer.alloc(54);
  header.write("BM");
  header.writeUInt32LE(54 + 4 * colours.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(size[0], 18);
  header.writeInt32LE(size[1], 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  header.writeUInt32LE(colours.length, 46);
  return Buffer.concat([header, Buffer.from(colours.flat()), Buffer.from(rows)]);
}

const RED = [255, 0, 0];
const BLUE = [0, 0, 255];
const GREEN = [0, 255, 0];

describe("a bitmap", () => {
  it.each([
    // Blue, green, red; rows are padded to four bytes, and the lower one comes first.
    ["of 24 bits", bitmap([1, 2], 24, [], [255, 0, 0, 9, 0, 0, 255, 9]), [RED, BLUE]],
    ["of 24 bits from the top", bitmap([1, -2], 24, [], [255, 0, 0, 9, 0, 0, 255, 9]), [BLUE, RED]],
    ["of 32 bits", bitmap([2, 1], 32, [], [0, 0, 255, 7, 0, 255, 0, 7]), [RED, GREEN]],
    [
      "of 8 bits",
      bitmap(
        [2, 1],
        8,
        [
          [0, 0, 255, 0],
          [0, 255, 0, 0],
        ],
        [1, 0, 9, 9],
      ),
      [GREEN, RED],
    ],
    [
      "of 4 bits",
      bitmap(
        [2, 1],
        4,
        [
          [0, 0, 255, 0],
          [0, 255, 0, 0],
        ],
        [0x10, 0, 0, 0],
      ),
      [GREEN, RED],
    ],
    [
      "of 1 bit",
      bitmap(
        [3, 1],
        1,
        [
          [0, 0, 255, 0],
          [255, 0, 0, 0],
        ],
        [0b01000000, 0, 0, 0],
      ),
      [RED, BLUE, RED],
    ],
  ])("is decoded: %s", (_, bytes, pixels) => {
    expect([...(decode(bytes)?.pixels ?? [])]).toEqual(pixels.flat());
  });

  it.each([
    ["cut short", bitmap([2, 2], 24, [], [0, 0, 0]), "cut short"],
    ["of a colour that it lacks", bitmap([1, 1], 8, [[0, 0, 0, 0]], [3, 0, 0, 0]), "colour 3 of 1"],
    ["of 16 bits", bitmap([1, 1], 16, [], [0, 0, 0, 0]), "is a bitmap of 16 bits"],
    ["too large", bitmap([100, 100], 24, [], []), "at most 1000 are decoded"],
    ["empty", bitmap([0, 1], 24, [], []), "claims 0 × 1 pixels"],
  ])("is refused: %s", (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(message);
  });
});

describe("an image of Netpbm", () => {
  const netpbm = (header: string, ...samples: number[]) => Buffer.concat([Buffer.from(header), Buffer.from(samples)]);

  it.each([
    ["in colour", netpbm("P6\n1 2\n255\n", ...RED, ...BLUE), [RED, BLUE]],
    [
      "in grey, with a comment",
      netpbm("P5 # made by hand\n2 1 255\n", 7, 9),
      [
        [7, 7, 7],
        [9, 9, 9],
      ],
    ],
    ["of few levels", netpbm("P5\n1 1\n15\n", 15), [[255, 255, 255]]],
  ])("is decoded: %s", (_, bytes, pixels) => {
    expect([...(decode(bytes)?.pixels ?? [])]).toEqual(pixels.flat());
  });

  it.each([
    ["cut short", netpbm("P6\n2 2\n255\n", 1, 2, 3), "cut short"],
    ["of 16 bits", netpbm("P5\n1 1\n65535\n", 1, 2), "has 65535 levels"],
    ["without a size", netpbm("P6 hello"), "its header is none of Netpbm"],
  ])("is refused: %s", (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(message);
  });
});

it("leaves other formats to others", () => {
  expect(decode(Buffer.from("\x89PNG", "latin1"))).toBeUndefined();
});
