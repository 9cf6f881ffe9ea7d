/** Opens plain files and reads them by ranges, however few bytes the system returns at a time. */
import type { FileHandle } from "node:fs/promises";
import { endianness } from "node:os";

import { UserError } from "../../errors.ts";
import { openRegular, readProblem } from "../../files/index.ts";

/**
 * Bytes moved by one call, at most. Node takes less than 2 GiB, and hashing a piece should not
 * block the program for long.
 */
export const PIECE_BYTES = 2 ** 23;

/** Fills `into` with the bytes from a position on. */
export type ReadBytes = (position: number, into: Uint8Array) => Promise<void>;

/**
 * Refuses a file: `problem` is a clause such as "tensor w has no storage", `advice` says what to
 * do.
 */
export type Refuse = (problem: string, advice: string) => never;

/** An open file and its size in bytes. Several reads may run at once. */
export interface PlainFile {
  readonly size: number;
  readonly read: ReadBytes;
  readonly refuse: Refuse;
}

/**
 * Makes sure that the machine is little-endian, because checkpoints are and their numbers are used
 * as they lie in the file.
 * @throws UserError `E_DEVICE` on a big-endian machine.
 */
export function requireLittleEndian(): void {
  if (endianness() !== "LE")
    throw new UserError(
      "E_DEVICE",
      "checkpoints are little-endian and this machine is not; use a little-endian machine",
    );
}

/**
 * Opens a file for as long as `use` needs it.
 * @throws UserError `E_CHECKPOINT` when it is missing, unreadable or not a plain file.
 */
export async function withPlainFile<T>(path: string, use: (file: PlainFile) => Promise<T>): Promise<T> {
  const file = await openPlain(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** A file that stays open until it is closed. */
export interface OpenPlainFile extends PlainFile {
  readonly close: () => Promise<void>;
}

/**
 * Opens a file.
 * @throws UserError `E_CHECKPOINT` when it is missing, unreadable or not a plain file.
 */
export async function openPlain(path: string): Promise<OpenPlainFile> {
  requireLittleEndian();
  const handle = await openPlainFile(path);
  const { size } = await handle.stat();
  return {
    size,
    read: (position, into) => readExactly(handle, path, position, into),
    refuse: (problem, advice) => {
      throw new UserError("E_CHECKPOINT", `${path}: ${problem}; ${advice}`);
    },
    close: () => handle.close(),
  };
}

/** Uses an open file, and closes it if that fails. */
export async function keepingOpen<T>(file: OpenPlainFile, use: (file: OpenPlainFile) => Promise<T>): Promise<T> {
  try {
    return await use(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Opens a file for reading.
 * @throws UserError `E_CHECKPOINT` when it is missing, unreadable or not a plain file.
 */
export async function openPlainFile(path: string): Promise<FileHandle> {
  try {
    return await openRegular(path);
  } catch (error) {
    const found = readProblem(error);
    if (found === undefined) throw error;
    const { problem, advice = "check the path, and give a checkpoint's file" } = found;
    throw new UserError("E_CHECKPOINT", `cannot read ${path}: ${problem}; ${advice}`, { cause: error });
  }
}

/**
 * Fills `into` from a position of the file.
 * @throws UserError `E_CHECKPOINT` when the file ends before that.
 */
export async function readExactly(handle: FileHandle, path: string, position: number, into: Uint8Array): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, Math.min(into.length - done, PIECE_BYTES), position + done);
    if (bytesRead === 0)
      throw new UserError(
        "E_CHECKPOINT",
        `${path} ended at byte ${position + done} while it was read; leave the file alone and start again`,
      );
    done += bytesRead;
  }
}
