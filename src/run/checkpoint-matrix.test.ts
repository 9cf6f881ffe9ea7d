import { join } from "node:path";

import { afterAll, describe, expect, it, vi } from "vitest";

import { temporaryFolders } from "../../test/support/tiny-run.ts";
import { MAX_OPEN_FILES } from "../files/index.ts";
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

/** Files that are open, and the most at any time. */
const open = vi.hoisted(() => ({ now: 0, most: 0 }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return {
    ...real,
    open: async (...args: Parameters<typeof real.open>) => {
      const handle = await real.open(...args);
      open.most = Math.max(open.most, ++open.now);
      const close = handle.close.bind(handle);
      handle.close = () => {
        open.now--;
        return close();
      };
      return handle;
    },
  };
});

describe("more checkpoints than a process may open", () => {
  it("are read as a matrix with few files open at once", async () => {
    const { files, values } = await written(300);
    open.most = open.now;
    expect((await readCheckpoints(files, layout)).values).toEqual(values);
    const some = await openCheckpointMatrix(files, layout);
    const columns = await some.read(2, 5);
    expect(columns).toEqual(values.filter((_, i) => i % layout.size >= 2 && i % layout.size < 5));
    await some.close();
    expect(open.most).toBeLessThanOrEqual(2 * MAX_OPEN_FILES);
    expect(open.now).toBe(0);
  });
});

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
