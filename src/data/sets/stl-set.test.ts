import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { describe, expect, it } from "vitest";

import { decodeImage } from "../images/decode.ts";
import { bytesOf } from "../split.fixture.ts";
import { dataFolder, realData, refusal } from "./data-folder.fixture.ts";
import { transposed } from "./stl-set.ts";

const { load, write } = dataFolder();

describe("STL-10", () => {
  it("reads planes row by row and labels from 0, and refuses what does not fit", async () => {
    const X = Uint8Array.from({ length: 2 * 27_648 }, (_, i) => i % 253);
    for (const part of ["train", "test"]) {
      write(`stl10_binary/${part}_X.bin`, X);
      write(`stl10_binary/${part}_y.bin`, Uint8Array.of(1, 10));
    }
    const { test } = await load({ name: "stl-10", size: 96 });
    expect([...test.labels]).toEqual([0, 9]);
    expect(bytesOf(test)[5 * 96 + 7]).toBe((7 * 96 + 5) % 253);
    write("stl10_binary/test_y.bin", Uint8Array.of(1, 11));
    await expect(load({ name: "stl-10" })).rejects.toMatchObject(
      refusal(/gives image 1 the label 11, expected 1 to 10/),
    );
    write("stl10_binary/test_y.bin", Uint8Array.of(1));
    await expect(load({ name: "stl-10" })).rejects.toMatchObject(refusal(/expected 27648 for each of the 1 labels/));
  });

  const sample = join(realData, "stl-10", "test_X.sample10.bin.gz");
  it.skipIf(!existsSync(sample))("equals the official PNG files", async () => {
    const pixels = transposed(gunzipSync(readFileSync(sample)));
    const [index = "", name] = readFileSync(join(realData, "stl-10", "test_sample10_indices.txt"), "utf8").split(/\s+/);
    const png = readFileSync(join(realData, "stl-10", "png", `test_${index.padStart(4, "0")}_${name}.png`));
    expect((await decodeImage(png, "png")).pixels).toEqual(new Uint8Array(pixels.subarray(0, 27_648)));
  });
});
