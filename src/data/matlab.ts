/**
 * MATLAB's MAT-files of level 5, as far as data sets need them: little-endian numeric arrays,
 * compressed or not. A file is a list of elements, each after its type and size; an array is an
 * element that holds elements.
 */
import { promisify } from "node:util";
import { inflate } from "node:zlib";

import { AGAIN, MAX_FILE_BYTES, readStored, refuseFile } from "./stored-file.ts";

/** A numeric array. */
export interface MatlabArray {
  readonly shape: readonly number[];
  /** In column-major order. Bytes stay bytes; all other numbers become float64. */
  readonly values: Uint8Array | Float64Array;
}

/** The arrays of a file by name, and its checksum. */
export interface MatlabFile {
  readonly arrays: ReadonlyMap<string, MatlabArray>;
  readonly sha256: string;
}

const HEADER = 128;
const COMPRESSED = 15;
const MATRIX = 14;
/** Classes of numeric arrays: double to uint64. */
const NUMERIC = { first: 6, last: 15 };
const MAX_RANK = 8;

/** Number types: their bytes, and how they are read. */
const NUMBERS: Readonly<Record<number, { bytes: number; read(view: DataView, at: number): number }>> = {
  1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  2: { bytes: 1, read: (view, at) => view.getUint8(at) },
  3: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  4: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  5: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  6: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  7: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  9: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};
const BYTES = 2;

interface Element {
  readonly type: number;
  readonly data: Uint8Array;
}

/**
 * Reads the arrays of a file.
 * @throws UserError `E_DATA` naming the file when it cannot be read, is not a MAT-file of level 5,
 *   is damaged, or unpacks to more than 256 MiB.
 */
export async function readMatlab(path: string): Promise<MatlabFile> {
  const { bytes, sha256 } = await readStored(path);
  if (bytes.length < HEADER || bytes.subarray(126, 128).toString("latin1") !== "IM")
    return refuseFile(path, `is no MAT-file of level 5; ${AGAIN}`);
  const arrays = new Map<string, MatlabArray>();
  for (const outer of elements(path, bytes.subarray(HEADER))) {
    const inner = outer.type === COMPRESSED ? elements(path, await unpacked(path, outer.data)) : [outer];
    for (const { type, data } of inner) {
      if (type !== MATRIX)
        return refuseFile(path, `has an element of type ${type} where an array was expected; ${AGAIN}`);
      const { name, array } = arrayOf(path, data);
      arrays.set(name, array);
    }
  }
  return { arrays, sha256 };
}

async function unpacked(path: string, data: Uint8Array): Promise<Uint8Array> {
  return promisify(inflate)(data, { maxOutputLength: MAX_FILE_BYTES, chunkSize: 2 ** 20 }).catch((error) =>
    refuseFile(path, `cannot be unpacked (${(error as Error).message}); ${AGAIN}`),
  );
}

/** The elements in some bytes. */
function elements(path: string, bytes: Uint8Array): Element[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Element[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const tag = view.getUint32(at, true);
    // A small element keeps up to four bytes within the tag, and their number in its upper half.
    const small = tag > 0xffff;
    const size = small ? tag >>> 16 : view.getUint32(at + 4, true);
    const begin = at + (small ? 4 : 8);
    if ((small && size > 4) || begin + size > bytes.length)
      return refuseFile(path, `ends within an element of ${size} bytes; ${AGAIN}`);
    const type = small ? tag & 0xffff : tag;
    found.push({ type, data: bytes.subarray(begin, begin + size) });
    // Elements start at multiples of eight bytes, except after a compressed one.
    at = small ? at + 8 : type === COMPRESSED ? begin + size : begin + 8 * Math.ceil(size / 8);
  }
  return found;
}

/** The array that a matrix element holds: its flags, dimensions, name and numbers. */
function arrayOf(path: string, bytes: Uint8Array): { name: string; array: MatlabArray } {
  const [flags, dimensions, label, numbers] = elements(path, bytes);
  if (flags === undefined || dimensions === undefined || label === undefined || numbers === undefined)
    return refuseFile(path, `has an array without numbers; ${AGAIN}`);
  const name = Buffer.from(label.data).toString("latin1");
  const kind = flags.data[0] ?? 0;
  if (kind < NUMERIC.first || kind > NUMERIC.last)
    return refuseFile(path, `has the array ${JSON.stringify(name)} of class ${kind}, expected numbers`);
  const shape = [...numbersOf(path, dimensions)];
  const count = shape.reduce((product, n) => product * n, 1);
  const values = numbersOf(path, numbers);
  if (shape.length > MAX_RANK || shape.some((n) => n < 0) || values.length !== count)
    return refuseFile(
      path,
      `has ${values.length} numbers in ${JSON.stringify(name)}, expected ${shape.join(" × ")}; ${AGAIN}`,
    );
  return { name, array: { shape, values } };
}

function numbersOf(path: string, { type, data }: Element): Uint8Array | Float64Array {
  if (type === BYTES) return data;
  const format = NUMBERS[type];
  if (format === undefined) return refuseFile(path, `has numbers of type ${type}, which is not read`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Float64Array.from({ length: Math.floor(data.length / format.bytes) }, (_, i) =>
    format.read(view, i * format.bytes),
  );
}
