import { describe, expect, it } from "vitest";

import type { DataSet } from "../data-set.ts";
import { type DataOptions, loadData } from "../load.ts";
import { bytesOf } from "../split.fixture.ts";

const base = { selection: 2, pad: 0, seed: 0 };

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
