/**
 * Checkpoints of a run as the rows of a matrix: all of them in memory, or open files that are read
 * by ranges.
 */
import { type CheckpointReader, openCheckpoint } from "../checkpoints/index.ts";
import type { Layout } from "../layout/index.ts";
import { type FileMatrix, type MemoryMatrix, matrix, rowOf } from "../numeric/index.ts";
import { readCheckpoint, verifiedCheckpoints } from "./checkpoint-folder.ts";
import type { Paths } from "./paths.ts";

/**
 * Opens the zoo as a matrix `[K, D]`, after checking every file against its checksum.
 * @throws UserError `E_CHECKPOINT` naming a file that is missing or changed.
 */
export async function openZoo(p: Paths, layout: Layout): Promise<FileMatrix> {
  const files = await verifiedCheckpoints(p.zoo, `make the zoo again: pdiff collect ${p.folder} --force`);
  return openCheckpointMatrix(files, layout);
}

/**
 * Opens checkpoints of one layout as a matrix, a file a row.
 * @throws UserError `E_CHECKPOINT` naming a file that is missing, damaged or of another layout.
 */
export async function openCheckpointMatrix(files: readonly string[], layout: Layout): Promise<FileMatrix> {
  const readers: CheckpointReader[] = [];
  const close = async () => {
    await Promise.all(readers.map((reader) => reader.close()));
  };
  try {
    for (const file of files) readers.push(await openCheckpoint(file, layout));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    rows: files.length,
    columns: layout.size,
    async read(start, end) {
      const width = end - start;
      const part = new Float32Array(readers.length * width);
      await Promise.all(readers.map((reader, i) => reader.read(start, end, part.subarray(i * width, (i + 1) * width))));
      return part;
    },
    close,
  };
}

/**
 * Reads checkpoints of one layout into a matrix in memory, a file a row; no rows where there are no
 * files.
 * @throws UserError `E_CHECKPOINT` naming a file that is missing, damaged or of another layout.
 */
export async function readCheckpoints(files: readonly string[], layout: Layout): Promise<MemoryMatrix> {
  const result = matrix(new Float32Array(files.length * layout.size), layout.size);
  await Promise.all(files.map((file, i) => readCheckpoint(file, layout, rowOf(result, i))));
  return result;
}
