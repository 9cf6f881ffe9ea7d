/**
 * Arrays as NumPy saves them (.npy, format versions 1 to 3): a header that describes the array as a
 * Python literal, then the elements. A strict parser reads just the literals that NumPy writes.
 * Arrays of Python objects are pickles, and are refused.
 */

import { at, get } from "../../../lookup.ts";

import { show } from "../../../show.ts";
import type { CheckpointFile, StoredTensor } from "../checkpoint-file.ts";
import { byNumbers, ELEMENT_BYTES, isComplex, numberType } from "../dtypes.ts";
import { encodeFor } from "../encode-values.ts";
import { type Patch, patchedCopy } from "../patched-copy.ts";
import { writePieces } from "../pieces.ts";
import { keepingOpen, openPlain, PIECE_BYTES, type PlainFile, type ReadBytes, withPlainFile } from "../plain-file.ts";
import { readFloats } from "../read-floats.ts";

/** The first bytes of a file. */
export const NPY_MAGIC = Buffer.from("\x93NUMPY", "latin1");

/** Magic bytes, version, and at most four bytes of the header's length. */
const MAX_PREFIX = 12;

/**
 * Bytes of a header, at most: NumPy refuses longer ones too, because parsing them may take long.
 */
const MAX_HEADER = 10_000;

/**
 * Elements, at most, so that as float32 they fit in the largest buffer; and dimensions, at most.
 */
const MAX_ELEMENTS = 2 ** 30;
const MAX_RANK = 64;

/** Reading across a gap of at most these bytes is faster than two reads. */
const SMALL_GAP = 2 ** 16;

/** Element types by NumPy's letter and size. */
const TYPES: Readonly<Record<string, string>> = {
  f2: "F16",
  f4: "F32",
  f8: "F64",
  c8: "C64",
  c16: "C128",
  b1: "BOOL",
  i1: "I8",
  i2: "I16",
  i4: "I32",
  i8: "I64",
  u1: "U8",
  u2: "U16",
  u4: "U32",
  u8: "U64",
};

/** An array in a file or in an entry of an archive. */
export interface NpyArray extends StoredTensor {
  /** Position of the first element, from the start of the file or entry. */
  readonly begin: number;
  readonly bigEndian: boolean;
  /** Whether the elements are in column-major (Fortran) order. */
  readonly fortran: boolean;
}

/** Refuses the file; the problem is a clause. */
type Fail = (problem: string) => never;

/**
 * Reads the header of an array, and checks it against the size of the file or entry.
 * @param size of the file or entry, in bytes.
 * @returns the array, or the type of its elements where these are texts or times.
 */
export async function readNpyHeader(read: ReadBytes, size: number, fail: Fail): Promise<NpyArray | string> {
  const prefix = Buffer.alloc(Math.min(size, MAX_PREFIX));
  await read(0, prefix);
  if (!prefix.subarray(0, NPY_MAGIC.length).equals(NPY_MAGIC)) fail("it is not an array of NumPy");
  if (prefix.length < MAX_PREFIX) fail("it ends in its header");
  const [major, minor] = [at(prefix, 6), at(prefix, 7)];
  if (major < 1 || major > 3 || minor !== 0) fail(`it is of the unknown version ${major}.${minor}`);
  const [length, start] = major === 1 ? [prefix.readUInt16LE(8), 10] : [prefix.readUInt32LE(8), 12];
  if (length > MAX_HEADER || start + length > size)
    fail(`its header claims ${length} bytes, expected at most ${Math.min(MAX_HEADER, size - start)}`);
  const header = Buffer.alloc(length);
  await read(start, header);
  const { descr, fortran_order: fortran, shape } = parseHeader(header.toString("latin1"), fail);
  const [, order, type] = /^([<>|=])([a-zA-Z]\d+)$/.exec(descr) ?? [];
  if (descr.includes("O")) return fail("its elements are Python objects, which only running a pickle could read");
  if (/^V\d+$/.test(type ?? ""))
    return fail(
      `its elements are of the type ${show(descr)}, bytes without a meaning, as NumPy saves bfloat16; convert them with .astype(numpy.float32)`,
    );
  if (/^[USMm]\d+/.test(type ?? descr.replace(/^[<>|=]/, ""))) return descr;
  const dtype = TYPES[type ?? ""];
  if (dtype === undefined || order === "=")
    return fail(`its elements are of the type ${show(descr)}, which is not read`);
  if (shape.length > MAX_RANK) fail(`it has ${shape.length} dimensions, expected at most ${MAX_RANK}`);
  const count = shape.includes(0) ? 0 : shape.reduce((product, dimension) => product * dimension, 1);
  if (count > MAX_ELEMENTS) fail(`its shape [${shape}] has more than 2^30 elements`);
  const begin = start + length;
  const bytes = count * get(ELEMENT_BYTES, dtype);
  if (begin + bytes !== size)
    fail(`it has ${size - begin} bytes of elements, expected ${bytes} for ${dtype} [${shape}]`);
  // Of one dimension, both orders are the same.
  const inColumns = fortran && shape.length > 1;
  const array = { dtype, shape, count, begin, bigEndian: order === ">", fortran: inColumns };
  // The parts of complex numbers in columns would need an order of their own.
  return inColumns && isComplex(dtype) ? { ...array, dtype: `${dtype} in columns` } : byNumbers(array);
}

/**
 * Parses a header: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, keys in any
 * order.
 */
function parseHeader(text: string, fail: Fail): { descr: string; fortran_order: boolean; shape: number[] } {
  const refuse = (): never => fail(`its header is ${show(text.trim())}, expected descr, fortran_order and shape`);
  const body = /^\{(.*)\}\s*$/s.exec(text)?.[1] ?? refuse();
  const found = new Map<string, string>();
  let rest = body.trim();
  while (rest !== "") {
    const [all, key = "", value = ""] =
      /^'(descr|fortran_order|shape)'\s*:\s*('[^']*'|True|False|\([\d\s,L]*\)|\[[^\]]*\])\s*(?:,\s*|$)/.exec(rest) ??
      refuse();
    if (found.has(key)) refuse();
    found.set(key, value);
    rest = rest.slice(all.length);
  }
  const descr = found.get("descr") ?? refuse();
  const fortran = found.get("fortran_order") ?? refuse();
  const shape = found.get("shape") ?? refuse();
  if (descr.startsWith("[")) fail("its elements are records of several fields, which are not read");
  if (!descr.startsWith("'") || !/^(True|False)$/.test(fortran) || !shape.startsWith("(")) refuse();
  // Python needs a comma in a tuple of one: (3) is a number.
  if (!/^\(\s*((\d{1,16}L?\s*,\s*)+(\d{1,16}L?\s*)?)?\)$/.test(shape)) refuse();
  const sizes = Array.from(shape.matchAll(/\d+/g), ([digits]) => Number(digits));
  if (!sizes.every(Number.isSafeInteger)) refuse();
  return { descr: descr.slice(1, -1), fortran_order: fortran === "True", shape: sizes };
}

/** Reads elements of an array as float32 in row-major order, whatever the order in the file. */
export function npyReader(read: ReadBytes, array: NpyArray) {
  const { begin, bigEndian, fortran } = array;
  const dtype = numberType(array.dtype);
  const width = ELEMENT_BYTES.get(dtype) ?? 0;
  const swapped: ReadBytes = async (position, bytes) => {
    await read(position, bytes);
    swap(bytes, width);
  };
  const stored = (start: number, into: Float32Array): Promise<void> =>
    readFloats(bigEndian && width > 1 ? swapped : read, dtype, begin + width * start, into);
  return fortran
    ? (start: number, into: Float32Array) => readColumns(stored, array, start, into)
    : (start: number, into: Float32Array) => stored(start, into);
}

/**
 * Reads elements in row-major order from an array in column-major order. The elements of a range
 * lie in stretches, one for each column; columns with small gaps between these are read together.
 */
async function readColumns(
  read: (start: number, into: Float32Array) => Promise<void>,
  { dtype, shape, count }: NpyArray,
  start: number,
  into: Float32Array,
): Promise<void> {
  if (into.length === 0) return;
  const width = get(ELEMENT_BYTES, dtype);
  const rows = at(shape, 0);
  const columns = count / rows;
  const first = Math.floor(start / columns);
  const height = Math.floor((start + into.length - 1) / columns) - first + 1;
  const together =
    (rows - height) * width > SMALL_GAP
      ? 1
      : Math.min(columns, 1 + Math.max(0, Math.floor((PIECE_BYTES / width - height) / rows)));
  const scratch = new Float32Array((together - 1) * rows + height);
  const place = rowMajorPlaces(shape.slice(1));
  for (let column = 0; column < columns; column += together) {
    const places = Array.from({ length: Math.min(together, columns - column) }, place);
    // Of rows of which only a part is asked for, most columns may have nothing.
    const asked = (i: number) => i >= 0 && i < into.length;
    const from = first * columns - start;
    if (!places.some((j) => asked(from + j) || asked(from + (height - 1) * columns + j))) continue;
    const part = scratch.subarray(0, (places.length - 1) * rows + height);
    await read(column * rows + first, part);
    for (let row = 0; row < height; row++)
      for (let k = 0; k < places.length; k++) {
        const i = from + row * columns + at(places, k);
        if (asked(i)) into[i] = part[k * rows + row]!;
      }
  }
}

/** Finds where the elements of an array in column-major order lie in row-major order. */
function rowMajorPlaces(shape: readonly number[]): () => number {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1));
  const index = shape.map(() => 0);
  let place = 0;
  return () => {
    const now = place;
    for (let axis = 0; axis < shape.length; axis++) {
      place += at(strides, axis);
      if (++index[axis]! < at(shape, axis)) break;
      place -= at(strides, axis) * at(shape, axis);
      index[axis] = 0;
    }
    return now;
  };
}

/** Reverses the bytes of each element. */
function swap(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else if (width === 8) buffer.swap64();
}

/** Puts encoded elements from row-major order into the order and byte order of an array. */
export function inStoredOrder(bytes: Uint8Array, { dtype, bigEndian, fortran, shape, count }: NpyArray): Uint8Array {
  if (!fortran && !bigEndian) return bytes;
  const width = get(ELEMENT_BYTES, numberType(dtype));
  const ordered = bytes.slice();
  if (fortran) {
    const Words = width === 2 ? Uint16Array : Uint32Array;
    const each = width / Words.BYTES_PER_ELEMENT;
    const from = new Words(bytes.slice().buffer);
    const to = new Words(ordered.buffer);
    const place = rowMajorPlaces(shape);
    for (let i = 0; i < count; i++)
      for (let k = 0, start = place() * each; k < each; k++) to[i * each + k] = from[start + k]!;
  }
  if (bigEndian) swap(ordered, width);
  return ordered;
}

const SAVE_AGAIN = "copy the file again, or save it again with numpy.savez(FILE, **arrays)";

/**
 * The name of the single array of a file, as `numpy.savez` names the first one. The file's own name
 * would differ between checkpoints.
 */
const NAME = "arr_0";

/** Reads the header of a file of numbers. */
async function readNumbers(file: PlainFile): Promise<NpyArray> {
  const fail = (problem: string): never => file.refuse(problem, SAVE_AGAIN);
  const array = await readNpyHeader(file.read, file.size, fail);
  return typeof array === "string" ? fail(`its elements are of the type ${show(array)}, which is not read`) : array;
}

/**
 * Opens a file of one array, which is called `arr_0`.
 * @throws UserError `E_CHECKPOINT` when it is missing or damaged, or holds Python objects.
 */
export async function openNpy(path: string): Promise<CheckpointFile> {
  return keepingOpen(await openPlain(path), async (file) => {
    const array = await readNumbers(file);
    const read = npyReader(file.read, array);
    return {
      format: "npy",
      bytes: file.size,
      metadata: {},
      tensors: new Map([[NAME, array]]),
      readFloats: (_, start, into) => read(start, into),
      close: file.close,
    };
  });
}

/**
 * Writes a copy of a file of one array with other values, in the same type and order.
 * @returns the SHA-256 of the copy, in hexadecimal.
 */
export function rewriteNpy(path: string, to: string, values: ReadonlyMap<string, Float32Array>): Promise<string> {
  return withPlainFile(path, async (file) => {
    const array = await readNumbers(file);
    const encoded = encodeFor(file.refuse, new Map([[NAME, array]]), values);
    const patches: Patch[] = [...encoded.values()].map((bytes) => ({
      position: array.begin,
      bytes: inStoredOrder(bytes, array),
    }));
    return writePieces(to, patchedCopy(file, patches));
  });
}
