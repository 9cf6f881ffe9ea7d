/**
 * Finds the initialisers of an ONNX model without loading it: names, shapes, types, and where the
 * numbers of each lie, in the model's file or in files beside it.
 *
 * This is a second reader of ONNX beside `graph/onnx-import/`, on purpose. That one parses a whole
 * model in memory to run its operators. This one skips the operators and reads no numbers, so it
 * takes a few kilobytes of memory for a model of any size, works for operators that cannot be
 * imported, and knows byte positions, which rewriting needs.
 */
import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from "node:path";

import { isTensorName } from "../../../graph/index.ts";
import { show } from "../../../show.ts";
import type { StoredTensor } from "../checkpoint-file.ts";
import { byNumbers, ELEMENT_BYTES } from "../dtypes.ts";
import type { PlainFile } from "../plain-file.ts";
import { type ByteRange, type Field, type MessageReader, messageReader, packedVarints } from "./onnx-wire.ts";

/** Field numbers of ONNX's messages (onnx.proto). */
const MODEL = { irVersion: 1, producerName: 2, producerVersion: 3, graph: 7, opsets: 8, metadata: 14 };
const GRAPH = { node: 1, initialiser: 5 };
const NODE = { input: 1, output: 2, op: 4, attribute: 5 };
const ATTRIBUTE = { name: 1, tensor: 5 };
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

/**
 * Names of element types by ONNX's number (TensorProto.DataType): safetensors' name where it has
 * one, else ONNX's own. Types without a safetensors name are listed but not read.
 */
const TYPES: ReadonlyMap<number, string> = new Map(
  (
    "UNDEFINED F32 U8 I8 U16 I16 I32 I64 STRING BOOL F16 F64 U32 U64 C64 COMPLEX128 BF16 F8_E4M3 FLOAT8E4M3FNUZ " +
    "F8_E5M2 FLOAT8E5M2FNUZ UINT4 INT4 FLOAT4E2M1 F8_E8M0 UINT2 INT2"
  )
    .split(" ")
    .map((name, number) => [number, name] as const),
);

/** How the values of a tensor are stored. */
interface Storage {
  /**
   * Whether they are a list of varints; else they are little-endian numbers one after the other.
   */
  readonly listed: boolean;
  /** The element types that are stored so. */
  readonly dtypes: readonly string[];
}

/** The fields of a tensor that may hold its values. */
const STORAGES: ReadonlyMap<number, Storage> = new Map<number, Storage>([
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
/** The longest list of varints: a read of any element starts at the first one. */
const MAX_LIST = 2 ** 22;
/** Bytes of a name or of a path. */
const MAX_TEXT = 4096;
/** Bytes of all metadata, such as class names. An entry counts ENTRY_BYTES more than its text. */
const MAX_METADATA = 2 ** 24;
const ENTRY_BYTES = 64;

/** What a user can do about a damaged model. */
export const EXPORT_AGAIN = "copy the file again, or export the model again";

/** Values that are little-endian numbers, one after the other. */
export interface BytesPlace {
  readonly kind: "bytes";
  /**
   * The file that holds them, by its path from the model's folder; undefined for the model itself.
   */
  readonly file: string | undefined;
  /** Position of the first byte in the file, and how many bytes there are. */
  readonly begin: number;
  readonly bytes: number;
}

/** Values that are a list of varints in the model, which is read but not rewritten. */
export interface ListPlace {
  readonly kind: "list";
  readonly list: ByteRange;
}

/** An initialiser. */
export interface OnnxTensor extends StoredTensor {
  /** Where its values lie; undefined where it has none, or where its type is not read. */
  readonly place: BytesPlace | ListPlace | undefined;
}

/** What a model says about itself, and its initialisers by name. */
export interface OnnxTensors {
  readonly tensors: ReadonlyMap<string, OnnxTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What the functions below read a model with. */
interface Reader extends MessageReader {
  readonly path: string;
  readonly file: PlainFile;
  /** Refuses the model; the problem is a clause. */
  readonly fail: (problem: string) => never;
}

/**
 * Reads where the initialisers of a model's main graph lie.
 * @param path of the model; the files that it refers to must lie in its folder.
 * @throws UserError `E_CHECKPOINT` when the model is damaged, or refers to a file that is missing
 *   or outside its folder.
 */
export async function readOnnxTensors(path: string, file: PlainFile): Promise<OnnxTensors> {
  const fail = (problem: string): never => file.refuse(problem, EXPORT_AGAIN);
  const reader: Reader = { ...messageReader(file, fail), path, file, fail };
  const { graph, metadata } = await readTopLevel(reader);
  const tensors = new Map<string, OnnxTensor>();
  const add = (name: string, tensor: OnnxTensor): void => {
    if (tensors.has(name)) fail(`two tensors are named ${show(name)}`);
    if (tensors.size === MAX_TENSORS) fail(`it has more than ${MAX_TENSORS} tensors`);
    tensors.set(name, tensor);
  };
  const others: NamedNode[] = [];
  for await (const field of reader.fieldsOf(graph)) {
    if (field.number !== GRAPH.initialiser && field.number !== GRAPH.node) continue;
    if (field.kind !== "bytes") return fail("it has an initialiser or a node that is none");
    if (field.number === GRAPH.node) others.push(...(await readNode(reader, field)));
    else {
      const { name, ...tensor } = await readInitialiser(reader, field);
      add(name, tensor);
    }
  }
  // Nodes come before the initialisers that they name.
  const passed = new Map<string, OnnxTensor>();
  for (const { name, tensor, of } of others) {
    const found = tensor ?? tensors.get(of) ?? passed.get(of);
    if (found === undefined || found.shape.length === 0) continue;
    if (isTensorName(name)) add(name, found);
    else passed.set(name, found);
  }
  if (tensors.size === 0) fail("its graph has no initialisers");
  return { tensors, metadata };
}

/** A value that a node gives a name: a constant's tensor, or that of another name. */
interface NamedNode {
  readonly name: string;
  readonly tensor: OnnxTensor | undefined;
  readonly of: string;
}

/**
 * Reads a node: one that gives a tensor another name (Identity, where an exporter merged equal
 * tensors), or one whose attribute is a tensor (Constant); nothing for any other.
 */
async function readNode(reader: Reader, message: ByteRange): Promise<NamedNode[]> {
  let [name, of, op] = ["", "", ""];
  let tensor: OnnxTensor | undefined;
  for await (const part of reader.fieldsOf(message)) {
    if (part.number === NODE.input) of = await readText(reader, part);
    else if (part.number === NODE.output) name = await readText(reader, part);
    else if (part.number === NODE.op) op = await readText(reader, part);
    else if (part.number === NODE.attribute && op === "Constant" && isTensorName(name) && part.kind === "bytes")
      tensor = await readTensorAttribute(reader, part);
  }
  return op === "Identity" || tensor !== undefined ? [{ name, tensor, of }] : [];
}

async function readTensorAttribute(reader: Reader, message: ByteRange): Promise<OnnxTensor | undefined> {
  let name = "";
  for await (const part of reader.fieldsOf(message)) {
    if (part.number === ATTRIBUTE.name) name = await readText(reader, part);
    if (part.number === ATTRIBUTE.tensor && name === "value" && part.kind === "bytes") {
      const { name: _, ...tensor } = await readInitialiser(reader, part);
      return tensor;
    }
  }
  return undefined;
}

/** Reads the fields of the outermost message: metadata, and where the graph lies. */
async function readTopLevel(reader: Reader): Promise<{ graph: ByteRange; metadata: Record<string, string> }> {
  const { fieldsOf, fail } = reader;
  const metadata: Record<string, string> = Object.create(null);
  let bytes = 0;
  const note = (key: string, value: string): void => {
    bytes += key.length + value.length + ENTRY_BYTES;
    if (bytes > MAX_METADATA) fail(`it says more than ${MAX_METADATA} bytes about itself`);
    metadata[key] = value;
  };
  let graph: ByteRange | undefined;
  for await (const field of fieldsOf({ position: 0, length: reader.file.size })) {
    if (field.number === MODEL.irVersion && field.kind === "varint") note("ir_version", String(field.value));
    if (field.number === MODEL.producerName) note("producer_name", await readText(reader, field));
    if (field.number === MODEL.producerVersion) note("producer_version", await readText(reader, field));
    if (field.number === MODEL.metadata) note(...(await readPair(reader, field, MAX_METADATA)));
    if (field.number === MODEL.opsets && field.kind === "bytes") note(...(await readOpset(reader, field)));
    if (field.number === MODEL.graph) {
      if (field.kind !== "bytes" || graph !== undefined) return fail("it has more than one graph, or none");
      graph = field;
    }
  }
  if (graph === undefined) return fail("it has no graph, so it is no ONNX model");
  return { graph, metadata };
}

/** Reads a field as UTF-8 text of at most `max` bytes. */
async function readText({ read, fail }: Reader, field: Field, max = MAX_TEXT): Promise<string> {
  if (field.kind !== "bytes") return fail("it has a text that is a number");
  if (field.length > max) fail(`it has a text of ${field.length} bytes, expected at most ${max}`);
  const bytes = Buffer.alloc(field.length);
  await read(field.position, bytes);
  return bytes.toString("utf8");
}

/** Reads a key and a value of at most `max` bytes. */
async function readPair(reader: Reader, field: Field, max?: number): Promise<[key: string, value: string]> {
  if (field.kind !== "bytes") return reader.fail("it has a pair that is none");
  let [key, value] = ["", ""];
  for await (const part of reader.fieldsOf(field)) {
    if (part.number === PAIR.key) key = await readText(reader, part);
    if (part.number === PAIR.value) value = await readText(reader, part, max);
  }
  return [key, value];
}

/** Reads a set of operators and its version, as an entry of the metadata. */
async function readOpset(reader: Reader, message: ByteRange): Promise<[key: string, version: string]> {
  let [domain, version] = ["", 0n];
  for await (const part of reader.fieldsOf(message)) {
    if (part.number === OPSET.domain) domain = await readText(reader, part);
    if (part.number === OPSET.version && part.kind === "varint") version = part.value;
  }
  return [domain === "" ? "opset" : `opset of ${domain}`, String(version)];
}

/** The fields of a tensor's message. */
interface TensorFields {
  readonly name: string;
  readonly shape: readonly number[];
  /** ONNX's number of the element type. */
  readonly type: number;
  /** The last field that holds values, and how many such fields there are. */
  readonly values: Field | undefined;
  readonly pieces: number;
  /**
   * Where in another file the values lie: path, and bytes as digits; undefined where they lie in
   * the model.
   */
  readonly external: { readonly location: string; readonly offset: string; readonly length: string } | undefined;
}

async function readTensorFields(reader: Reader, message: ByteRange): Promise<TensorFields> {
  const { fieldsOf, read, fail } = reader;
  const shape: number[] = [];
  let [type, name, isExternal, pieces] = [0, "", false, 0];
  let values: Field | undefined;
  const external = new Map([
    ["location", ""],
    ["offset", "0"],
    ["length", ""],
  ]);
  const addDimension = (value: bigint) => {
    if (value > BigInt(MAX_ELEMENTS) || shape.length === MAX_RANK) fail("it has a tensor of an impossible shape");
    shape.push(Number(value));
  };
  for await (const part of fieldsOf(message)) {
    if (part.number === TENSOR.dims) {
      if (part.kind === "varint") addDimension(part.value);
      else for await (const list of packedVarints(read, part, fail)) for (const value of list) addDimension(value);
    } else if (part.number === TENSOR.type && part.kind === "varint") type = Number(part.value);
    else if (part.number === TENSOR.name) name = await readText(reader, part);
    else if (part.number === TENSOR.location && part.kind === "varint") isExternal = part.value === 1n;
    else if (part.number === TENSOR.segment) fail("it has a tensor in segments, which are not read");
    else if (part.number === TENSOR.external) {
      const [key, value] = await readPair(reader, part);
      if (external.has(key)) external.set(key, value);
    } else if (STORAGES.has(part.number)) {
      values = part;
      pieces++;
    }
  }
  const [location = "", offset = "", length = ""] = external.values();
  return { name, shape, type, values, pieces, external: isExternal ? { location, offset, length } : undefined };
}

async function readInitialiser(reader: Reader, message: ByteRange): Promise<OnnxTensor & { name: string }> {
  const { fail } = reader;
  const { name, shape, type, values, pieces, external } = await readTensorFields(reader, message);
  const dtype = TYPES.get(type) ?? `ONNX ${type}`;
  const width = ELEMENT_BYTES.get(dtype);
  const count = shape.includes(0) ? 0 : shape.reduce((product, n) => product * n, 1);
  if (count > MAX_ELEMENTS) fail(`tensor ${show(name)} of shape [${shape}] has more than 2^30 elements`);
  const known = byNumbers({ name, dtype, shape, count });
  const size = count * (width ?? 0);
  const expected = `expected ${size} for ${dtype} [${shape}]`;
  if (external !== undefined) {
    const begin = wholeNumber(reader, external.offset, name);
    const bytes = external.length === "" ? size : wholeNumber(reader, external.length, name);
    if (width !== undefined && bytes !== size)
      fail(`tensor ${show(name)} claims ${bytes} bytes of another file, ${expected}`);
    const file = await externalPath(reader, external.location, name);
    return { ...known, place: { kind: "bytes", file, begin, bytes } };
  }
  if (width === undefined || count === 0) return { ...known, place: undefined };
  if (values === undefined) return fail(`tensor ${show(name)} has no numbers`);
  const storage = STORAGES.get(values.number);
  if (pieces > 1 || values.kind !== "bytes" || storage === undefined)
    return fail(`tensor ${show(name)} has its numbers in several pieces or one by one, which are not read`);
  if (!storage.dtypes.includes(dtype)) fail(`tensor ${show(name)} of type ${dtype} has numbers of another type`);
  if (storage.listed && count > MAX_LIST)
    fail(`tensor ${show(name)} is a list of ${count} numbers, expected at most ${MAX_LIST}`);
  if (storage.listed) return { ...known, place: { kind: "list", list: values } };
  if (values.length !== size) fail(`tensor ${show(name)} has ${values.length} bytes, ${expected}`);
  return { ...known, place: { kind: "bytes", file: undefined, begin: values.position, bytes: size } };
}

function wholeNumber({ fail }: Reader, digits: string, name: string): number {
  const value = Number(digits);
  return /^\d{1,16}$/.test(digits) && Number.isSafeInteger(value)
    ? value
    : fail(`tensor ${show(name)} lies at ${show(digits)} of another file, expected a whole number`);
}

/**
 * The path of an external file from the model's folder. The file must lie in that folder after
 * links are followed, so that a model cannot make this program read any other file.
 */
async function externalPath({ path, file, fail }: Reader, location: string, name: string): Promise<string> {
  const numbers = `the numbers of ${show(name)}`;
  const fromFolder = normalize(location);
  if (isAbsolute(location) || isOutside(fromFolder))
    return fail(`${numbers} lie in ${show(location)}, outside of the model's folder`);
  const folder = await realpath(dirname(path));
  const real = await realpath(join(folder, fromFolder)).catch(() => undefined);
  if (real === undefined || location === "")
    return fail(`${numbers} should lie in ${show(location)} beside it, which is not there`);
  const realFromFolder = relative(folder, real);
  if (isOutside(realFromFolder) || resolve(folder, realFromFolder) !== real)
    return file.refuse(
      `${numbers} lie in ${show(location)}, a link that leads outside of the model's folder`,
      "copy both files, not links to them, into one folder",
    );
  if (real === (await realpath(path))) return fail(`${numbers} should lie in the model itself as in another file`);
  return fromFolder;
}

const isOutside = (path: string): boolean => path === ".." || path.startsWith(`..${sep}`);
