/**
 * Writes files atomically: to a temporary name, flushed to the disk, then renamed. A reader never
 * sees half a file, and a killed process leaves at most a `.tmp` file behind.
 */
import { createHash } from "node:crypto";
import { appendFile, lstat, mkdir, open, readlink, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";

import { UserError } from "../errors.ts";
import { openRegular, readProblem, readRegular } from "./regular-file.ts";
import { abandonedTemporaries, temporaryName } from "./temporary.ts";

/** Advice for error codes of the operating system. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space and run the same command again, nothing finished is lost",
  EDQUOT: "your disk quota is used up; free some space and run the same command again, nothing finished is lost",
  EACCES: "no permission to write there; choose another folder or change its permissions",
  EPERM: "no permission to write there; choose another folder or change its permissions",
  EROFS: "the file system is read-only; choose another folder",
  ENOTDIR: "a part of this path is a file, not a folder; choose another folder",
  EEXIST: "a file stands where a folder is needed; choose another folder",
  EISDIR: "a folder stands where a file is to be written; remove it or choose another folder",
  // Node also gives this code when a read-only file system refuses a folder.
  ENOENT: "its folder is gone or cannot be made, as on a read-only file system; choose another folder",
  EMFILE: "this process has too many files open; raise the limit (ulimit -n) and run the same command again",
  ENFILE: "the machine has too many files open; close other programs and run the same command again",
  EFBIG:
    "the file would be larger than this process may write; raise the limit (ulimit -f), or choose a disk that takes larger files",
  ENAMETOOLONG: "the name is too long; choose a shorter one",
};

/** Bytes of a JSON file, at most: what one text can hold. */
const MAX_JSON_BYTES = 2 ** 29 - 1;

/** Turns an error of the operating system into a UserError; returns any other error as it is. */
export function diskError(verb: "write" | "remove", path: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  const advice = ADVICE[code] ?? `the system says ${code}; choose another folder`;
  return new UserError("E_DISK", `cannot ${verb} ${path}: ${advice}`, { cause: error });
}

/**
 * Writes a whole file atomically and makes its folder.
 * @param path replaced if it exists.
 * @param chunks the bytes. Each chunk is written before the next is asked for.
 * @throws UserError `E_DISK` when the disk is full or the path cannot be written.
 */
export async function writeAtomic(
  path: string,
  chunks: string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, "w");
    try {
      const pieces = typeof chunks === "string" || chunks instanceof Uint8Array ? [chunks] : chunks;
      for await (const piece of pieces) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw diskError("write", path, error);
  }
}

/**
 * Flushes a folder to the disk, so that a name made or changed in it survives a power failure.
 * Windows cannot open folders, and keeps names by itself.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a value as indented JSON, atomically.
 * @throws UserError `E_DISK` when the disk is full or the path cannot be written.
 */
export function writeJson(path: string, value: unknown): Promise<void> {
  return writeAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Appends a line to a text file; makes the file if it does not exist.
 * @throws UserError `E_DISK` when the disk is full or the path cannot be written.
 */
export async function appendLine(path: string, line: string): Promise<void> {
  try {
    await appendFile(path, `${line}\n`);
  } catch (error) {
    throw diskError("write", path, error);
  }
}

/**
 * Makes a folder and its parents, if they do not exist.
 * @throws UserError `E_DISK` when that is not possible.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const link = await danglingLink(path);
    if (link === undefined) throw diskError("write", path, error);
    throw new UserError(
      "E_DISK",
      `cannot write ${path}: ${link.path} is a link to ${link.to}, which does not exist; make that folder, or remove the link`,
      { cause: error },
    );
  }
}

/** The first part of a path that is a link to nothing; undefined where none is. */
async function danglingLink(path: string): Promise<{ path: string; to: string } | undefined> {
  const above = dirname(path);
  const higher = above === path ? undefined : await danglingLink(above);
  if (higher !== undefined) return higher;
  const own = await lstat(path).catch(() => undefined);
  if (!own?.isSymbolicLink()) return undefined;
  const problem = await stat(path).catch((error: NodeJS.ErrnoException) => error.code);
  if (problem !== "ENOENT") return undefined;
  return { path, to: await readlink(path) };
}

/**
 * Removes a file or a whole folder, if it exists.
 * @throws UserError `E_DISK` when that is not possible.
 */
export async function remove(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw diskError("remove", path, error);
  }
}

/**
 * Reads a JSON file; undefined when it does not exist.
 * @throws UserError `E_RUN` naming the file when it cannot be read or is not JSON.
 */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = (await readRegular(path, MAX_JSON_BYTES)).toString("utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    const { problem, advice = "check what it is and its permissions" } = readProblem(error) ?? {};
    if (problem === undefined) throw error;
    throw new UserError("E_RUN", `cannot read ${path}: ${problem}; ${advice}`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError("E_RUN", `${path} is not JSON (${(error as Error).message}); restore it or remove it`, {
      cause: error,
    });
  }
}

/** Removes the temporary files that processes which are gone left directly in a folder. */
export async function removeTemporaries(folder: string): Promise<void> {
  for (const path of await abandonedTemporaries(folder)) await remove(path);
}

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline((await openRegular(path)).createReadStream({ start: 0 }), hash);
  return hash.digest("hex");
}
