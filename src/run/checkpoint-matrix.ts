/**
 * Checkpoints of a run as the rows of a matrix: all of them in memory, or files that are read by
 * ranges, of which few are open at once.
 */
import { openCheckpoint } from "../checkpoints/index.ts";
import { mapFiles, openFiles } from "../files/index.ts";
import type { Layout } from "../layout/index.ts";
import { at } from "../lookup.ts";
import { type FileMatrix, type MemoryMatrix, matrix, rowOf } from "../numeric/index.ts";
import { readCheckpoint, verifiedCheckpoints } from "./checkpoint-folder.ts";
import type { Paths } from "./paths.ts";

/**
 * Opens the zoo as a matrix `[K, D]`, after checking every file against its checksum.
 * @throws UserError `E_CHECKPOINT` naming a file that is missing or changed.
 * @throws Interrupted when the signal aborts.
 */
export async function openZoo(p: Paths, layout: Layout, signal?: AbortSignal): Promise<FileMatrix> {
  const files = await verifiedCheckpoints(p.zoo, `make the zoo again: pdiff collect ${p.folder} --force`, signal);
  return openCheckpointMatrix(files, layout);
}

/**
 * Opens checkpoints of one layout as a matrix, a file a row.
 * @throws UserError `E_CHECKPOINT` naming a file that is missing, damaged or of another layout.
 */
export async function openCheckpointMatrix(files: readonly string[], layout: Layout): Promise<FileMatrix> {
  const readers = openFiles((i) => openCheckpoint(at(files, i), layout));
  try {
    // Each is opened once, so that one that does not fit is named before any work.
    for (const i of files.keys()) await readers.use(i, async () => {});
  } catch (error) {
    await readers.close();
    throw error;
  }
  return {
    rows: files.length,
    columns: layout.size,
    async read(start, end) {
      const width = end - start;
      const part = new Float32Array(files.length * width);
      await mapFiles(files, (_, i) =>
        readers.use(i, (reader) => reader.read(start, end, part.subarray(i * width, (i + 1) * width))),
      );
      return part;
    },
    close: readers.close,
  };
}

/**
 * Reads checkpoints of one layout into a matrix in memory, a file a row; no rows where there are no
 * files.
 * @throws UserError `E_CHECKPOINT` naming a file that is missing, damaged or of another layout.
 */
export async function readCheckpoints(files: readonly string[], layout: Layout): Promise<MemoryMatrix> {
  const result = matrix(new Float32Array(files.length * layout.size), layout.size);
  await mapFiles(files, (file, i) => readCheckpoint(file, layout, rowOf(result, i)));
  return result;
}
