/**
 * Reads a whole file of a data set, plain or compressed by gzip. The content decides, not the name:
 * browsers and scripts often unpack a file and keep its name.
 */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

import { UserError } from "../errors.ts";
import { readProblem, readRegular } from "../files/index.ts";

/**
 * The most bytes of a file, packed and unpacked. The largest in use, the training images of EMNIST
 * digits, has 188 million.
 */
export const MAX_FILE_BYTES = 2 ** 28;

/** Advice for a file that differs from the published one. */
export const AGAIN = "get the file again";

/** The content of a file. */
export interface StoredFile {
  /** Unpacked content. */
  readonly bytes: Buffer;
  /** SHA-256 of the file on disk, in hexadecimal. */
  readonly sha256: string;
}

/**
 * Reads a file.
 * @throws UserError `E_DATA` naming the file when it cannot be read, is too large or has damaged
 *   gzip data.
 */
export async function readStored(path: string): Promise<StoredFile> {
  const stored = await readBounded(path);
  const bytes = stored[0] === 0x1f && stored[1] === 0x8b ? await unpack(path, stored) : stored;
  return { bytes, sha256: createHash("sha256").update(stored).digest("hex") };
}

/**
 * Refuses a file.
 * @param problem completes the sentence "PATH …".
 */
export function refuseFile(path: string, problem: string): never {
  throw new UserError("E_DATA", `${path} ${problem}`);
}

/**
 * Refuses a file for an error of opening or reading it; throws any other error as it is.
 */
export function refuseUnreadable(path: string, error: unknown): never {
  const { problem, advice = AGAIN } = readProblem(error) ?? {};
  if (problem === undefined) throw error;
  return refuseFile(path, `cannot be read: ${problem}; ${advice}`);
}

async function readBounded(path: string): Promise<Buffer> {
  try {
    return await readRegular(path, MAX_FILE_BYTES);
  } catch (error) {
    return refuseUnreadable(path, error);
  }
}

async function unpack(path: string, stored: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(stored, { maxOutputLength: MAX_FILE_BYTES, chunkSize: 2 ** 20 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE")
      return refuseFile(path, `unpacks to more than ${MAX_FILE_BYTES} bytes, the most that is read`);
    if (code === "Z_BUF_ERROR") return refuseFile(path, `is cut short: its gzip data end too early; ${AGAIN}`);
    return refuseFile(path, `is not sound gzip (${message}); ${AGAIN}`);
  }
}
