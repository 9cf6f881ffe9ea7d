/**
 * Writes several safetensors files of one layout at once, one range of coordinates after another,
 * for vectors that do not fit in memory.
 */
import { type FileHandle, open, rename, rm, writeFile } from "node:fs/promises";

import { UserError } from "../errors.ts";
import { makeFolder, openFiles, syncFolder, temporaryName } from "../files/index.ts";
import type { Layout } from "../layout/index.ts";
import { at } from "../lookup.ts";
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
  const made: { temporary: string; path: string; begin: number }[] = [];
  const handles = openFiles((i) => open(at(made, i).temporary, "r+"));
  try {
    for (const { path, metadata } of files) {
      const header = encodeHeader(tensors, metadata);
      const temporary = temporaryName(path);
      made.push({ temporary, path, begin: header.length });
      await writeFile(temporary, header);
    }
    await fill(async (start, block) => {
      const width = block.length / files.length;
      for (const [i, { begin }] of made.entries()) {
        const bytes = bytesOf(block.subarray(i * width, (i + 1) * width));
        await handles.use(i, (handle) => writeAll(handle, bytes, begin + 4 * start));
      }
    });
    for (const i of made.keys()) await handles.use(i, (handle) => handle.sync());
    await handles.close();
    for (const { temporary, path } of made) await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await handles.close().catch(() => {});
    for (const { temporary } of made) await rm(temporary, { force: true }).catch(() => {});
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw error;
    throw new UserError(
      "E_DISK",
      `cannot write in ${folder} (${code}): free some space, or choose another folder; nothing finished is lost`,
      { cause: error },
    );
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
