import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { readPythonCifar } from "../cifar-python.ts";
import { decodeImage } from "../images/decode.ts";
import { type DataOptions, loadData } from "../load.ts";
import { encodeMatlab } from "../matlab.fixture.ts";
import { bytesOf } from "../split.fixture.ts";
import { knownSet } from "./known-sets.ts";
import { transposed } from "./stl-set.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pdiff-sets-"));
  vi.stubEnv("PDIFF_CACHE", join(root, "cache"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}
const jpeg = (red: number) =>
  sharp({ create: { width: 12, height: 10, channels: 3, background: { r: red, g: 9, b: 9 } } })
    .jpeg()
    .toBuffer();
const load = (options: Partial<DataOptions> & { name: string }) =>
  loadData({ root, selection: 1, pad: 0, seed: 0, size: 8, ...options });
const refusal = (message: RegExp) => ({ code: "E_DATA", message: expect.stringMatching(message) });

const real = process.env.PDIFF_DATA ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));

describe("SVHN", () => {
  const files = (digit: number) => {
    const X = Uint8Array.from({ length: 3 * 3072 }, (_, i) => (i * 7 + digit) % 256);
    return encodeMatlab([
      { name: "X", shape: [32, 32, 3, 3], values: X },
      { name: "y", shape: [3, 1], values: Uint8Array.of(1, 10, digit) },
    ]);
  };

  it("has rows where MATLAB has columns, and 0 where it has 10", async () => {
    for (const part of ["train", "test"]) write(`svhn/${part}_32x32.mat`, files(5));
    const { test } = await load({ name: "svhn", size: 32 });
    expect([...test.labels]).toEqual([1, 0, 5]);
    // Row 2, column 3, channel 1 of image 2 lies at 2 + 32 × 3 + 1024 × 1 + 3072 × 2 there.
    expect(bytesOf(test)[2 * 3072 + 1024 + 2 * 32 + 3]).toBe(((2 + 96 + 1024 + 6144) * 7 + 5) % 256);
  });

  it("is refused with a label beyond ten, or without its images", async () => {
    write("svhn/train_32x32.mat", files(11));
    write("svhn/test_32x32.mat", files(2));
    await expect(load({ name: "svhn" })).rejects.toMatchObject(refusal(/train_32x32\.mat gives image 2 the label 11/));
    write("svhn/train_32x32.mat", encodeMatlab([{ name: "y", shape: [1, 1], values: Uint8Array.of(1) }]));
    await expect(load({ name: "svhn" })).rejects.toMatchObject(refusal(/holds no bytes X of 32 × 32 × 3 × N/));
  });
});

describe("STL-10", () => {
  it("has its planes row by row, and labels from 0", async () => {
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

  const sample = join(real, "stl-10", "test_X.sample10.bin.gz");
  it.skipIf(!existsSync(sample))("of the official layout shows what its PNG files show", async () => {
    const pixels = transposed(gunzipSync(readFileSync(sample)));
    const [index = "", name] = readFileSync(join(real, "stl-10", "test_sample10_indices.txt"), "utf8").split(/\s+/);
    const png = readFileSync(join(real, "stl-10", "png", `test_${index.padStart(4, "0")}_${name}.png`));
    expect((await decodeImage(png, "png")).pixels).toEqual(new Uint8Array(pixels.subarray(0, 27_648)));
  });
});

describe("CIFAR in its version for Python", () => {
  /** A pickle of protocol 2 as Python 2 writes it, of a dict with an array of bytes and a list of numbers. */
  function batch(labels: readonly number[], more = ""): Buffer {
    const text = (s: string) => `U${String.fromCharCode(s.length)}${s}`;
    const data = Buffer.from(Array.from({ length: labels.length * 3072 }, (_, i) => (i + labels[0]!) % 256));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(data.length);
    const int32 = (n: number) => {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(n);
      return `J${bytes.toString("latin1")}`;
    };
    const dtype = `cnumpy\ndtype\n(${text("u1")}K\0K\x01tR(K\x03${text("|")}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb`;
    const array = `cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\0t${text("b")}tR(K\x01(${int32(labels.length)}${int32(3072)}t${dtype}\x89T${length.toString("latin1")}${data.toString("latin1")}tb`;
    const list = `](${labels.map((n) => `K${String.fromCharCode(n)}`).join("")}e`;
    return Buffer.from(
      `\x80\x02}(${text("data")}${array}${text("labels")}${list}${text("batch_label")}${text("one")}${more}u.`,
      "latin1",
    );
  }

  it("is read where the binary one is not there", async () => {
    for (const i of [1, 2, 3, 4, 5]) write(`cifar-10-batches-py/data_batch_${i}`, batch([i, 9]));
    write("cifar-10-batches-py/test_batch", batch([0, 7, 3]));
    const { train, selection, test, sources } = await load({ name: "cifar-10", size: 32 });
    expect([train.count + selection.count, [...test.labels]]).toEqual([10, [0, 7, 3]]);
    expect(bytesOf(test).subarray(3070, 3074)).toEqual(Uint8Array.of(3070 % 256, 3071 % 256, 3072 % 256, 3073 % 256));
    expect(sources).toHaveLength(6);
  });

  it.each<[string, Buffer, RegExp]>([
    [
      "calls code",
      Buffer.from("\x80\x02cos\nsystem\n(U\x02lstR.", "latin1"),
      /asks for the Python object os\.system, which no data set needs; it was not run/,
    ],
    ["names an object of another module", Buffer.from("\x80\x02cbuiltins\neval\n.", "latin1"), /builtins\.eval/],
    ["ends too early", batch([1, 2]).subarray(0, 4000), /it ends too early/],
    ["is no dict", Buffer.from("\x80\x02K\x01.", "latin1"), /it holds no dict/],
    ["has labels beyond ten", batch([1, 99]), /gives image 1 a label that is none of 0 to 9/],
  ])("is refused when a pickle %s", async (_, content, message) => {
    write("batch", content);
    const read = readPythonCifar([join(root, "batch")], { name: "labels", values: 10 });
    await expect(read).rejects.toMatchObject(refusal(message));
  });
});

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

  it("has torchvision's train and test splits in their order, and labels from 0", async () => {
    const { train, selection, test, height } = await load({ name: "flowers-102" });
    expect([[...test.labels], train.count, selection.count, height]).toEqual([[0, 0, 3], 3, 1, 8]);
  });

  it("that is half unpacked says how much is missing, and what gets it", async () => {
    rmSync(join(root, "flowers-102/jpg/image_00005.jpg"));
    await expect(load({ name: "flowers-102" })).rejects.toMatchObject(
      refusal(
        /lacks 1 of the 7 images in its lists, such as jpg\/image_00005\.jpg; get the set again: pdiff data get flowers-102 --force/,
      ),
    );
  });
});

describe("Pets", () => {
  it("has the classes and names of its lists", async () => {
    const images = ["Abyssinian_1", "american_bulldog_2", "Abyssinian_30"];
    for (const name of images) write(`oxford-iiit-pet/images/${name}.jpg`, await jpeg(30));
    write("oxford-iiit-pet/annotations/trainval.txt", "Abyssinian_1 1 1 1\namerican_bulldog_2 2 2 1\n");
    write("oxford-iiit-pet/annotations/test.txt", "# comment\nAbyssinian_30 1 1 1\n");
    const { classNames, test, train, selection } = await load({ name: "pets" });
    expect([classNames.slice(0, 2), [...test.labels]]).toEqual([["Abyssinian", "American Bulldog"], [0]]);
    expect([...train.labels, ...selection.labels].sort()).toEqual([0, 1]);
    write("oxford-iiit-pet/annotations/test.txt", "../../evil 1 1 1\n");
    await expect(load({ name: "pets" })).rejects.toMatchObject(refusal(/has the line "\.\.\/\.\.\/evil 1 1 1"/));
  });
});

describe("Food-101", () => {
  const sample = join(real, "food-101");
  it.skipIf(!existsSync(sample))("is read from its lists, decoded once, and seen at any size", async () => {
    symlinkSync(sample, join(root, "food-101"));
    const lists = JSON.parse(readFileSync(join(sample, "meta/test.json"), "utf8")) as Record<string, string[]>;
    const { test, train, selection, classNames, height, width } = await load({ name: "food-101", size: 32 });
    expect(test.count).toBe(Object.values(lists).flat().length);
    expect(train.count + selection.count + test.count).toBe(43);
    expect(classNames).toEqual(classNames.toSorted());
    expect([height, width, test.pixels.type]).toEqual([32, 32, "pack"]);
  });

  it("with a list that leads elsewhere is refused", async () => {
    write("food-101/meta/train.json", JSON.stringify({ pie: ["pie/../../x"] }));
    write("food-101/meta/test.json", JSON.stringify({ pie: ["pie/1"] }));
    await expect(load({ name: "food-101" })).rejects.toMatchObject(
      refusal(/train\.json is no list of images by class/),
    );
  });
});

describe("a folder of images", () => {
  const folder = () => join(root, "mine");
  beforeEach(async () => {
    for (const of of ["cats", "dogs"]) for (let i = 0; i < 10; i++) write(`mine/${of}/${i}.jpg`, await jpeg(10 * i));
  });
  const mine = (more: Partial<DataOptions> = {}) => load({ name: "folder", folder: folder(), ...more });

  it("is a set: a fifth of every class is for testing, the same in every run", async () => {
    const { classNames, train, selection, test } = await mine();
    expect([classNames, train.count, selection.count]).toEqual([["cats", "dogs"], 15, 1]);
    expect([...test.labels].sort()).toEqual([0, 0, 1, 1]);
  });

  it("may say itself what is for testing", async () => {
    cpSync(folder(), join(root, "split", "train"), { recursive: true });
    cpSync(folder(), join(root, "split", "val"), { recursive: true });
    const { train, test } = await mine({ folder: join(root, "split") });
    expect([train.count, test.count]).toEqual([19, 20]);
  });

  it("leaves out what cannot be decoded where that is asked for, and says so", async () => {
    writeFileSync(join(folder(), "cats", "3.jpg"), "no image");
    await expect(mine()).rejects.toMatchObject(refusal(/cats\/3\.jpg is no image.*data\.corrupt=skip/));
    const { skipped } = await mine({ corrupt: "skip" });
    expect(skipped).toEqual([{ file: "cats/3.jpg", problem: expect.stringContaining("is no image") }]);
  });

  it.each<[string, () => void, RegExp]>([
    ["is not there", () => rmSync(folder(), { recursive: true }), /there is no folder/],
    [
      "has one class only",
      () => rmSync(join(folder(), "dogs"), { recursive: true }),
      /has 1 class folders, expected two or more/,
    ],
    [
      "has an empty class",
      () => write("mine/empty/readme.txt", "nothing"),
      /empty holds no image .*; add some, or remove that folder/,
    ],
    ["has train alone", () => write("mine/train/a/1.jpg", ""), /has train, but neither test nor val/],
  ])("that %s is refused", async (_, change, message) => {
    change();
    await expect(mine()).rejects.toMatchObject(refusal(message));
  });
});

it("ImageNet must have the same thousand classes in both of its parts", async () => {
  write("imagenet-1k/train/n01440764/a.JPEG", "");
  write("imagenet-1k/val/ILSVRC2012_val_00000001.JPEG", "");
  await expect(load({ name: "imagenet-1k" })).rejects.toMatchObject(
    refusal(/has 1 classes in train and 0 in val.*sort the images of val/),
  );
});

it("sets have torchvision's sizes and numbers of classes", () => {
  const facts = (name: string) => {
    const { usual, classNames } = knownSet({ name });
    return [usual.train, usual.test, classNames.length];
  };
  expect(
    Object.fromEntries(["svhn", "stl-10", "flowers-102", "pets", "food-101", "imagenet-1k"].map((n) => [n, facts(n)])),
  ).toEqual({
    svhn: [73_257, 26_032, 10],
    "stl-10": [5000, 8000, 10],
    "flowers-102": [1020, 6149, 102],
    pets: [3680, 3669, 37],
    "food-101": [75_750, 25_250, 101],
    "imagenet-1k": [1_281_167, 50_000, 1000],
  });
});
