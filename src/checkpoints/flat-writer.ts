/**
 * Writes several safetensors files of one layout at once, one range of coordinates after another,
 * for vectors that do not fit in memory.
 */
import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";

import { UserError } from "../errors.ts";
import { makeFolder } from "../files/index.ts";
import type { Layout } from "../layout/index.ts";
import { bytesOf } from "./formats/read-floats.ts";
import { encodeHeader } from "./formats/safetensors/header.ts";

/** A file to write, and its metadata. */
export interface StreamedFile {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Writes coordinates from `start` on of every file, `[files, width]`. */
export type WriteRange = (start: number, block: Float32Array) => Promise<void>;

/**
 * Writes files together. Each ends up either complete or absent, with the same bytes as
 * `writeSafetensors` makes.
 * @param fill writes every coordinate exactly once, in any order.
 * @throws UserError `E_DISK` when the disk is full or the folder is not writable.
 */
export async function writeStreamed(
  folder: string,
  files: readonly StreamedFile[],
  layout: Layout,
  fill: (write: WriteRange) => Promise<void>,
): Promise<void> {
  await makeFolder(folder);
  const tensors = layout.entries.map(({ name, shape }) => ({ name, shape, dtype: "F32" as const }));
  const made: { temporary: string; path: string; handle: Awaited<ReturnType<typeof open>>; begin: number }[] = [];
  try {
    for (const { path, metadata } of files) {
      const temporary = `${path}.${process.pid}-${createHash("sha256").update(path).digest("hex").slice(0, 8)}.tmp`;
      const handle = await open(temporary, "w");
      const header = encodeHeader(tensors, metadata);
      made.push({ temporary, path, handle, begin: header.length });
      await handle.write(header, 0, header.length, 0);
    }
    await fill(async (start, block) => {
      const width = block.length / files.length;
      for (const [i, { handle, begin }] of made.entries()) {
        const bytes = bytesOf(block.subarray(i * width, (i + 1) * width));
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, begin + 4 * start + done);
          done += bytesWritten;
        }
      }
    });
    for (const { handle } of made) await handle.sync();
    for (const { handle } of made) await handle.close();
    for (const { temporary, path } of made) await rename(temporary, path);
  } catch (error) {
    for (const { temporary, handle } of made) {
      await handle.close().catch(() => {});
      await rm(temporary, { force: true }).catch(() => {});
    }
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw error;
    throw new UserError(
      "E_DISK",
      `cannot write in ${folder} (${code}): free some space, or choose another folder; nothing finished is lost`,
      { cause: error },
    );
  }
}
