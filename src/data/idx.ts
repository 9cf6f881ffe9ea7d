/**
 * IDX, the format of MNIST and its relatives: two zero bytes, a type (8: unsigned bytes), the
 * number of dimensions, each dimension as a big-endian 32-bit number, then the bytes in row-major
 * order.
 */
import { AGAIN, readStored, refuseFile } from "./stored-file.ts";

const UNSIGNED_BYTES = 8;

/** The content of an IDX file. */
export interface Idx {
  readonly dimensions: readonly number[];
  /** In row-major order; at least one byte. */
  readonly data: Uint8Array;
  /** SHA-256 of the file on disk, in hexadecimal. */
  readonly sha256: string;
}

/**
 * Reads a file of unsigned bytes, plain or compressed by gzip.
 * @param rank the number of dimensions it must have.
 * @throws UserError `E_DATA` naming the file when it cannot be read, is not an IDX file of that
 *   rank, is too large or empty, or has another length than its dimensions say.
 */
export async function readIdx(path: string, rank: number): Promise<Idx> {
  const { bytes, sha256 } = await readStored(path);
  const header = 4 + 4 * rank;
  const magic = bytes.subarray(0, 4).toString("hex");
  const expected = `00000${UNSIGNED_BYTES}0${rank}`;
  if (bytes.length < 4 || magic !== expected)
    refuseFile(
      path,
      `starts with ${magic || "nothing"}, expected ${expected}: unsigned bytes in ${rank} dimensions; ${AGAIN}`,
    );
  if (bytes.length < header)
    refuseFile(path, `ends within its header, after ${bytes.length} of ${header} bytes; ${AGAIN}`);
  const dimensions = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const size = dimensions.reduce((product, dimension) => product * dimension, 1);
  const shape = dimensions.join(" × ");
  if (size === 0) refuseFile(path, `is empty: its header says ${shape}`);
  if (bytes.length - header !== size)
    refuseFile(path, `holds ${bytes.length - header} bytes, but its header says ${shape} = ${size}; ${AGAIN}`);
  return { dimensions, data: bytes.subarray(header), sha256 };
}
