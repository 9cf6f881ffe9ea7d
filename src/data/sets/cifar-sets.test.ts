import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { CIFAR_PIXELS, cifarImage, encodeCifar } from "../cifar.fixture.ts";
import { readCifar } from "../cifar.ts";
import { type DataOptions, dataShape, loadData } from "../load.ts";
import { bytesOf } from "../split.fixture.ts";
import { dataSetNames } from "./known-sets.ts";

const base = { selection: 0, pad: 0, seed: 0 };
const refusal = (message: RegExp) => ({ code: "E_DATA", message: expect.stringMatching(message) });

it("knows the shapes of the CIFAR sets before a file is read", () => {
  expect(dataSetNames).toEqual(expect.arrayContaining(["cifar-10", "cifar-100"]));
  expect(dataShape({ ...base, name: "cifar-10", selection: 5000 })).toEqual({
    channels: 3,
    height: 32,
    width: 32,
    classes: 10,
    train: 45_000,
    selection: 5_000,
    test: 10_000,
    bytes: 60_000 * 3072,
  });
  expect(dataShape({ ...base, name: "cifar-100", train: 20, test: 10, pad: 4 })).toEqual({
    channels: 3,
    height: 40,
    width: 40,
    classes: 100,
    train: 20,
    selection: 0,
    test: 10,
    bytes: 30 * 3 * 40 * 40,
  });
});

describe("cifar-100", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "pdiff-cifar-100-"));
  });
  afterEach(() => rm(root, { recursive: true }));

  const train = Array.from({ length: 12 }, (_, i) => ({ labels: [i % 20, 50 + (i % 3)], seed: i }));
  const test = [{ labels: [1, 99], seed: 100 }];

  async function write(folder: string, names: readonly string[] = ["train.bin", "test.bin"]): Promise<void> {
    await mkdir(join(root, folder), { recursive: true });
    for (const name of names) {
      const bytes = encodeCifar(name.startsWith("train") ? train : test);
      await writeFile(join(root, folder, name), name.endsWith(".gz") ? gzipSync(bytes) : bytes);
    }
  }
  const load = (options: Partial<DataOptions> = {}) => loadData({ ...base, name: "cifar-100", root, ...options });

  it.each(["cifar-100", "cifar-100-binary", "cifar-100/cifar-100-binary"])("is read from %s", async (folder) => {
    await write(folder, ["train.bin.gz", "test.bin"]);
    const set = await load();
    expect(set).toMatchObject({
      name: "cifar-100",
      channels: 3,
      height: 32,
      width: 32,
      classes: 100,
      mean: [0.5071, 0.4865, 0.4409],
      std: [0.2673, 0.2564, 0.2762],
    });
    expect(Buffer.concat(train.map(cifarImage)).equals(bytesOf(set.train))).toBe(true);
    expect([...set.train.labels]).toEqual(train.map(({ labels }) => labels[1]));
    expect([...set.test.labels].map((label) => set.classNames[label])).toEqual(["worm"]);
    expect(set.sources.map(({ file }) => file)).toEqual([join(folder, "train.bin.gz"), join(folder, "test.bin")]);
  });

  it("is limited to its first images, split by class and padded around every channel", async () => {
    await write("cifar-100");
    const set = await load({ train: 9, selection: 3, pad: 2 });
    expect([set.height, set.width, set.train.count, set.selection.count]).toEqual([36, 36, 6, 3]);
    expect([...set.selection.labels].sort()).toEqual([50, 51, 52]);
    const image = cifarImage(test[0]!);
    const padded = bytesOf(set.test);
    expect(padded.length).toBe(3 * 36 * 36);
    padded.forEach((byte, i) => {
      const [channel, y, x] = [Math.floor(i / 1296), (Math.floor(i / 36) % 36) - 2, (i % 36) - 2];
      const inside = x >= 0 && x < 32 && y >= 0 && y < 32;
      if (byte !== (inside ? image[(channel * 32 + y) * 32 + x] : 0)) expect.fail(`byte ${i} is ${byte}`);
    });
  });

  it("is refused when it has fewer images than asked for", async () => {
    await write("cifar-100");
    await expect(load({ test: 2 })).rejects.toMatchObject(refusal(/^2 test images asked for, but there are 1; ask/));
  });

  it("has a hundred different class names in the files' order", async () => {
    await write("cifar-100");
    const { classNames } = await load();
    expect(new Set(classNames).size).toBe(100);
    expect(classNames).toEqual([...classNames].sort());
  });

  it("is refused with folders, expected files and advice when it is missing", async () => {
    await expect(load()).rejects.toMatchObject(
      refusal(
        /^cifar-100 is not in .*cifar-100, .*cifar-100-binary, .*; get it: pdiff data get cifar-100, or set PDIFF_DATA=DIR where DIR\/cifar-100 holds train\.bin, test\.bin \(plain or \.gz\); glyphs/,
      ),
    );
  });
});

describe("cifar-10", () => {
  const names = [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`).concat("test_batch.bin");
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "pdiff-cifar-10-"));
  });
  afterAll(() => rm(root, { recursive: true }));

  /**
   * Writes files into an empty folder; each is a batch of 10 000 records in which only labels and
   * first pixels vary.
   */
  async function write(files: readonly string[], records = 10_000): Promise<void> {
    const folder = join(root, "cifar-10");
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    for (const [batch, name] of files.entries()) {
      const bytes = Buffer.alloc(records * (1 + CIFAR_PIXELS));
      for (let i = 0; i < records; i++) bytes.set([i % 10, batch + 1, i % 251], i * (1 + CIFAR_PIXELS));
      await writeFile(join(folder, name), gzipSync(bytes, { level: 1 }));
    }
  }
  const load = (options: Partial<DataOptions> = {}) => loadData({ ...base, name: "cifar-10", root, ...options });

  it("is read from its five batches in order and the test batch", async () => {
    await write(names.map((name) => `${name}.gz`));
    const { train, test, ...set } = await load();
    expect(set).toMatchObject({
      channels: 3,
      height: 32,
      width: 32,
      classes: 10,
      mean: [0.4914, 0.4822, 0.4465],
      std: [0.247, 0.2435, 0.2616],
    });
    expect(set.classNames).toEqual("airplane automobile bird cat deer dog frog horse ship truck".split(" "));
    expect([train.count, test.count, set.sources.length]).toEqual([50_000, 10_000, 6]);
    for (const i of [0, 9_999, 10_000, 31_234, 49_999]) {
      expect(train.labels[i]).toBe(i % 10);
      expect([...bytesOf(train).subarray(i * CIFAR_PIXELS, i * CIFAR_PIXELS + 3)]).toEqual([
        Math.floor(i / 10_000) + 1,
        (i % 10_000) % 251,
        0,
      ]);
    }
    expect(bytesOf(test)[0]).toBe(6);
    await expect(load({ pad: 32 })).rejects.toMatchObject(
      refusal(/^50000 images of 3 × 96 × 96 pixels exceed 1073741824 bytes; use fewer or pad less$/),
    );
  });

  it("is refused when a batch is missing, naming it", async () => {
    await write(
      names.filter((name) => name !== "data_batch_3.bin"),
      1,
    );
    await expect(load()).rejects.toMatchObject(
      refusal(
        /cifar-10 lacks data_batch_3\.bin; cifar-10 needs data_batch_1\.bin, .*test_batch\.bin \(plain or \.gz\); get it again: pdiff data get cifar-10 --force$/,
      ),
    );
  });

  it("is refused when a batch does not hold 10 000 records", async () => {
    await write(names, 9);
    await expect(load()).rejects.toMatchObject(
      refusal(/data_batch_1\.bin holds 27657 bytes, expected 10000 records of 3073 = 30730000; get the file again$/),
    );
  });

  it("is refused with advice when a missing file is compressed by xz", async () => {
    await write(
      names.map((name) => `${name}.xz`),
      1,
    );
    await expect(load()).rejects.toMatchObject(
      refusal(
        /cifar-10 holds data_batch_1\.bin\.xz, .*test_batch\.bin\.xz, but xz is not read; unpack each with xz -dk FILE$/,
      ),
    );
    await write([...names.slice(0, 2).map((name) => `${name}.xz`), "test_batch.bin"], 1);
    await expect(load()).rejects.toMatchObject(
      refusal(
        /cifar-10 lacks data_batch_1\.bin, .*data_batch_5\.bin; cifar-10 needs .*; unpack \.xz files with xz -dk/,
      ),
    );
  });
});

const real = process.env.PDIFF_DATA ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));
/** A file of the real data, plain or compressed, or undefined. */
const realFile = (...path: string[]) => [join(real, ...path), `${join(real, ...path)}.gz`].find(existsSync);

/** Mean and standard deviation of every channel of images `[count, 3, 32, 32]`, scaled to 0..1. */
function channelStatistics(images: Uint8Array): { mean: number[]; std: number[] } {
  const [sums, squares] = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  for (let i = 0; i < images.length; i++) {
    const channel = (i >> 10) % 3;
    sums[channel]! += images[i]!;
    squares[channel]! += images[i]! ** 2;
  }
  const mean = sums.map((sum) => sum / (images.length / 3) / 255);
  return { mean, std: squares.map((sum, i) => Math.sqrt(sum / (images.length / 3) / 255 ** 2 - mean[i]! ** 2)) };
}

describe("the real cifar-10", () => {
  const testBatch = realFile("cifar-10", "test_batch.bin");
  it.skipIf(testBatch === undefined)("has a test batch of 1 000 images of each class", async () => {
    const layout = { labels: [{ what: "label", values: 10 }], records: 10_000 };
    const { images, labels } = await readCifar([testBatch!], layout);
    for (let c = 0; c < 10; c++) expect(labels.filter((label) => label === c).length).toBe(1000);
    // The first image is the cat, the second a ship, as in every picture of this test set.
    expect([...labels.subarray(0, 2)]).toEqual([3, 8]);
    expect(channelStatistics(images).mean[0]).toBeCloseTo(0.4914, 1);
  });

  it.skipIf(realFile("cifar-10", "data_batch_1.bin") === undefined)(
    "has its 50 000 and 10 000 images, and the pixels its constants were worked out from",
    async () => {
      const set = await loadData({ ...base, name: "cifar-10", root: real });
      expect([set.train.count, set.test.count]).toEqual([50_000, 10_000]);
      const { mean, std } = channelStatistics(bytesOf(set.train));
      for (let c = 0; c < 3; c++) {
        expect(mean[c]).toBeCloseTo(set.mean[c]!, 3);
        expect(std[c]).toBeCloseTo(set.std[c]!, 3);
      }
    },
    60_000,
  );
});

describe("the real cifar-100", () => {
  const excerpt = realFile("cifar-100", "test.first500.bin");
  it.skipIf(excerpt === undefined)("has records that can be read, here the first 500 of the test file", async () => {
    const labels = [
      { what: "coarse label", values: 20 },
      { what: "fine label", values: 100 },
    ];
    const part = await readCifar([excerpt!], { labels });
    expect(part.labels.length).toBe(500);
    expect(new Set(part.labels).size).toBeGreaterThan(90);
    expect(channelStatistics(part.images).mean[0]).toBeCloseTo(0.5071, 1);
  });
});
