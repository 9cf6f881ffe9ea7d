/**
 * ONNX models as checkpoints: their tensors are the initialisers of the main graph, whose numbers lie in the model's file or in
 * files beside it. Nothing else of the model is looked at, and rewriting leaves all other bytes as they are.
 */
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";

import { show } from "../files/index.ts";
import type { CheckpointFile, StoredTensor } from "./checkpoint-file.ts";
import { DECODERS, ELEMENT_BYTES } from "./dtypes.ts";
import { encodeFor } from "./encode-values.ts";
import { byteReader, type Field, fieldsOf, varintsOf } from "./onnx-wire.ts";
import { copyPatched, type Patch } from "./patched-copy.ts";
import { type OpenPlainFile, openPlain, type PlainFile } from "./plain-file.ts";
import { readFloats } from "./read-floats.ts";

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

/** Element types by their number. */
const TYPES: Readonly<Record<number, string>> = {
  ...{ 1: "F32", 2: "U8", 3: "I8", 4: "U16", 5: "I16", 6: "I32", 7: "I64", 9: "BOOL", 10: "F16", 11: "F64" },
  ...{ 12: "U32", 13: "U64", 14: "C64", 16: "BF16", 17: "F8_E4M3", 19: "F8_E5M2" },
};

const MAX_TENSORS = 65_536;
const MAX_RANK = 64;
const MAX_ELEMENTS = 2 ** 30;
/** The most numbers of a list of small ones, which are held one by one. */
const MAX_LIST = 2 ** 22;
/** Names, keys and values. */
const MAX_TEXT = 4096;

const EXPORT_AGAIN = "copy the file again, or export the model again";

/** Where the numbers of an initialiser lie. */
interface Placed extends StoredTensor {
  /** Undefined where they stand as a list of small numbers, which is read but not rewritten. */
  readonly begin: number | undefined;
  /** The file beside the model that holds them. */
  readonly file?: string;
  readonly list?: Field & { readonly kind: "bytes" };
}

interface Model {
  readonly tensors: ReadonlyMap<string, Placed>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Walks a model. */
async function readModel(path: string, file: PlainFile): Promise<Model> {
  const fail = (problem: string): never => file.refuse(problem, EXPORT_AGAIN);
  const byteAt = byteReader(file, fail);
  const within = (field: Field & { kind: "bytes" }) => ({ start: field.position, end: field.position + field.length });
  const fields = (range: { start: number; end: number }) => fieldsOf(byteAt, range, fail);
  const text = async (field: Field): Promise<string> => {
    if (field.kind !== "bytes" || field.length > MAX_TEXT) return fail("it has a name that is none");
    const bytes = new Uint8Array(field.length);
    await file.read(field.position, bytes);
    return Buffer.from(bytes).toString("utf8");
  };
  const pair = async (field: Field): Promise<[string, string]> => {
    if (field.kind !== "bytes") return fail("it has a pair that is none");
    let [key, value] = ["", ""];
    for await (const part of fields(within(field))) {
      if (part.number === PAIR.key) key = await text(part);
      if (part.number === PAIR.value) value = await text(part);
    }
    return [key, value];
  };

  const metadata: Record<string, string> = Object.create(null);
  let graph: (Field & { kind: "bytes" }) | undefined;
  for await (const field of fields({ start: 0, end: file.size })) {
    if (field.number === MODEL.irVersion && field.kind === "varint") metadata.ir_version = String(field.value);
    if (field.number === MODEL.producerName) metadata.producer_name = await text(field);
    if (field.number === MODEL.producerVersion) metadata.producer_version = await text(field);
    if (field.number === MODEL.metadata) {
      const [key, value] = await pair(field);
      metadata[key] = value;
    }
    if (field.number === MODEL.opsets && field.kind === "bytes") {
      let [domain, version] = ["", 0n];
      for await (const part of fields(within(field))) {
        if (part.number === OPSET.domain) domain = await text(part);
        if (part.number === OPSET.version && part.kind === "varint") version = part.value;
      }
      metadata[domain === "" ? "opset" : `opset of ${domain}`] = String(version);
    }
    if (field.number === MODEL.graph) {
      if (field.kind !== "bytes" || graph !== undefined) return fail("it has more than one graph, or none");
      graph = field;
    }
  }
  if (graph === undefined) return fail("it has no graph, so it is no ONNX model");

  const tensors = new Map<string, Placed>();
  for await (const field of fields(within(graph))) {
    if (field.number !== GRAPH.initialiser) continue;
    if (field.kind !== "bytes") return fail("it has an initialiser that is none");
    const { name, ...placed } = await initialiser(within(field));
    if (tensors.has(name)) fail(`two tensors are named ${show(name)}`);
    if (tensors.size === MAX_TENSORS) fail(`it has more than ${MAX_TENSORS} tensors`);
    tensors.set(name, placed);
  }
  if (tensors.size === 0) fail("its graph has no initialisers");
  return { tensors, metadata };

  async function initialiser(range: { start: number; end: number }): Promise<Placed & { name: string }> {
    const shape: number[] = [];
    let [type, name, external] = [0, "", false];
    let numbers: Field | undefined;
    const places = new Map<string, string>();
    const dimension = (value: bigint) => {
      if (value > BigInt(MAX_ELEMENTS) || shape.length === MAX_RANK) fail("it has a tensor of an impossible shape");
      shape.push(Number(value));
    };
    for await (const part of fields(range)) {
      if (part.number === TENSOR.dims) {
        if (part.kind === "varint") dimension(part.value);
        else if (part.kind === "bytes")
          for (const value of await varintsOf(byteAt, part, MAX_RANK, fail)) dimension(value);
      } else if (part.number === TENSOR.type && part.kind === "varint") type = Number(part.value);
      else if (part.number === TENSOR.name) name = await text(part);
      else if (part.number === TENSOR.location && part.kind === "varint") external = part.value === 1n;
      else if (part.number === TENSOR.segment) fail("it has a tensor in segments, which are not read");
      else if (part.number === TENSOR.external) {
        const [key, value] = await pair(part);
        places.set(key, value);
      } else if (
        [TENSOR.floats, TENSOR.ints, TENSOR.longs, TENSOR.raw, TENSOR.doubles, TENSOR.unsigned].includes(part.number)
      ) {
        if (numbers !== undefined) fail(`tensor ${show(name)} has its numbers in several pieces, which are not read`);
        numbers = part;
      }
    }
    const dtype = TYPES[type] ?? `ONNX ${type}`;
    const count = shape.includes(0) ? 0 : shape.reduce((product, n) => product * n, 1);
    if (count > MAX_ELEMENTS) fail(`tensor ${show(name)} of shape [${shape}] has more than 2^30 elements`);
    const known = { name, dtype, shape, count };
    const bytes = count * (ELEMENT_BYTES.get(dtype) ?? 0);
    if (external) {
      const begin = wholeNumber(places.get("offset") ?? "0", name);
      const length = places.get("length");
      if (length !== undefined && wholeNumber(length, name) !== bytes)
        fail(`tensor ${show(name)} claims ${length} bytes of another file, expected ${bytes} for ${dtype} [${shape}]`);
      return { ...known, begin, file: await beside(places.get("location") ?? "", name) };
    }
    if (count === 0) return { ...known, begin: range.start };
    if (numbers?.kind !== "bytes") return fail(`tensor ${show(name)} has no numbers`);
    const asBytes: Readonly<Record<number, string>> = { [TENSOR.floats]: "F32", [TENSOR.doubles]: "F64" };
    if (numbers.number === TENSOR.raw || asBytes[numbers.number] === dtype) {
      if (numbers.length !== bytes && ELEMENT_BYTES.has(dtype))
        fail(`tensor ${show(name)} has ${numbers.length} bytes, expected ${bytes} for ${dtype} [${shape}]`);
      return { ...known, begin: numbers.position };
    }
    if (count > MAX_LIST) fail(`tensor ${show(name)} is a list of ${count} numbers, expected at most ${MAX_LIST}`);
    return { ...known, begin: undefined, list: numbers };
  }

  function wholeNumber(digits: string, name: string): number {
    const value = Number(digits);
    return /^\d{1,16}$/.test(digits) && Number.isSafeInteger(value)
      ? value
      : fail(`tensor ${show(name)} lies at ${show(digits)} of another file, expected a whole number`);
  }

  /** The path of a file of numbers, which must lie in the model's folder, wherever links lead. */
  async function beside(location: string, name: string): Promise<string> {
    const folder = await realpath(dirname(path));
    const there = await realpath(join(folder, location)).catch(() => undefined);
    if (there === undefined || location === "")
      return fail(`the numbers of ${show(name)} should lie in ${show(location)} beside it, which is not there`);
    const way = relative(folder, there);
    if (way === "" || way === ".." || way.startsWith(`..${sep}`) || resolve(folder, way) !== there)
      return fail(`the numbers of ${show(name)} lie in ${show(location)}, outside of the model's folder`);
    return way;
  }
}

/** A model and the files beside it that hold its numbers. */
interface OpenModel extends Model {
  readonly main: OpenPlainFile;
  readonly others: ReadonlyMap<string, OpenPlainFile>;
  readonly close: () => Promise<void>;
}

async function openModel(path: string): Promise<OpenModel> {
  const main = await openPlain(path);
  const others = new Map<string, OpenPlainFile>();
  const close = async () => {
    for (const file of [main, ...others.values()]) await file.close();
  };
  try {
    const { tensors, metadata } = await readModel(path, main);
    for (const [name, { file, begin, dtype, count }] of tensors) {
      if (file === undefined) continue;
      const other = others.get(file) ?? (await openPlain(join(dirname(path), file)));
      others.set(file, other);
      const end = begin! + count * (ELEMENT_BYTES.get(dtype) ?? 0);
      if (end > other.size)
        main.refuse(
          `tensor ${show(name)} ends after byte ${end} of ${show(file)}, which has ${other.size}`,
          EXPORT_AGAIN,
        );
    }
    return { tensors, metadata, main, others, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Opens a model's initialisers.
 * @throws UserError `E_CHECKPOINT` when the file, or one beside it that it needs, is missing or damaged.
 */
export async function openOnnxInitialisers(path: string): Promise<CheckpointFile> {
  const { tensors, metadata, main, others, close } = await openModel(path);
  const byteAt = byteReader(main, (problem) => main.refuse(problem, EXPORT_AGAIN));
  return {
    ...{ format: "onnx", metadata, tensors, close },
    bytes: [main, ...others.values()].reduce((sum, { size }) => sum + size, 0),
    async readFloats(name, start, into) {
      const { dtype, begin, file, list, count } = tensors.get(name)!;
      const fail = (problem: string): never => main.refuse(`tensor ${show(name)} ${problem}`, EXPORT_AGAIN);
      if (!ELEMENT_BYTES.has(dtype) || dtype === "C64") fail(`is of type ${dtype}, which is not read`);
      else if (list !== undefined) {
        const values = await varintsOf(byteAt, list, count, fail);
        if (values.length !== count) fail(`has ${values.length} numbers, expected ${count}`);
        into.set(fromVarints(values.slice(start, start + into.length), dtype));
      } else {
        const { read } = file === undefined ? main : others.get(file)!;
        await readFloats(read, dtype, begin! + ELEMENT_BYTES.get(dtype)! * start, into);
      }
    },
  };
}

/** Numbers that stand as a list of varints: whole ones, and the bits of float16 and bfloat16. */
function fromVarints(values: readonly bigint[], dtype: string): Float32Array {
  const signed = (bits: number) => Float32Array.from(values, (v) => Number(BigInt.asIntN(bits, v)));
  if (dtype === "F16" || dtype === "BF16") {
    const halves = Uint16Array.from(values, (v) => Number(BigInt.asUintN(16, v)));
    const decoded = new Float32Array(halves.length);
    DECODERS.get(dtype)!(halves.buffer, decoded);
    return decoded;
  }
  return dtype.startsWith("U") ? Float32Array.from(values, Number) : signed(64);
}

/**
 * Writes a copy of a model with other values of some initialisers, and of the files of numbers beside it.
 * @returns the SHA-256 of the copy, in hexadecimal; of several files that of their checksums.
 * @throws UserError `E_CHECKPOINT` when the file is damaged, has no such initialiser or one of another size or type, or would
 *   be replaced itself.
 */
export async function rewriteOnnx(
  path: string,
  to: string,
  values: ReadonlyMap<string, Float32Array>,
): Promise<string> {
  const { tensors, main, others, close } = await openModel(path);
  try {
    if (others.size > 0 && resolve(dirname(path)) === resolve(dirname(to)))
      main.refuse(
        "its numbers lie in files beside it, which a copy in the same folder would replace",
        "choose another folder",
      );
    const patches = new Map<string | undefined, Patch[]>();
    for (const [name, bytes] of encodeFor(path, tensors, values)) {
      const { begin, file } = tensors.get(name)!;
      if (begin === undefined) {
        main.refuse(`tensor ${show(name)} stands as a list of small numbers, which is not rewritten`, EXPORT_AGAIN);
        continue;
      }
      patches.set(file, [...(patches.get(file) ?? []), { position: begin, bytes }]);
    }
    const sums = [];
    for (const [file, other] of others)
      sums.push(await copyPatched(other, join(dirname(to), file), patches.get(file) ?? []));
    const sum = await copyPatched(main, to, patches.get(undefined) ?? []);
    return others.size === 0
      ? sum
      : createHash("sha256")
          .update([sum, ...sums].join())
          .digest("hex");
  } finally {
    await close();
  }
}
