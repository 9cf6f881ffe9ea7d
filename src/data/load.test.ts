import { describe, expect, it } from "vitest";

import type { DataOptions } from "./load.ts";
import { refusal } from "./sets/data-folder.fixture.ts";
import { idxFolder, testImages, trainImages } from "./sets/idx-folder.fixture.ts";
import { bytesOf } from "./split.fixture.ts";

const { write, load } = idxFolder();

describe("a data set", () => {
  it("is split into training and selection of equal class shares, and test", async () => {
    write();
    const set = await load();
    expect([...set.train.labels].sort()).toEqual([0, 0, 1, 1]);
    expect([...set.selection.labels].sort()).toEqual([0, 1]);
    expect([...bytesOf(set.train), ...bytesOf(set.selection)].sort((a, b) => a - b)).toEqual([...trainImages]);
    expect([...bytesOf(set.test)]).toEqual([...testImages]);
  });

  it("is split the same whatever the seed", async () => {
    write();
    expect(await load({ seed: 1 })).toEqual(await load({ seed: 2 }));
  });

  it("is cut to its first images, and padded", async () => {
    write();
    const { train, selection, test, height, width } = await load({ train: 4, test: 1, selection: 1, pad: 1 });
    expect([train.count, selection.count, test.count, height, width]).toEqual([3, 1, 1, 4, 5]);
    expect(Math.max(...bytesOf(train), ...bytesOf(selection))).toBe(4 * 6);
    expect([...bytesOf(test)]).toEqual([0, 0, 0, 0, 0, 0, 100, 101, 102, 0, 0, 103, 104, 105, 0, 0, 0, 0, 0, 0]);
  });

  it("is refused when more is asked for than it holds", async () => {
    write();
    await expect(load({ selection: 6 })).rejects.toMatchObject(refusal(/^selection takes 6 of the 6 training images/));
    await expect(load({ train: 7 })).rejects.toMatchObject(refusal(/^7 training images asked for, but there are 6/));
    await expect(load({ test: 3 })).rejects.toMatchObject(refusal(/^3 test images asked for, but there are 2/));
  });

  it.each<Partial<DataOptions>>([
    { selection: -1 },
    { pad: 1.5 },
    { pad: 33 },
    { train: 0 },
    { test: Number.NaN },
    { seed: -1 },
  ])("is refused with %o", async (options) => {
    write();
    const [[name, value]] = Object.entries(options) as [[string, number]];
    await expect(load(options)).rejects.toMatchObject(refusal(new RegExp(`^${name} is ${value}, expected a whole`)));
  });
});
