/**
 * ONNX models as checkpoints: their tensors are the initialisers of the main graph, whose numbers lie in the model's file or in
 * files beside it. Nothing else of the model is looked at, and rewriting leaves all other bytes as they are.
 */
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from "node:path";

import { show } from "../../../files/index.ts";
import type { CheckpointFile, StoredTensor } from "../checkpoint-file.ts";
import { ALL_DECODERS, ELEMENT_BYTES } from "../dtypes.ts";
import { encodeFor } from "../encode-values.ts";
import { copyPatched, type Patch } from "../patched-copy.ts";
import { keepingOpen, type OpenPlainFile, openPlain, type PlainFile } from "../plain-file.ts";
import { readFloats } from "../read-floats.ts";
import { type Field, numbersOf, type Stretch, walkerOf } from "./onnx-wire.ts";

/** Field numbers of ONNX's messages (onnx.proto). */
const MODEL = { irVersion: 1, producerName: 2, producerVersion: 3, graph: 7, opsets: 8, metadata: 14 };
const GRAPH = { initialiser: 5 };
const TENSOR = {
  dims: 1,
  type: 2,
  segment: 3,
  floats: 4,
  ints: 5,
  longs: 7,
  name: 8,
  raw: 9,
  doubles: 10,
  unsigned: 11,
  external: 13,
  location: 14,
};
const PAIR = { key: 1, value: 2 };
const OPSET = { domain: 1, version: 2 };

/** Element types by their number; those that safetensors has no word for are told by ONNX's own, and not read. */
const TYPES: Readonly<Record<number, string>> = {
  ...{ 1: "F32", 2: "U8", 3: "I8", 4: "U16", 5: "I16", 6: "I32", 7: "I64", 9: "BOOL", 10: "F16", 11: "F64" },
  ...{ 12: "U32", 13: "U64", 14: "C64", 16: "BF16", 17: "F8_E4M3", 19: "F8_E5M2", 24: "F8_E8M0" },
  ...{ 0: "UNDEFINED", 8: "STRING", 15: "COMPLEX128", 18: "FLOAT8E4M3FNUZ", 20: "FLOAT8E5M2FNUZ" },
  ...{ 21: "UINT4", 22: "INT4", 23: "FLOAT4E2M1", 25: "UINT2", 26: "INT2" },
};

/** Where numbers may stand, and the types that do: as raw bytes all of them, as little-endian numbers, as lists of varints. */
const PLACES: ReadonlyMap<number, { readonly listed: boolean; readonly dtypes: readonly string[] }> = new Map([
  [TENSOR.raw, { listed: false, dtypes: [...ELEMENT_BYTES.keys()] }],
  [TENSOR.floats, { listed: false, dtypes: ["F32", "C64"] }],
  [TENSOR.doubles, { listed: false, dtypes: ["F64"] }],
  [TENSOR.longs, { listed: true, dtypes: ["I64"] }],
  [TENSOR.unsigned, { listed: true, dtypes: ["U32", "U64"] }],
  [
    TENSOR.ints,
    {
      listed: true,
      dtypes: ["I32", "I16", "I8", "U16", "U8", "BOOL", "F16", "BF16", "F8_E4M3", "F8_E5M2", "F8_E8M0"],
    },
  ],
]);

const MAX_TENSORS = 65_536;
const MAX_RANK = 64;
const MAX_ELEMENTS = 2 ** 30;
/** The most numbers of a list, of which every read begins at its start. */
const MAX_LIST = 2 ** 22;
/** Of names, and of where numbers lie. */
const MAX_TEXT = 4096;
/** What a model says about itself, such as the names of its classes; every entry counts for some bytes more than it has. */
const MAX_METADATA = 2 ** 24;
const ENTRY_BYTES = 64;

const EXPORT_AGAIN = "copy the file again, or export the model again";

/** Where the numbers of an initialiser lie. */
interface Placed extends StoredTensor {
  /** Undefined where they stand as a list of varints, which is read but not rewritten, or are of a type that is not read. */
  readonly begin: number | undefined;
  /** How many bytes they fill from there. */
  readonly bytes: number;
  /** The file that holds them, by its path from the model's folder; undefined for the model itself. */
  readonly file?: string;
  readonly list?: Stretch;
}

interface Model {
  readonly tensors: ReadonlyMap<string, Placed>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Walks a model. */
async function readModel(path: string, file: PlainFile): Promise<Model> {
  const fail = (problem: string): never => file.refuse(problem, EXPORT_AGAIN);
  const { fieldsOf, read } = walkerOf(file, fail);
  const text = async (field: Field, most = MAX_TEXT): Promise<string> => {
    if (field.kind !== "bytes") return fail("it has a text that is a number");
    if (field.length > most) fail(`it has a text of ${field.length} bytes, expected at most ${most}`);
    const bytes = Buffer.alloc(field.length);
    await read(field.position, bytes);
    return bytes.toString("utf8");
  };
  const pair = async (field: Field, most?: number): Promise<[string, string]> => {
    if (field.kind !== "bytes") return fail("it has a pair that is none");
    let [key, value] = ["", ""];
    for await (const part of fieldsOf(field)) {
      if (part.number === PAIR.key) key = await text(part);
      if (part.number === PAIR.value) value = await text(part, most);
    }
    return [key, value];
  };

  const metadata: Record<string, string> = Object.create(null);
  let told = 0;
  const tell = (key: string, value: string): void => {
    told += key.length + value.length + ENTRY_BYTES;
    if (told > MAX_METADATA) fail(`it says more than ${MAX_METADATA} bytes about itself`);
    metadata[key] = value;
  };
  let graph: Stretch | undefined;
  for await (const field of fieldsOf({ position: 0, length: file.size })) {
    if (field.number === MODEL.irVersion && field.kind === "varint") tell("ir_version", String(field.value));
    if (field.number === MODEL.producerName) tell("producer_name", await text(field));
    if (field.number === MODEL.producerVersion) tell("producer_version", await text(field));
    if (field.number === MODEL.metadata) tell(...(await pair(field, MAX_METADATA)));
    if (field.number === MODEL.opsets && field.kind === "bytes") {
      let [domain, version] = ["", 0n];
      for await (const part of fieldsOf(field)) {
        if (part.number === OPSET.domain) domain = await text(part);
        if (part.number === OPSET.version && part.kind === "varint") version = part.value;
      }
      tell(domain === "" ? "opset" : `opset of ${domain}`, String(version));
    }
    if (field.number === MODEL.graph) {
      if (field.kind !== "bytes" || graph !== undefined) return fail("it has more than one graph, or none");
      graph = field;
    }
  }
  if (graph === undefined) return fail("it has no graph, so it is no ONNX model");

  const tensors = new Map<string, Placed>();
  for await (const field of fieldsOf(graph)) {
    if (field.number !== GRAPH.initialiser) continue;
    if (field.kind !== "bytes") return fail("it has an initialiser that is none");
    const { name, ...placed } = await initialiser(field);
    if (tensors.has(name)) fail(`two tensors are named ${show(name)}`);
    if (tensors.size === MAX_TENSORS) fail(`it has more than ${MAX_TENSORS} tensors`);
    tensors.set(name, placed);
  }
  if (tensors.size === 0) fail("its graph has no initialisers");
  return { tensors, metadata };

  async function initialiser(message: Stretch): Promise<Placed & { name: string }> {
    const shape: number[] = [];
    let [type, name, external] = [0, "", false];
    let numbers: Field | undefined;
    let pieces = 0;
    const places: Record<string, string> = { location: "", offset: "0", length: "" };
    const dimension = (value: bigint) => {
      if (value > BigInt(MAX_ELEMENTS) || shape.length === MAX_RANK) fail("it has a tensor of an impossible shape");
      shape.push(Number(value));
    };
    for await (const part of fieldsOf(message)) {
      if (part.number === TENSOR.dims) {
        if (part.kind === "varint") dimension(part.value);
        else for await (const values of numbersOf(read, part, fail)) for (const value of values) dimension(value);
      } else if (part.number === TENSOR.type && part.kind === "varint") type = Number(part.value);
      else if (part.number === TENSOR.name) name = await text(part);
      else if (part.number === TENSOR.location && part.kind === "varint") external = part.value === 1n;
      else if (part.number === TENSOR.segment) fail("it has a tensor in segments, which are not read");
      else if (part.number === TENSOR.external) {
        const [key, value] = await pair(part);
        if (Object.hasOwn(places, key)) places[key] = value;
      } else if (PLACES.has(part.number)) {
        numbers = part;
        pieces++;
      }
    }
    const dtype = TYPES[type] ?? `ONNX ${type}`;
    const width = ELEMENT_BYTES.get(dtype);
    const count = shape.includes(0) ? 0 : shape.reduce((product, n) => product * n, 1);
    if (count > MAX_ELEMENTS) fail(`tensor ${show(name)} of shape [${shape}] has more than 2^30 elements`);
    const known = { name, dtype, shape, count, bytes: count * (width ?? 0) };
    const expected = `expected ${known.bytes} for ${dtype} [${shape}]`;
    if (external) {
      const begin = wholeNumber(places.offset!, name);
      const bytes = places.length === "" ? known.bytes : wholeNumber(places.length!, name);
      if (width !== undefined && bytes !== known.bytes)
        fail(`tensor ${show(name)} claims ${bytes} bytes of another file, ${expected}`);
      return { ...known, bytes, begin, file: await beside(places.location!, name) };
    }
    if (width === undefined || count === 0) return { ...known, begin: undefined };
    if (numbers === undefined) return fail(`tensor ${show(name)} has no numbers`);
    if (pieces > 1 || numbers.kind !== "bytes")
      return fail(`tensor ${show(name)} has its numbers in several pieces or one by one, which are not read`);
    const { listed, dtypes } = PLACES.get(numbers.number)!;
    if (!dtypes.includes(dtype)) fail(`tensor ${show(name)} of type ${dtype} has numbers of another type`);
    if (listed && count > MAX_LIST)
      fail(`tensor ${show(name)} is a list of ${count} numbers, expected at most ${MAX_LIST}`);
    if (listed) return { ...known, begin: undefined, list: numbers };
    if (numbers.length !== known.bytes) fail(`tensor ${show(name)} has ${numbers.length} bytes, ${expected}`);
    return { ...known, begin: numbers.position };
  }

  function wholeNumber(digits: string, name: string): number {
    const value = Number(digits);
    return /^\d{1,16}$/.test(digits) && Number.isSafeInteger(value)
      ? value
      : fail(`tensor ${show(name)} lies at ${show(digits)} of another file, expected a whole number`);
  }

  /** The path of a file of numbers from the model's folder, in which it must lie, wherever links lead. */
  async function beside(location: string, name: string): Promise<string> {
    const numbers = `the numbers of ${show(name)}`;
    const way = normalize(location);
    if (isAbsolute(location) || isOutside(way))
      return fail(`${numbers} lie in ${show(location)}, outside of the model's folder`);
    const folder = await realpath(dirname(path));
    const there = await realpath(join(folder, way)).catch(() => undefined);
    if (there === undefined || location === "")
      return fail(`${numbers} should lie in ${show(location)} beside it, which is not there`);
    const end = relative(folder, there);
    if (isOutside(end) || resolve(folder, end) !== there)
      return file.refuse(
        `${numbers} lie in ${show(location)}, a link that leads outside of the model's folder`,
        "copy both files, not links to them, into one folder",
      );
    if (there === (await realpath(path))) return fail(`${numbers} should lie in the model itself as in another file`);
    return way;
  }
}

const isOutside = (way: string): boolean => way === ".." || way.startsWith(`..${sep}`);

/** A model and the files beside it that hold its numbers. */
interface OpenModel extends Model {
  readonly main: OpenPlainFile;
  readonly others: ReadonlyMap<string, OpenPlainFile>;
  readonly close: () => Promise<void>;
}

async function openModel(path: string): Promise<OpenModel> {
  const others = new Map<string, OpenPlainFile>();
  const main = await openPlain(path);
  const close = async () => {
    for (const file of [main, ...others.values()]) await file.close();
  };
  return keepingOpen({ ...main, close }, async () => {
    const { tensors, metadata } = await readModel(path, main);
    const inside = new Map<string, (readonly [string, Placed])[]>();
    for (const [name, tensor] of tensors) {
      const { file, begin, bytes } = tensor;
      if (file === undefined) continue;
      const other = others.get(file) ?? (await openPlain(join(dirname(path), file)));
      others.set(file, other);
      if (begin! + bytes > other.size)
        main.refuse(
          `tensor ${show(name)} ends after byte ${begin! + bytes} of ${show(file)}, which has ${other.size}`,
          EXPORT_AGAIN,
        );
      if (!inside.has(file)) inside.set(file, []);
      if (bytes > 0) inside.get(file)!.push([name, tensor]);
    }
    for (const placed of inside.values()) checkApart(placed, main);
    return { tensors, metadata, main, others, close };
  });
}

/** Tensors in one file may be the same bytes, as tied weights are, but not overlap in part. */
function checkApart(placed: readonly (readonly [string, Placed])[], { refuse }: PlainFile): void {
  const sorted = [...placed].sort(([, a], [, b]) => a.begin! - b.begin!);
  for (const [i, [name, { begin, bytes, file }]] of sorted.entries()) {
    const [before, last] = sorted[i - 1] ?? [];
    if (last === undefined || last.begin! + last.bytes <= begin!) continue;
    if (last.begin !== begin || last.bytes !== bytes)
      refuse(`tensors ${show(before!)} and ${show(name)} overlap in ${show(file!)}`, EXPORT_AGAIN);
  }
}

/** Whether files beside a model hold some of its numbers. */
export async function hasFilesBeside(path: string): Promise<boolean> {
  const { others, close } = await openModel(path);
  await close();
  return others.size > 0;
}

/**
 * Opens a model's initialisers.
 * @throws UserError `E_CHECKPOINT` when the file, or one beside it that it needs, is missing or damaged.
 */
export async function openOnnxInitialisers(path: string): Promise<CheckpointFile> {
  const { tensors, metadata, main, others, close } = await openModel(path);
  return {
    ...{ format: "onnx", metadata, tensors, close },
    bytes: [main, ...others.values()].reduce((sum, { size }) => sum + size, 0),
    async readFloats(name, start, into) {
      const tensor = tensors.get(name)!;
      const { dtype, begin, file, list } = tensor;
      if (list !== undefined) {
        const fail = (problem: string): never => main.refuse(`in tensor ${show(name)}: ${problem}`, EXPORT_AGAIN);
        await readList(main, { ...tensor, list }, start, into, fail);
      } else if (into.length > 0) {
        const { read } = file === undefined ? main : others.get(file)!;
        await readFloats(read, dtype, begin! + ELEMENT_BYTES.get(dtype)! * start, into);
      }
    },
  };
}

/** Reads elements of a list of varints, each of which holds in its lowest bits those of an element. */
async function readList(
  { read }: PlainFile,
  { list, dtype, count }: StoredTensor & { readonly list: Stretch },
  start: number,
  into: Float32Array,
  fail: (problem: string) => never,
): Promise<void> {
  const width = ELEMENT_BYTES.get(dtype)!;
  const end = start + into.length;
  const bits = new DataView(new ArrayBuffer(into.length * width));
  let found = 0;
  for await (const numbers of numbersOf(read, list, fail)) {
    for (const [i, number] of numbers.entries()) {
      const at = (found + i - start) * width;
      if (at < 0 || at >= bits.byteLength) continue;
      if (width === 8) bits.setBigUint64(at, number, true);
      else if (width === 4) bits.setUint32(at, Number(number & 0xffffffffn), true);
      else if (width === 2) bits.setUint16(at, Number(number & 0xffffn), true);
      else bits.setUint8(at, Number(number & 0xffn));
    }
    found += numbers.length;
    if (found > count || (found >= end && end < count)) break;
  }
  if (found < end || found > count)
    fail(`it is a list of ${found > count ? "more" : found} numbers, expected ${count}`);
  ALL_DECODERS.get(dtype)!(bits.buffer, into);
}

/**
 * Writes a copy of a model with other values of some initialisers, and of the files of numbers beside it.
 * @returns the SHA-256 of the copy, in hexadecimal; of several files that of their checksums.
 * @throws UserError `E_CHECKPOINT` when the file is damaged, has no such initialiser or one of another size or type, or when
 *   a file of numbers would be replaced that is the model's own or another's.
 */
export async function rewriteOnnx(
  path: string,
  to: string,
  values: ReadonlyMap<string, Float32Array>,
): Promise<string> {
  const { tensors, main, others, close } = await openModel(path);
  try {
    for (const file of others.keys()) await checkFree(path, to, file, main);
    const patches = new Map<string | undefined, Map<number, Patch & { readonly name: string }>>();
    for (const [name, bytes] of encodeFor(path, tensors, values)) {
      const { begin, file, list } = tensors.get(name)!;
      if (bytes.length === 0) continue;
      if (list !== undefined)
        main.refuse(
          `tensor ${show(name)} stands as a list of numbers, which is not rewritten`,
          "export the model again with its numbers as raw bytes, as onnx.numpy_helper.from_array makes them",
        );
      const own = patches.get(file) ?? new Map<number, Patch & { readonly name: string }>();
      patches.set(file, own);
      const same = own.get(begin!);
      if (same !== undefined && Buffer.compare(same.bytes, bytes) !== 0)
        main.refuse(
          `${show(name)} shares elements with ${show(same.name)}, and they are given different values`,
          "generate one of them, or none",
        );
      own.set(begin!, { name, position: begin!, bytes });
    }
    const copy = (file: PlainFile, place: string, own = new Map<number, Patch>()) =>
      copyPatched(file, place, own.values());
    // The model first: where it stands, the files of numbers beside it are its own.
    const sums = [await copy(main, to, patches.get(undefined))];
    for (const [file, other] of others) sums.push(await copy(other, join(dirname(to), file), patches.get(file)));
    return sums.length === 1 ? sums[0]! : createHash("sha256").update(sums.join()).digest("hex");
  } finally {
    await close();
  }
}

/** Makes sure that a copy's file of numbers replaces none of this model, nor of a model that was there before. */
async function checkFree(path: string, to: string, file: string, { refuse }: PlainFile): Promise<void> {
  const real = (place: string) => realpath(place).catch(() => undefined);
  const target = join(dirname(to), file);
  const there = await real(target);
  const numbers = `its numbers lie in ${show(file)} beside it, which a copy there would replace`;
  if (resolve(target) === resolve(to))
    refuse(`the copy is called ${show(file)} as its numbers are`, "choose another name");
  if (there === undefined) return;
  if (there === (await real(join(dirname(path), file)))) refuse(numbers, "choose another folder");
  if ((await real(to)) === undefined)
    refuse(`${numbers}; in ${dirname(to)} it may belong to another model`, "choose a folder for each model");
}
