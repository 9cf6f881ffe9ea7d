import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { beforeEach, describe, expect, it } from "vitest";

import type { DataOptions } from "../load.ts";
import { dataFolder, jpeg, refusal } from "./data-folder.fixture.ts";

const { load, path, write } = dataFolder();

describe("a folder of images", () => {
  const folder = () => path("mine");
  beforeEach(async () => {
    for (const of of ["cats", "dogs"]) for (let i = 0; i < 10; i++) write(`mine/${of}/${i}.jpg`, await jpeg(10 * i));
  });
  const mine = (more: Partial<DataOptions> = {}) => load({ name: "folder", folder: folder(), ...more });

  it("uses a fifth of every class as the test split when the folder has none", async () => {
    const { classNames, train, selection, test } = await mine();
    expect([classNames, train.count, selection.count]).toEqual([["cats", "dogs"], 15, 1]);
    expect([...test.labels].sort()).toEqual([0, 0, 1, 1]);
  });

  it("uses the test split of the folder when it has one", async () => {
    cpSync(folder(), path("split", "train"), { recursive: true });
    cpSync(folder(), path("split", "val"), { recursive: true });
    const { train, test } = await mine({ folder: path("split") });
    expect([train.count, test.count]).toEqual([19, 20]);
  });

  it.each([
    ["Train", "Test"],
    ["train", "valid"],
    ["training", "validation"],
  ])("takes %s and %s for splits, and for no classes", async (train, test) => {
    cpSync(folder(), path("split", train), { recursive: true });
    cpSync(folder(), path("split", test), { recursive: true });
    const found = await mine({ folder: path("split") });
    expect([found.classNames, found.train.count, found.test.count]).toEqual([["cats", "dogs"], 19, 20]);
  });

  it("skips images that cannot be decoded when asked to, and lists them", async () => {
    writeFileSync(join(folder(), "cats", "3.jpg"), "no image");
    await expect(mine()).rejects.toMatchObject(refusal(/cats\/3\.jpg is no image.*data\.corrupt=skip/));
    const { skipped } = await mine({ corrupt: "skip" });
    expect(skipped).toEqual([{ file: "cats/3.jpg", problem: expect.stringContaining("is no image") }]);
  });

  it.each<[string, () => void, RegExp]>([
    ["is missing", () => rmSync(folder(), { recursive: true }), /there is no folder/],
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
    ["has train but no test", () => write("mine/train/a/1.jpg", ""), /has train, but neither test nor val/],
  ])("is refused when it %s", async (_, change, message) => {
    change();
    await expect(mine()).rejects.toMatchObject(refusal(message));
  });
});
