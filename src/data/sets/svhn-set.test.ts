import { describe, expect, it } from "vitest";

import { encodeMatlab } from "../matlab.fixture.ts";
import { bytesOf } from "../split.fixture.ts";
import { dataFolder, refusal } from "./data-folder.fixture.ts";

const { load, write } = dataFolder();

describe("SVHN", () => {
  const files = (digit: number) => {
    const X = Uint8Array.from({ length: 3 * 3072 }, (_, i) => (i * 7 + digit) % 256);
    return encodeMatlab([
      { name: "X", shape: [32, 32, 3, 3], values: X },
      { name: "y", shape: [3, 1], values: Uint8Array.of(1, 10, digit) },
    ]);
  };

  it("reads columns as rows, and label 10 as 0", async () => {
    for (const part of ["train", "test"]) write(`svhn/${part}_32x32.mat`, files(5));
    const { test } = await load({ name: "svhn", size: 32 });
    expect([...test.labels]).toEqual([1, 0, 5]);
    // Row 2, column 3, channel 1 of image 2 lies at 2 + 32 × 3 + 1024 × 1 + 3072 × 2 there.
    expect(bytesOf(test)[2 * 3072 + 1024 + 2 * 32 + 3]).toBe(((2 + 96 + 1024 + 6144) * 7 + 5) % 256);
  });

  it("is refused when a label is above 10 or the images are missing", async () => {
    write("svhn/train_32x32.mat", files(11));
    write("svhn/test_32x32.mat", files(2));
    await expect(load({ name: "svhn" })).rejects.toMatchObject(refusal(/train_32x32\.mat gives image 2 the label 11/));
    write("svhn/train_32x32.mat", encodeMatlab([{ name: "y", shape: [1, 1], values: Uint8Array.of(1) }]));
    await expect(load({ name: "svhn" })).rejects.toMatchObject(refusal(/holds no bytes X of 32 × 32 × 3 × N/));
  });
});
