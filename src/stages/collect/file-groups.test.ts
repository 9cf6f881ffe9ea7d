import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../test/support/temporary-folders.ts";
import { openVector } from "../../checkpoints/index.ts";
import { layoutOf } from "../../layout/index.ts";
import { from, writeNetworks } from "../checkpoint-world.fixture.ts";
import { allFiles, distinctGroups, type FilePatterns, fileGroups } from "./file-groups.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

let root: string;
let patterns: FilePatterns;
beforeAll(async () => {
  root = folders.make();
  patterns = {
    files: await writeNetworks(join(root, "a"), [0, 1, 2, 1]),
    heldOutFiles: await writeNetworks(join(root, "b"), [10, 11]),
    unseenFiles: await writeNetworks(join(root, "d"), from(20, 3)),
  };
});

const layout = layoutOf([{ name: "head.bias", shape: [8] }]);
const vectors = { size: layout.size, open: (file: string) => openVector(file, layout) };
const distinct = async (of: FilePatterns) => distinctGroups(await fileGroups(of), vectors);

describe("the groups of files of a zoo", () => {
  it("hold all files, without copies inside a group", async () => {
    const groups = await distinct(patterns);
    expect(groups).toMatchObject({ files: { length: 3 }, heldOut: { length: 2 }, unseen: { length: 3 } });
    expect(allFiles(groups)).toHaveLength(8);
    expect(groups.notes).toEqual([
      "1 of 9 checkpoints is a copy of another and is left out: net-4.safetensors (of net-2.safetensors)",
    ]);
  });

  it("leave it open what is held out when no files are named for it", async () => {
    expect((await distinct({ files: patterns.files })).heldOut).toBeUndefined();
  });

  it("refuse a file that stands in two of them", async () => {
    await expect(distinct({ ...patterns, unseenFiles: [join(root, "b"), join(root, "d")] })).rejects.toThrow(
      /b\/net-1\.safetensors is held out .* and is unseen .*leave one of them out/,
    );
  });

  it("refuse a held-out file that is a copy of one to learn from", async () => {
    const heldOutFiles = await writeNetworks(join(root, "copy"), [30, 2]);
    await expect(distinct({ ...patterns, heldOutFiles })).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/copy\/net-2\S* is held out .* copy of \S*a\/net-3\S*, which is learned from/),
    });
  });
});
