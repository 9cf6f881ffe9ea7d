/**
 * IDX, the format of MNIST and its relatives: two zero bytes, a type (8: unsigned bytes), the number of dimensions, each
 * dimension as a big-endian 32-bit number, then the bytes, the last dimension running fastest. Plain or compressed by
 * gzip, which the content tells and not the name, as browsers and scripts often unpack a file and keep its name.
 */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

import { UserError } from "../errors.ts";

/**
 * The most bytes read from a file, and the most it may unpack to: the largest file in use, the training images of EMNIST
 * digits, has 188 million.
 */
export const MAX_IDX_BYTES = 2 ** 28;

const UNSIGNED_BYTES = 8;
const AGAIN = "get the file again";

/** The content of an IDX file. */
export interface Idx {
  readonly dimensions: readonly number[];
  /** As many as the product of the dimensions, and at least one. */
  readonly data: Uint8Array;
  /** Of the file as it lies on the disk, in hexadecimal. */
  readonly sha256: string;
}

/**
 * Reads a file of unsigned bytes.
 * @param rank the number of dimensions it must have.
 * @throws UserError `E_DATA` naming the file when it cannot be read, is no IDX file of that rank, is too large, empty,
 * corrupt, or shorter or longer than its dimensions say.
 */
export async function readIdx(path: string, rank: number): Promise<Idx> {
  const fail: Fail = (problem) => {
    throw new UserError("E_DATA", `${path} ${problem}`);
  };
  const stored = await readBounded(path, fail);
  const bytes = stored[0] === 0x1f && stored[1] === 0x8b ? await unpack(stored, fail) : stored;

  const header = 4 + 4 * rank;
  const magic = bytes.subarray(0, 4).toString("hex");
  const expected = `00000${UNSIGNED_BYTES}0${rank}`;
  if (bytes.length < 4 || magic !== expected)
    fail(`starts with ${magic || "nothing"}, expected ${expected}: unsigned bytes in ${rank} dimensions; ${AGAIN}`);
  if (bytes.length < header) fail(`ends within its header, after ${bytes.length} of ${header} bytes; ${AGAIN}`);
  const dimensions = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const size = dimensions.reduce((product, dimension) => product * dimension, 1);
  const shape = dimensions.join(" × ");
  if (size === 0) fail(`is empty: its header says ${shape}`);
  if (bytes.length - header !== size)
    fail(`holds ${bytes.length - header} bytes, but its header says ${shape} = ${size}; ${AGAIN}`);
  return { dimensions, data: bytes.subarray(header), sha256: createHash("sha256").update(stored).digest("hex") };
}

/** Refuses the file for a reason that completes "PATH …". */
type Fail = (problem: string) => never;

async function readBounded(path: string, fail: Fail): Promise<Buffer> {
  try {
    const status = await stat(path);
    if (!status.isFile()) return fail("is not a file");
    if (status.size > MAX_IDX_BYTES) return fail(`has ${status.size} bytes, at most ${MAX_IDX_BYTES} are read`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    return fail(`cannot be read: ${(error as Error).message}`);
  }
}

async function unpack(stored: Buffer, fail: Fail): Promise<Buffer> {
  try {
    return await promisify(gunzip)(stored, { maxOutputLength: MAX_IDX_BYTES, chunkSize: 2 ** 20 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE")
      return fail(`unpacks to more than ${MAX_IDX_BYTES} bytes, the most that is read`);
    if (code === "Z_BUF_ERROR") return fail(`is cut short: its gzip data end too early; ${AGAIN}`);
    return fail(`is not sound gzip (${message}); ${AGAIN}`);
  }
}
