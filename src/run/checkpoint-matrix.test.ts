import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/tiny-run.ts";
import { layoutOf } from "../layout/index.ts";
import { writeCheckpoint } from "./checkpoint-folder.ts";
import { openCheckpointMatrix, readCheckpoints } from "./checkpoint-matrix.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const layout = layoutOf([
  { name: "a", shape: [2, 3] },
  { name: "b", shape: [4] },
]);

async function written(count: number) {
  const folder = folders.make();
  const vectors = Array.from({ length: count }, (_, k) =>
    Float32Array.from({ length: layout.size }, (_, i) => 100 * k + i),
  );
  const files = vectors.map((_, k) => join(folder, `${k}.safetensors`));
  for (const [k, file] of files.entries()) await writeCheckpoint(file, layout, vectors[k] ?? new Float32Array());
  return { files, values: Float32Array.from(vectors.flatMap((vector) => [...vector])) };
}

describe("checkpoints as a matrix", () => {
  it("has a row for each file when all are read into memory", async () => {
    const { files, values } = await written(3);
    const matrix = await readCheckpoints(files, layout);
    expect([matrix.rows, matrix.columns]).toEqual([3, 10]);
    expect(matrix.values).toEqual(values);
  });

  it("has no rows when there are no files", async () => {
    expect(await readCheckpoints([], layout)).toMatchObject({ rows: 0, columns: 10 });
  });

  it("reads the same ranges from open files as from memory", async () => {
    const { files } = await written(3);
    const inMemory = await readCheckpoints(files, layout);
    const open = await openCheckpointMatrix(files, layout);
    try {
      expect([open.rows, open.columns]).toEqual([3, 10]);
      for (const [start, end] of [
        [0, 10],
        [0, 4],
        [4, 9],
      ] as const)
        expect(await open.read(start, end)).toEqual(await inMemory.read(start, end));
    } finally {
      await open.close();
    }
  });

  it("names the file when one is missing", async () => {
    const { files } = await written(2);
    const gone = [...files, join(folders.make(), "gone.safetensors")];
    await expect(openCheckpointMatrix(gone, layout)).rejects.toThrow("gone.safetensors");
    await expect(readCheckpoints(gone, layout)).rejects.toThrow("gone.safetensors");
  });
});
