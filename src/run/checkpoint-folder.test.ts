import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/temporary-folders.ts";
import { writeJson } from "../files/index.ts";
import { layoutOf } from "../layout/index.ts";
import { checkpointPath, indexOf, readCheckpoint, verifiedCheckpoints, writeCheckpoint } from "./checkpoint-folder.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const layout = layoutOf([
  { name: "a", shape: [2] },
  { name: "b", shape: [] },
]);
const vector = Float32Array.of(1, 2, 3);

async function written(count: number): Promise<string> {
  const folder = folders.make();
  for (let i = 1; i <= count; i++)
    await writeCheckpoint(checkpointPath(folder, i, count), layout, vector, { step: String(10 * i) });
  await writeJson(join(folder, "index.json"), { checkpoints: await indexOf(folder, count) });
  return folder;
}

describe("a folder of checkpoints", () => {
  it("names files so that they sort by their numbers", () => {
    expect(checkpointPath("zoo", 7, 50)).toBe(join("zoo", "0007.safetensors"));
    expect(checkpointPath("zoo", 7, 12_345)).toBe(join("zoo", "00007.safetensors"));
  });

  it("has an index with the checksum and the metadata of each file", async () => {
    const folder = await written(2);
    const index = await indexOf(folder, 2);
    expect(index.map(({ file, step }) => [file, step])).toEqual([
      ["0001.safetensors", 10],
      ["0002.safetensors", 20],
    ]);
    expect(await verifiedCheckpoints(folder, "again")).toEqual([1, 2].map((i) => checkpointPath(folder, i, 2)));
  });

  it("throws when a file was changed or is missing, naming it and what to do", async () => {
    const folder = await written(2);
    const second = checkpointPath(folder, 2, 2);
    await writeCheckpoint(second, layout, Float32Array.of(1, 2, 4));
    await expect(verifiedCheckpoints(folder, "do it again")).rejects.toThrow(
      `${second} was changed after it was written (its checksum differs); do it again`,
    );
    rmSync(second);
    await expect(verifiedCheckpoints(folder, "do it again")).rejects.toThrow(`${second} is missing; do it again`);
  });

  it.each(["", "{}", '{"checkpoints":[]}', '{"checkpoints":[{"file":"../x.safetensors","sha256":""}]}'])(
    "throws when the index is %s",
    async (text) => {
      const folder = folders.make();
      writeFileSync(join(folder, "index.json"), text);
      await expect(verifiedCheckpoints(folder, "again")).rejects.toThrow();
    },
  );
});

describe("a checkpoint", () => {
  it("is read as the vector that was written, also into another array", async () => {
    const path = checkpointPath(await written(1), 1, 1);
    expect(await readCheckpoint(path, layout)).toEqual(vector);
    const into = new Float32Array(5);
    await readCheckpoint(path, layout, into.subarray(1, 4));
    expect(into).toEqual(Float32Array.of(0, 1, 2, 3, 0));
  });

  it("throws when it is of another layout, naming the file", async () => {
    const path = checkpointPath(await written(1), 1, 1);
    await expect(readCheckpoint(path, layoutOf([{ name: "c", shape: [3] }]))).rejects.toThrow(path);
  });
});
