import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { loadData } from "../load.ts";
import { bytesOf } from "../split.fixture.ts";
import { realData, refusal } from "./data-folder.fixture.ts";
import { idxFolder, testImages } from "./idx-folder.fixture.ts";

const { path, write, load } = idxFolder();

describe("a data set of IDX files", () => {
  it("has its constants, and the files' images and labels", async () => {
    write();
    const { test, ...set } = await load();
    expect(set).toMatchObject({
      name: "mnist",
      channels: 1,
      height: 2,
      width: 3,
      classes: 10,
      mean: [0.1307],
      std: [0.3081],
    });
    expect([...bytesOf(test)]).toEqual([...testImages]);
    expect([...test.labels]).toEqual([9, 8]);
  });

  it.each([
    ["its own folder, compressed", { folder: "mnist", zip: true }],
    ["its folder raw/", { folder: "mnist/raw", zip: false }],
    ["torchvision's folder", { folder: "MNIST/raw", zip: false }],
  ])("is found in %s", async (_, parts) => {
    write();
    const plain = await load();
    rmSync(path("mnist"), { recursive: true });
    write(parts);
    const { sources, ...set } = await load();
    expect(set).toEqual({ ...plain, sources: undefined });
    expect(sources.map(({ file }) => file)[0]).toBe(
      join(parts.folder, `train-images-idx3-ubyte${parts.zip ? ".gz" : ""}`),
    );
  });

  it("names its files with their checksums", async () => {
    write();
    const { sources } = await load();
    expect(sources).toHaveLength(4);
    expect(sources[3]).toEqual({
      file: join("mnist", "t10k-labels-idx1-ubyte"),
      sha256: "38cb7c4a4baad12300769bc32ef18fe8e9ff98d2c7d272fcef70c00a356b064c",
    });
  });

  it("of EMNIST is turned upright", async () => {
    write({ folder: "emnist-digits", prefixes: ["emnist-digits-train", "emnist-digits-test"] });
    const { height, width, test } = await load({ name: "emnist-digits" });
    expect([height, width]).toEqual([3, 2]);
    expect([...bytesOf(test).subarray(0, 6)]).toEqual([100, 103, 101, 104, 102, 105]);
  });

  it("is refused when labels and images differ in number, a label is no class, or test images in size", async () => {
    write({ trainLabels: [0, 1, 0, 1, 0] });
    await expect(load()).rejects.toMatchObject(refusal(/train-labels-idx1-ubyte holds 5 labels, but .* 6 images/));
    write({ trainLabels: [0, 1, 0, 10, 0, 11] });
    await expect(load()).rejects.toMatchObject(
      refusal(/labels-idx1-ubyte gives image 3 the label 10, expected 0 to 9$/),
    );
    write({ testShape: [2, 3, 2] });
    await expect(load()).rejects.toMatchObject(refusal(/t10k-.* holds images of 3 × 2 pixels, but .* of 2 × 3$/));
  });
});

describe.each([
  ["mnist", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"],
  ["fashion-mnist", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"],
])("the real %s", (name, sha256) => {
  const present = existsSync(join(realData, name, "train-images-idx3-ubyte.gz"));
  it.skipIf(!present)(
    "has its 60 000 and 10 000 images, and the pixels its constants were worked out from",
    async () => {
      const set = await loadData({ pad: 0, seed: 0, name, root: realData, selection: 5000 });
      expect([set.train.count, set.selection.count, set.test.count]).toEqual([55_000, 5_000, 10_000]);
      expect([set.height, set.width]).toEqual([28, 28]);
      expect(set.sources[0]!.sha256).toBe(sha256);
      let sum = 0;
      for (const byte of bytesOf(set.train)) sum += byte;
      expect(sum / bytesOf(set.train).length / 255).toBeCloseTo(set.mean[0]!, 3);
    },
  );
});
