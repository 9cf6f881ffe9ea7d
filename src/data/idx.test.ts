import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { UserError } from "../errors.ts";
import { encodeIdx } from "./idx.fixture.ts";
import { readIdx } from "./idx.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-idx-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** What reading these bytes as a file called `name` gives. */
async function read(bytes: Uint8Array, rank: number, name = "file") {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return readIdx(path, rank);
}

const sound = encodeIdx(
  [2, 3, 2],
  Uint8Array.from({ length: 12 }, (_, i) => i),
);

describe("an IDX file", () => {
  const anyIdx = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }).chain((dimensions) => {
    const size = dimensions.reduce((a, b) => a * b);
    return fc.tuple(fc.constant(dimensions), fc.uint8Array({ minLength: size, maxLength: size }));
  });

  it("is read with its dimensions and bytes, plain or compressed, whatever its name", async () => {
    await fc.assert(
      fc.asyncProperty(anyIdx, fc.boolean(), fc.constantFrom("a", "a.gz"), async ([shape, data], zip, name) => {
        const bytes = encodeIdx(shape, data);
        const idx = await read(zip ? gzipSync(bytes) : bytes, shape.length, name);
        expect(idx.dimensions).toEqual(shape);
        expect([...idx.data]).toEqual([...data]);
      }),
      { numRuns: 60 },
    );
  });

  it("is refused in one line naming the file when it is cut short or altered", async () => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        anyIdx,
        fc.boolean(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(change, { maxLength: 4 }),
        async ([shape, data], zip, kept, changes) => {
          const whole = zip ? gzipSync(encodeIdx(shape, data)) : encodeIdx(shape, data);
          for (const { at, byte } of changes) whole[at % whole.length] = byte;
          const bytes = whole.subarray(0, Math.floor(whole.length * kept));
          const outcome = await read(bytes, shape.length).catch((error: unknown) => error);
          if (outcome instanceof Error) {
            expect(outcome).toBeInstanceOf(UserError);
            expect(outcome.message).toMatch(/^[^\n]+file [^\n]+$/);
          } else expect(changes.length > 0 || bytes.length === whole.length).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("has the checksum of the file as stored", async () => {
    const { sha256 } = await read(sound, 3);
    expect(sha256).toBe("1aeec46cfbbb48f4de61478b0e035ba64d04562c03661882c25486481c0cbf70");
  });

  it.each<[string, () => Uint8Array, RegExp]>([
    ["empty", () => new Uint8Array(0), /file starts with nothing, expected 00000803/],
    [
      "of another format",
      () => Buffer.from("<html>"),
      /file starts with 3c68746d, expected 00000803: unsigned bytes in 3/,
    ],
    ["of another rank", () => encodeIdx([12], sound.subarray(16)), /file starts with 00000801, expected 00000803/],
    ["of another type", () => Buffer.from([0, 0, 0x0d, 3, ...sound.subarray(4)]), /starts with 00000d03/],
    ["ending in its header", () => sound.subarray(0, 15), /file ends within its header, after 15 of 16 bytes/],
    ["too short", () => sound.subarray(0, 27), /file holds 11 bytes, but its header says 2 × 3 × 2 = 12/],
    ["too long", () => Buffer.concat([sound, Buffer.of(0)]), /file holds 13 bytes, but its header says 2 × 3 × 2 = 12/],
    ["without an image", () => encodeIdx([0, 28, 28], new Uint8Array(0)), /file is empty: its header says 0 × 28 × 28/],
    ["of images without pixels", () => encodeIdx([5, 28, 0], new Uint8Array(0)), /file is empty/],
    [
      "claiming 2^31 images",
      () => encodeIdx([2 ** 31, 28, 28], new Uint8Array(784)),
      /file holds 784 bytes, but its header says 2147483648 × 28 × 28 = 1683627180032/,
    ],
  ])("is refused when %s", async (_, bytes, message) => {
    await expect(read(bytes(), 3)).rejects.toMatchObject({
      name: "UserError",
      code: "E_DATA",
      message: expect.stringMatching(message),
    });
  });
});
