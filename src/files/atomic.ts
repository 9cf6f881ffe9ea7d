/**
 * Files that are either whole or absent: written to a temporary name, flushed to the disk and renamed. A reader never
 * sees half a file, and a killed process leaves at most a `.tmp` file behind.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";

import { UserError } from "../errors.ts";

const TEMPORARY = ".tmp";

/** What the operating system said, in words that name the way out. */
function diskError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  const advice: Record<string, string> = {
    ENOSPC: "the disk is full; free some space and run the same command again, nothing finished is lost",
    EDQUOT: "your disk quota is used up; free some space and run the same command again, nothing finished is lost",
    EACCES: "no permission to write there; choose another folder or change its permissions",
    EPERM: "no permission to write there; choose another folder or change its permissions",
    EROFS: "the file system is read-only; choose another folder",
    ENOTDIR: "a part of this path is a file, not a folder; choose another folder",
    EEXIST: "a file stands where a folder is needed; choose another folder",
    EISDIR: "a folder stands where a file is to be written; remove it or choose another run folder",
  };
  return code !== undefined && code in advice
    ? new UserError("E_DISK", `cannot write ${path}: ${advice[code]}`, { cause: error })
    : error;
}

/**
 * Writes a whole file atomically, making its folder where needed.
 * @param path where to; replaced if it exists.
 * @param chunks the bytes, as one piece or several written one after another.
 * @throws UserError `E_DISK` when the disk is full, read-only or not ours to write.
 */
export async function writeAtomic(path: string, chunks: string | Uint8Array | Iterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.${process.pid}${TEMPORARY}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, "w");
    try {
      const pieces = typeof chunks === "string" || chunks instanceof Uint8Array ? [chunks] : chunks;
      for (const piece of pieces) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw diskError(path, error);
  }
}

/** Writes a value as indented JSON, atomically. */
export function writeJson(path: string, value: unknown): Promise<void> {
  return writeAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Reads a JSON file; undefined where it does not exist.
 * @throws UserError `E_RUN` when it is not JSON, naming the file.
 */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError("E_RUN", `${path} is not JSON (${(error as Error).message}); restore it or remove it`, {
      cause: error,
    });
  }
}

/** Removes what killed processes left half-written in a folder (not in the folders below it). */
export async function removeTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if (name.endsWith(TEMPORARY)) await rm(join(folder, name), { force: true });
}

/** The SHA-256 of a file, in hexadecimal, read as a stream. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
