/** Writes drawn networks as checkpoints of the generated tensors. */
import { type StreamedFile, writeStreamed } from "../../checkpoints/index.ts";
import type { StreamedDecoder } from "../../diffusion/index.ts";
import { throwIfAborted } from "../../errors.ts";
import type { Layout } from "../../layout/index.ts";
import { checkpointPath, writeCheckpoint } from "../../run/index.ts";

/** Networks whose files are open at once, and whose rows of a range are held. */
export const MAX_OPEN = 64;

/** Files of samples `first` … (from 1) of `total` in a folder. */
export const sampleFilesFrom = (folder: string, first: number, count: number, total: number): StreamedFile[] =>
  Array.from({ length: count }, (_, i) => ({
    path: checkpointPath(folder, first + i, total),
    metadata: { sample: String(first + i) },
  }));

/**
 * Writes parameter vectors `[files, D]`, one a file.
 * @throws Interrupted between two files, when the signal aborts.
 */
export async function writeNetworks(
  files: readonly StreamedFile[],
  chosen: Layout,
  vectors: Float32Array,
  signal: AbortSignal,
): Promise<void> {
  for (const [i, { path, metadata }] of files.entries()) {
    await writeCheckpoint(path, chosen, vectors.subarray(i * chosen.size, (i + 1) * chosen.size), { ...metadata });
    throwIfAborted(signal);
  }
}

/** What is decoded, and who listens. */
export interface Decoding {
  readonly stream: StreamedDecoder;
  /** `[files, latent]` */
  readonly latents: Float32Array;
  /** Called with the share that is written; may throw to stop. */
  readonly onShare: (share: number) => void | Promise<void>;
}

/** Decodes latents into files of a folder range by range, so that no whole vector is in memory. */
export const writeDecoded = (
  folder: string,
  files: readonly StreamedFile[],
  chosen: Layout,
  { stream, latents, onShare }: Decoding,
): Promise<void> =>
  writeStreamed(folder, files, chosen, (write) =>
    stream.decode(latents, async (start, block) => {
      await write(start, block);
      await onShare((start + block.length / files.length) / chosen.size);
    }),
  );
