/**
 * Opens files that this program did not make. Only regular files are read: to open a named pipe
 * would wait for a writer, perhaps for ever, and a device may have no end.
 */
import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Does not wait for the writer of a named pipe. Windows has no such flag, and no such pipes. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** What is not a regular file, and what it is. */
class NotRegular extends Error {
  override readonly name = "NotRegular";

  constructor(status: Stats | undefined) {
    super(`it is ${kindOf(status)}, not a plain file`);
  }
}

function kindOf(status: Stats | undefined): string {
  if (status?.isDirectory()) return "a folder";
  if (status?.isFIFO()) return "a named pipe";
  return status?.isCharacterDevice() || status?.isBlockDevice() ? "a device" : "a socket";
}

/**
 * Opens a regular file for reading.
 * @throws an error that `readProblem` puts into words: the system's, or that it is no regular file.
 */
export async function openRegular(path: string): Promise<FileHandle> {
  const handle = await open(path, FLAGS).catch(refuseSocket);
  const status = await handle.stat();
  if (status.isFile()) return handle;
  await handle.close();
  throw new NotRegular(status);
}

/**
 * Opens a regular file for reading, and waits for that.
 * @returns its descriptor, and what the system says about it.
 * @throws as `openRegular`.
 */
export function openRegularSync(path: string): { readonly descriptor: number; readonly status: Stats } {
  const descriptor = (() => {
    try {
      return openSync(path, FLAGS);
    } catch (error) {
      return refuseSocket(error);
    }
  })();
  const status = fstatSync(descriptor);
  if (status.isFile()) return { descriptor, status };
  closeSync(descriptor);
  throw new NotRegular(status);
}

/**
 * Reads a whole regular file.
 * @param most bytes that are read, at most.
 * @throws as `openRegular`, and RangeError when the file is larger, saying so.
 */
export async function readRegular(path: string, most: number): Promise<Buffer> {
  const handle = await openRegular(path);
  try {
    const { size } = await handle.stat();
    if (size > most) throw new RangeError(`it has ${size} bytes, at most ${most} are read`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** The system cannot open sockets, and some devices without a driver, as files. */
function refuseSocket(error: unknown): never {
  const { code } = error as NodeJS.ErrnoException;
  throw code === "ENXIO" || code === "EOPNOTSUPP" ? new NotRegular(undefined) : error;
}

/** Why a file cannot be read, as a clause, and what to do about it. */
export interface ReadProblem {
  readonly problem: string;
  /** Left out where the caller knows better. */
  readonly advice?: string;
}

const OPEN_FILES = "raise the limit (ulimit -n), close other programs, or give fewer files at once";

/** Problems by the codes of the operating system. */
const PROBLEMS: Readonly<Record<string, ReadProblem>> = {
  ENOENT: { problem: "there is no such file" },
  ENOTDIR: { problem: "there is no such file" },
  EACCES: { problem: "no permission", advice: "check its permissions" },
  EPERM: { problem: "no permission", advice: "check its permissions" },
  ELOOP: { problem: "its links lead in a circle" },
  EMFILE: { problem: "this process has too many files open (EMFILE)", advice: OPEN_FILES },
  ENFILE: { problem: "the machine has too many files open (ENFILE)", advice: OPEN_FILES },
};

/** Puts an error of opening or reading a file into words; undefined for any other error. */
export function readProblem(error: unknown): ReadProblem | undefined {
  if (error instanceof NotRegular || error instanceof RangeError) return { problem: error.message };
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return undefined;
  return PROBLEMS[code] ?? { problem: `the system says ${code}` };
}
