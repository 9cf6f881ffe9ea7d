import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/temporary-folders.ts";
import { checkpointFiles, openSet } from "./checkpoint-set.ts";
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

describe("the files of a set", () => {
  it("are sorted by the numbers in their names when they come from a folder or a pattern", async () => {
    const folder = await folderOf("step-10.safetensors", "step-2.safetensors", "step-1.safetensors");
    const sorted = [1, 2, 10].map((step) => join(folder, `step-${step}.safetensors`));
    expect(await checkpointFiles(folder)).toEqual(sorted);
    const matched = await checkpointFiles(join(folder, "*.safetensors"));
    expect(matched.map((file) => resolve(file))).toEqual(sorted);
  });

  it("are each there once when several patterns name them", async () => {
    const folder = await folderOf("a.safetensors", "b.safetensors");
    const [a, b] = [join(folder, "a.safetensors"), join(folder, "b.safetensors")];
    expect(await checkpointFiles([b, folder, a])).toEqual([b, a]);
  });

  it("leave out what lies in folders below", async () => {
    const folder = await folderOf("a.safetensors");
    mkdirSync(join(folder, "below"));
    await write(join(folder, "below", "b.safetensors"));
    expect(await checkpointFiles(folder)).toEqual([join(folder, "a.safetensors")]);
  });

  it.each([
    ["a path", "gone.safetensors", "there is no such file"],
    ["a pattern", "*.gone", "names no file"],
    ["a folder", "", "holds no checkpoints"],
  ])("throw when %s names none", async (_, name, problem) => {
    const error = { code: "E_CHECKPOINT", message: expect.stringContaining(problem) };
    await expect(checkpointFiles(join(folders.make(), name))).rejects.toMatchObject(error);
  });
});

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
