/**
 * The header of a safetensors file: the length of a JSON text (8 bytes, little-endian), then the
 * text, an object from tensor names to `{dtype, shape, data_offsets}` with string metadata under
 * `__metadata__`. The text is read by a strict parser of just that grammar: `JSON.parse` would drop
 * repeated names in silence, move names that look like numbers to the front, and build whatever a
 * hostile file nests before anything could be refused.
 */

import { at, get, given } from "../../../lookup.ts";
import { show } from "../../../show.ts";
import { byNumbers, ELEMENT_BYTES } from "../dtypes.ts";

/** Bytes of the number in front of the header. */
export const LENGTH_BYTES = 8;

/**
 * The largest header that is read. Headers of the largest published models take a few megabytes; as
 * an entry takes at least fifty bytes, this bounds the number of tensors as well.
 */
export const MAX_HEADER_BYTES = 25_000_000;

/** The most elements of one tensor: as float32 they fill 4 GiB, the largest buffer of Node 20. */
const MAX_ELEMENTS = 2 ** 30;

/** The most dimensions of one tensor, as in PyTorch. */
const MAX_RANK = 64;

const METADATA = "__metadata__";

/** A tensor's place in its file. */
export interface TensorInfo {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Number of elements. */
  readonly count: number;
  /** Byte offsets in the file, the second exclusive. */
  readonly begin: number;
  readonly end: number;
}

/** What a file says about itself; tensors in the order of their bytes. */
export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: Readonly<Record<string, string>>;
  /** The size of the whole file. */
  readonly bytes: number;
}

/** Refuses the file; the problem is a clause such as "tensor w starts at byte 3, expected 8". */
type Fail = (problem: string) => never;

/** An entry as it stands in the text; its offsets count from the end of the header. */
interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly offsets: readonly number[];
}

/**
 * The header a text stands for, checked against the size of its file: known types, shapes that fit
 * their byte ranges, and ranges that fill the rest of the file without hole or overlap.
 * @param text the JSON text, padding included.
 * @param dataStart byte offset in the file at which the text ends.
 * @param bytes size of the whole file.
 */
export function decodeHeader(text: string, dataStart: number, bytes: number, fail: Fail): SafetensorsHeader {
  const { entries, metadata } = parse(text, fail);
  entries.sort((a, b) => at(a.offsets, 0) - at(b.offsets, 0) || at(a.offsets, 1) - at(b.offsets, 1));
  const tensors = new Map<string, TensorInfo>();
  let position = dataStart;
  for (const { name, dtype, shape, offsets } of entries) {
    const count = elements(shape) ?? fail(`tensor ${show(name)} has the shape [${shape}], more than 2^30 elements`);
    const width = ELEMENT_BYTES.get(dtype) ?? fail(`tensor ${show(name)} has the unknown type ${show(dtype)}`);
    const [begin, end] = [dataStart + at(offsets, 0), dataStart + at(offsets, 1)];
    if (end - begin !== count * width)
      fail(`tensor ${show(name)} takes ${end - begin} bytes, expected ${count * width} for ${dtype} [${shape}]`);
    if (begin !== position)
      fail(
        `tensor ${show(name)} starts at byte ${begin}, expected ${position}: a ${begin > position ? "hole" : "overlap"}`,
      );
    tensors.set(name, byNumbers({ dtype, shape, count, begin, end }));
    position = end;
  }
  if (position !== bytes) fail(`it has ${bytes} bytes, expected ${position}`);
  return { tensors, metadata, bytes };
}

/**
 * The first bytes of a file of tensors that follow one another in the given order: length, text,
 * and spaces up to a multiple of 8.
 * @throws RangeError on what `decodeHeader` would refuse.
 */
export function encodeHeader(
  tensors: Iterable<{ readonly name: string; readonly shape: readonly number[]; readonly dtype: "F32" | "I64" }>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const members: string[] = [];
  const names = new Set([METADATA]);
  const keys = Object.keys(metadata).sort();
  if (keys.length > 0)
    members.push(member(METADATA, `{${keys.map((key) => member(key, quote(given(metadata[key]))))}}`));
  let begin = 0;
  for (const { name, shape, dtype } of tensors) {
    if (names.has(name)) throw new RangeError(`the tensor name ${show(name)} is taken`);
    names.add(name);
    const count = elements(shape);
    if (count === undefined || shape.length > MAX_RANK)
      throw new RangeError(`tensor ${show(name)} has the impossible shape [${shape}]`);
    const end = begin + get(ELEMENT_BYTES, dtype) * count;
    members.push(member(name, `{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${begin},${end}]}`));
    begin = end;
  }
  const text = Buffer.from(`{${members}}`);
  const length = Math.ceil(text.length / 8) * 8;
  if (length > MAX_HEADER_BYTES)
    throw new RangeError(`a header of ${length} bytes, at most ${MAX_HEADER_BYTES} are read`);
  const bytes = Buffer.alloc(LENGTH_BYTES + length, " ");
  bytes.writeBigUInt64LE(BigInt(length));
  bytes.set(text, LENGTH_BYTES);
  return bytes;
}

const quote = (text: string): string => JSON.stringify(text);
const member = (name: string, value: string): string => `${quote(name)}:${value}`;

/** The number of elements of a shape; undefined where it is none or exceeds the limit. */
function elements(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const dimension of shape) {
    if (!(Number.isInteger(dimension) && dimension >= 0 && dimension <= MAX_ELEMENTS)) return undefined;
    count *= dimension;
    if (count > MAX_ELEMENTS) return undefined;
  }
  return count;
}

/** Entries in the order of the text, and the metadata. */
function parse(text: string, fail: Fail): { entries: Entry[]; metadata: Record<string, string> } {
  let next = 0;

  const unexpected = (expected: string): never =>
    fail(
      `its header has ${next < text.length ? show(text.slice(next, next + 20)) : "its end"} at character ${next}, expected ${expected}`,
    );

  function skipSpace(): void {
    while (next < text.length && " \n\r\t".includes(at(text, next))) next++;
  }

  function accept(mark: string): boolean {
    skipSpace();
    if (text[next] !== mark) return false;
    next++;
    return true;
  }

  function take(mark: string): void {
    if (!accept(mark)) unexpected(mark);
  }

  function string(): string {
    take('"');
    const start = next - 1;
    let end = start;
    do end = text.indexOf('"', end + 1);
    while (end > 0 && isEscaped(text, end));
    next = start;
    if (end < 0) return unexpected("the closing quote of this string");
    try {
      const value: string = JSON.parse(text.slice(start, end + 1));
      next = end + 1;
      return value;
    } catch {
      return unexpected("a JSON string");
    }
  }

  function integers(most: number): number[] {
    const values: number[] = [];
    take("[");
    if (accept("]")) return values;
    do {
      skipSpace();
      const digits = /^(?:0|[1-9]\d{0,15})(?!\d)/.exec(text.slice(next, next + 17))?.[0];
      if (digits === undefined || values.length === most || !Number.isSafeInteger(Number(digits)))
        return unexpected(values.length === most ? `at most ${most} numbers` : "a whole number below 2^53");
      values.push(Number(digits));
      next += digits.length;
    } while (accept(","));
    take("]");
    return values;
  }

  function object(readValue: (key: string) => void): void {
    const keys = new Set<string>();
    take("{");
    if (accept("}")) return;
    do {
      const key = string();
      if (keys.has(key)) fail(`its header has ${show(key)} twice`);
      keys.add(key);
      take(":");
      readValue(key);
    } while (accept(","));
    take("}");
  }

  function entry(name: string): Entry {
    const fields: { dtype?: string; shape?: number[]; offsets?: number[] } = {};
    object((key) => {
      if (key === "dtype") fields.dtype = string();
      else if (key === "shape") fields.shape = integers(MAX_RANK);
      else if (key === "data_offsets") fields.offsets = integers(2);
      else fail(`tensor ${show(name)} has the unknown field ${show(key)}`);
    });
    const { dtype, shape, offsets } = fields;
    if (dtype === undefined || shape === undefined || offsets?.length !== 2)
      return fail(`tensor ${show(name)} needs a dtype, a shape and two data_offsets`);
    return { name, dtype, shape, offsets };
  }

  const entries: Entry[] = [];
  const metadata: [string, string][] = [];
  if (text[0] !== "{") unexpected("{");
  object((name) => {
    if (name === METADATA) object((key) => metadata.push([key, string()]));
    else entries.push(entry(name));
  });
  skipSpace();
  if (next < text.length) unexpected("nothing more");
  return { entries, metadata: Object.fromEntries(metadata) };
}

/** Whether the character at `end` follows an odd number of backslashes. */
function isEscaped(text: string, end: number): boolean {
  let slashes = 0;
  while (text[end - 1 - slashes] === "\\") slashes++;
  return slashes % 2 === 1;
}
