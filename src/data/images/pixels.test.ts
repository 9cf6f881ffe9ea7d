import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openPixels, selectPixels } from "./pixels.ts";
import type { ImagesInMemory, PackedImages } from "./raw-image.ts";

const bytes = Uint8Array.from({ length: 12 }, (_, i) => i);

describe("images in memory", () => {
  const memory: ImagesInMemory = { type: "memory", channels: 1, height: 2, width: 2, bytes };

  it("are read by their index", () => {
    const reader = openPixels(memory);
    expect(reader.read(1)).toEqual({ channels: 1, height: 2, width: 2, pixels: Uint8Array.of(4, 5, 6, 7) });
    reader.close();
  });

  it("are selected in the order of the indices", () => {
    const selected = selectPixels(memory, Int32Array.of(2, 0)) as ImagesInMemory;
    expect([...selected.bytes]).toEqual([8, 9, 10, 11, 0, 1, 2, 3]);
  });
});

describe("images in a file", () => {
  let folder: string;
  let pack: PackedImages;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pdiff-pixels-"));
    const file = join(folder, "images.pack");
    writeFileSync(file, bytes);
    // 2 × 3 pixels, 1 × 2 pixels, and 2 × 4 of which four bytes are missing.
    pack = {
      type: "pack",
      file,
      channels: 1,
      offsets: Float64Array.of(0, 6, 8),
      heights: Uint32Array.of(2, 1, 2),
      widths: Uint32Array.of(3, 2, 4),
    };
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("are read at their offset, each in its size", () => {
    const reader = openPixels(pack);
    expect(reader.read(1)).toEqual({ channels: 1, height: 1, width: 2, pixels: Uint8Array.of(6, 7) });
    expect(reader.read(0)).toEqual({ channels: 1, height: 2, width: 3, pixels: Uint8Array.of(0, 1, 2, 3, 4, 5) });
    reader.close();
  });

  it("are selected in the order of the indices", () => {
    const reader = openPixels(selectPixels(pack, Int32Array.of(1, 0)));
    expect([...reader.read(0).pixels]).toEqual([6, 7]);
    reader.close();
  });

  it("are refused with advice when the file is cut short or missing", () => {
    const reader = openPixels(pack);
    expect(() => reader.read(2)).toThrow(
      `the decoded images in ${pack.file} are cut short; remove that file to decode them again`,
    );
    reader.close();
    expect(() => openPixels({ ...pack, file: join(folder, "none") })).toThrow("cannot be opened (ENOENT)");
  });
});
