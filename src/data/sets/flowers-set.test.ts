import { rmSync } from "node:fs";

import { beforeEach, describe, expect, it } from "vitest";

import { encodeMatlab } from "../matlab.fixture.ts";
import { dataFolder, jpeg, refusal } from "./data-folder.fixture.ts";

const { load, path, write } = dataFolder();

describe("Flowers-102", () => {
  beforeEach(async () => {
    const labels = Uint8Array.from({ length: 9 }, (_, i) => (i % 4) + 1);
    write("flowers-102/imagelabels.mat", encodeMatlab([{ name: "labels", shape: [1, 9], values: labels }]));
    const ids = { trnid: [1, 6, 3, 4], valid: [2], tstid: [9, 5, 8] };
    const arrays = Object.entries(ids).map(([name, of]) => ({
      name,
      shape: [1, of.length],
      values: Float64Array.from(of),
    }));
    write("flowers-102/setid.mat", encodeMatlab(arrays));
    for (let i = 1; i <= 9; i++) write(`flowers-102/jpg/image_0000${i}.jpg`, await jpeg(20 * i));
  });

  it("has torchvision's training and test splits in their order, and labels from 0", async () => {
    const { train, selection, test, height } = await load({ name: "flowers-102" });
    expect([[...test.labels], train.count, selection.count, height]).toEqual([[0, 0, 3], 3, 1, 8]);
  });

  it("is refused with the number of missing images when it is half unpacked", async () => {
    rmSync(path("flowers-102/jpg/image_00005.jpg"));
    await expect(load({ name: "flowers-102" })).rejects.toMatchObject(
      refusal(
        /lacks 1 of the 7 images in its lists, such as jpg\/image_00005\.jpg; get the set again: pdiff data get flowers-102 --force/,
      ),
    );
  });
});
