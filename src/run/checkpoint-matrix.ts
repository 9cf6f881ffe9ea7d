/** Checkpoints on the disk as rows of a matrix that is read by ranges of coordinates. */
import { type CheckpointReader, type Layout, openCheckpoint } from "../checkpoints/index.ts";
import type { Rows } from "../diffusion/index.ts";
import { verifiedCheckpoints } from "./checkpoint-folder.ts";
import type { Paths } from "./paths.ts";

/** Rows whose files are open. */
export interface OpenRows extends Rows {
  close(): Promise<void>;
}

/** The zoo as rows that can be read by ranges of coordinates, every file checked. */
export async function openZoo(p: Paths, layout: Layout): Promise<OpenRows> {
  return openRows(await verifiedCheckpoints(p.zoo, `make the zoo again: pdiff collect ${p.folder} --force`), layout);
}

/** Checkpoints of one layout as rows that can be read by ranges of coordinates. */
export async function openRows(files: readonly string[], layout: Layout): Promise<OpenRows> {
  const readers: CheckpointReader[] = [];
  const close = async () => {
    await Promise.all(readers.map((r) => r.close()));
  };
  try {
    for (const file of files) readers.push(await openCheckpoint(file, layout));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    count: files.length,
    dimension: layout.size,
    async read(start, end) {
      const rows = new Float32Array(readers.length * (end - start));
      await Promise.all(
        readers.map((r, i) => r.read(start, end, rows.subarray(i * (end - start), (i + 1) * (end - start)))),
      );
      return rows;
    },
    close,
  };
}
