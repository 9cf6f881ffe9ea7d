import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DataSet } from "./data-set.ts";
import { encodeIdx } from "./idx.fixture.ts";
import { type DataOptions, loadData } from "./load.ts";
import { dataSetNames } from "./sets/known-sets.ts";
import { bytesOf } from "./split.fixture.ts";

const base = { selection: 2, pad: 0, seed: 0 };

describe("a data set of IDX files", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "pdiff-data-"));
  });
  afterEach(() => rm(root, { recursive: true }));

  const trainImages = Uint8Array.from({ length: 6 * 2 * 3 }, (_, i) => i + 1);
  const testImages = Uint8Array.from({ length: 2 * 2 * 3 }, (_, i) => 100 + i);

  interface Parts {
    folder?: string;
    prefixes?: readonly [string, string];
    zip?: boolean;
    trainLabels?: readonly number[];
    testShape?: readonly number[];
    without?: string;
  }

  /** Writes six training and two test images of 2 × 3 pixels. */
  async function write({
    folder = "mnist",
    prefixes = ["train", "t10k"],
    zip = false,
    trainLabels = [0, 1, 0, 1, 0, 1],
    testShape = [2, 2, 3],
    without = "",
  }: Parts = {}): Promise<void> {
    await mkdir(join(root, folder), { recursive: true });
    const files: [string, Buffer][] = [
      [`${prefixes[0]}-images-idx3-ubyte`, encodeIdx([6, 2, 3], trainImages)],
      [`${prefixes[0]}-labels-idx1-ubyte`, encodeIdx([trainLabels.length], Uint8Array.from(trainLabels))],
      [`${prefixes[1]}-images-idx3-ubyte`, encodeIdx(testShape, testImages)],
      [`${prefixes[1]}-labels-idx1-ubyte`, encodeIdx([2], Uint8Array.of(9, 8))],
    ];
    for (const [name, bytes] of files)
      if (name !== without)
        await writeFile(join(root, folder, zip ? `${name}.gz` : name), zip ? gzipSync(bytes) : bytes);
  }

  const load = (options: Partial<DataOptions> = {}) => loadData({ ...base, name: "mnist", root, ...options });
  const refusal = (message: string | RegExp) => ({
    code: "E_DATA",
    message: message instanceof RegExp ? expect.stringMatching(message) : message,
  });

  it("is split into training and selection of equal class shares, and test", async () => {
    await write();
    const set = await load();
    expect(set).toMatchObject({
      name: "mnist",
      channels: 1,
      height: 2,
      width: 3,
      classes: 10,
      mean: [0.1307],
      std: [0.3081],
    });
    expect([...set.train.labels].sort()).toEqual([0, 0, 1, 1]);
    expect([...set.selection.labels].sort()).toEqual([0, 1]);
    expect([...bytesOf(set.train), ...bytesOf(set.selection)].sort((a, b) => a - b)).toEqual([...trainImages]);
    expect([...bytesOf(set.test)]).toEqual([...testImages]);
    expect([...set.test.labels]).toEqual([9, 8]);
  });

  it("is split the same whatever the seed", async () => {
    await write();
    expect(await load({ seed: 1 })).toEqual(await load({ seed: 2 }));
  });

  it.each([
    ["its own folder, compressed", { folder: "mnist", zip: true }],
    ["its folder raw/", { folder: "mnist/raw", zip: false }],
    ["torchvision's folder", { folder: "MNIST/raw", zip: false }],
  ])("is found in %s", async (_, parts) => {
    await write();
    const plain = await load();
    await rm(join(root, "mnist"), { recursive: true });
    await write(parts);
    const { sources, ...set } = await load();
    expect(set).toEqual({ ...plain, sources: undefined });
    expect(sources.map(({ file }) => file)[0]).toBe(
      join(parts.folder, `train-images-idx3-ubyte${parts.zip ? ".gz" : ""}`),
    );
  });

  it("names its files with their checksums", async () => {
    await write();
    const { sources } = await load();
    expect(sources).toHaveLength(4);
    expect(sources[3]).toEqual({
      file: join("mnist", "t10k-labels-idx1-ubyte"),
      sha256: "38cb7c4a4baad12300769bc32ef18fe8e9ff98d2c7d272fcef70c00a356b064c",
    });
  });

  it("of EMNIST is turned upright", async () => {
    await write({ folder: "emnist-digits", prefixes: ["emnist-digits-train", "emnist-digits-test"] });
    const { height, width, test } = await load({ name: "emnist-digits" });
    expect([height, width]).toEqual([3, 2]);
    expect([...bytesOf(test).subarray(0, 6)]).toEqual([100, 103, 101, 104, 102, 105]);
  });

  it("is cut to its first images, and padded", async () => {
    await write();
    const { train, selection, test, height, width } = await load({ train: 4, test: 1, selection: 1, pad: 1 });
    expect([train.count, selection.count, test.count, height, width]).toEqual([3, 1, 1, 4, 5]);
    expect(Math.max(...bytesOf(train), ...bytesOf(selection))).toBe(4 * 6);
    expect([...bytesOf(test)]).toEqual([0, 0, 0, 0, 0, 0, 100, 101, 102, 0, 0, 103, 104, 105, 0, 0, 0, 0, 0, 0]);
  });

  it("that is absent is refused with the files expected, the folders searched and the way out", async () => {
    await expect(load()).rejects.toMatchObject(
      refusal(
        `mnist is not in ${join(root, "mnist")}, ${join(root, "mnist", "raw")}, ${join(root, "MNIST", "raw")}; get it: pdiff data get mnist, or set PDIFF_DATA=DIR where DIR/mnist holds train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (plain or .gz); glyphs needs no files`,
      ),
    );
    await expect(load({ root: undefined })).rejects.toMatchObject(
      refusal(
        /^mnist is read from files, and no data folder is known; get it: pdiff data get mnist, or set PDIFF_DATA=DIR/,
      ),
    );
  });

  it("that lacks a file is refused, naming it", async () => {
    await write({ without: "t10k-labels-idx1-ubyte" });
    await expect(load()).rejects.toMatchObject(refusal(/mnist lacks t10k-labels-idx1-ubyte; mnist needs train-images/));
  });

  it("is refused when labels and images differ in number, a label is no class, or test images in size", async () => {
    await write({ trainLabels: [0, 1, 0, 1, 0] });
    await expect(load()).rejects.toMatchObject(refusal(/train-labels-idx1-ubyte holds 5 labels, but .* 6 images/));
    await write({ trainLabels: [0, 1, 0, 10, 0, 11] });
    await expect(load()).rejects.toMatchObject(
      refusal(/labels-idx1-ubyte gives image 3 the label 10, expected 0 to 9$/),
    );
    await write({ testShape: [2, 3, 2] });
    await expect(load()).rejects.toMatchObject(refusal(/t10k-.* holds images of 3 × 2 pixels, but .* of 2 × 3$/));
  });

  it("is refused when more is asked for than it holds", async () => {
    await write();
    await expect(load({ selection: 6 })).rejects.toMatchObject(refusal(/^selection takes 6 of the 6 training images/));
    await expect(load({ train: 7 })).rejects.toMatchObject(refusal(/^7 training images asked for, but there are 6/));
    await expect(load({ test: 3 })).rejects.toMatchObject(refusal(/^3 test images asked for, but there are 2/));
  });

  it.each([{ selection: -1 }, { pad: 1.5 }, { pad: 33 }, { train: 0 }, { test: Number.NaN }, { seed: -1 }])(
    "is refused with %o",
    async (options) => {
      await write();
      const [[name, value]] = Object.entries(options) as [[string, number]];
      await expect(load(options)).rejects.toMatchObject(refusal(new RegExp(`^${name} is ${value}, expected a whole`)));
    },
  );
});

it("an unknown data set is refused with the nearest name", async () => {
  await expect(loadData({ ...base, name: "mnits" })).rejects.toMatchObject({
    code: "E_DATA",
    message: `there is no data set "mnits". Did you mean mnist? Known: ${dataSetNames.join(", ")}.`,
  });
});

describe("glyphs", () => {
  const glyphs = (options: Partial<DataOptions> = {}) =>
    loadData({ ...base, name: "glyphs", train: 120, test: 50, selection: 20, ...options });

  it("need no files, and their splits are balanced", async () => {
    const set = await glyphs({ pad: 2 });
    expect([set.train.count, set.selection.count, set.test.count]).toEqual([100, 20, 50]);
    expect([set.height, set.width, set.sources]).toEqual([32, 32, []]);
    for (const { labels, count } of [set.train, set.selection, set.test])
      for (let digit = 0; digit < 10; digit++) expect(labels.filter((l) => l === digit).length).toBe(count / 10);
  });

  it("follow from the seed, training and test apart", async () => {
    const set = await glyphs();
    expect(await glyphs()).toEqual(set);
    expect(bytesOf((await glyphs({ seed: 1 })).train)).not.toEqual(bytesOf(set.train));
    const first = (split: DataSet["train"]) => Buffer.from(bytesOf(split).subarray(0, 784)).toString("hex");
    expect(first((await glyphs({ selection: 0 })).train)).not.toBe(first(set.test));
  });

  it("are 12 000 and 4 000 where nothing is said", async () => {
    const { train, selection, test } = await loadData({ ...base, name: "glyphs" });
    expect([train.count, selection.count, test.count]).toEqual([11_998, 2, 4_000]);
  });

  it("are refused in absurd numbers", async () => {
    await expect(glyphs({ test: 2 ** 31 })).rejects.toThrow(
      "test is 2147483648, expected a whole number from 1 to 300000",
    );
  });
});

const real = process.env.PDIFF_DATA ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
describe.each([
  ["mnist", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"],
  ["fashion-mnist", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"],
])("the real %s", (name, sha256) => {
  const present = existsSync(join(real, name, "train-images-idx3-ubyte.gz"));
  it.skipIf(!present)(
    "has its 60 000 and 10 000 images, and the pixels its constants were worked out from",
    async () => {
      const set = await loadData({ ...base, name, root: real, selection: 5000 });
      expect([set.train.count, set.selection.count, set.test.count]).toEqual([55_000, 5_000, 10_000]);
      expect([set.height, set.width]).toEqual([28, 28]);
      expect(set.sources[0]!.sha256).toBe(sha256);
      let sum = 0;
      for (const byte of bytesOf(set.train)) sum += byte;
      expect(sum / bytesOf(set.train).length / 255).toBeCloseTo(set.mean[0]!, 3);
    },
  );
});
