import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/temporary-folders.ts";
import { openSet } from "./checkpoint-set.ts";
import { writeSafetensors } from "./formats/safetensors/safetensors.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const write = (path: string, shape: readonly number[] = [2, 3], name = "weight") =>
  writeSafetensors(path, [{ name, shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }]);

async function folderOf(...names: readonly string[]): Promise<string> {
  const folder = folders.make();
  for (const name of names) await write(join(folder, name));
  return folder;
}

describe("a set", () => {
  it("has the tensors of its first file", async () => {
    const folder = await folderOf("a.safetensors", "b.safetensors");
    const { files, tensors, notes } = await openSet(folder);
    expect(files).toHaveLength(2);
    expect(tensors.get("weight")?.shape).toEqual([2, 3]);
    expect(notes).toEqual([]);
  });

  it("throws when a file is of another network, naming the file and the difference", async () => {
    const folder = await folderOf("a.safetensors");
    await write(join(folder, "b.safetensors"), [3, 3]);
    await expect(openSet(folder)).rejects.toThrow(
      /1 of 2 checkpoints .*b\.safetensors \(.*weight is \[3,3\], there \[2,3\]/,
    );
  });
});
