import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { dataFolder, realData, refusal } from "./data-folder.fixture.ts";

const { load, path, write } = dataFolder();

describe("Food-101", () => {
  const sample = join(realData, "food-101");
  it.skipIf(!existsSync(sample))("reads its lists and resizes its images", async () => {
    symlinkSync(sample, path("food-101"));
    const lists = JSON.parse(readFileSync(join(sample, "meta/test.json"), "utf8")) as Record<string, string[]>;
    const { test, train, selection, classNames, height, width } = await load({ name: "food-101", size: 32 });
    expect(test.count).toBe(Object.values(lists).flat().length);
    expect(train.count + selection.count + test.count).toBe(43);
    expect(classNames).toEqual(classNames.toSorted());
    expect([height, width, test.pixels.type]).toEqual([32, 32, "pack"]);
  });

  it("is refused when a list leaves the folder", async () => {
    write("food-101/meta/train.json", JSON.stringify({ pie: ["pie/../../x"] }));
    write("food-101/meta/test.json", JSON.stringify({ pie: ["pie/1"] }));
    await expect(load({ name: "food-101" })).rejects.toMatchObject(
      refusal(/train\.json is not a list of images by class/),
    );
  });
});
