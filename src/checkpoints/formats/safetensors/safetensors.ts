/**
 * Safetensors files: read tensor by tensor, never trusting what they say, and written whole with
 * reproducible bytes.
 */

import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { UserError } from "../../../errors.ts";
import { writeAtomic } from "../../../files/index.ts";
import { get } from "../../../lookup.ts";
import { show } from "../../../show.ts";
import { DECODERS, ELEMENT_BYTES, numberType } from "../dtypes.ts";
import { openPlainFile, PIECE_BYTES, type ReadBytes, readExactly, requireLittleEndian } from "../plain-file.ts";
import { bytesOf, readFloats as readElements } from "../read-floats.ts";
import { decodeHeader, encodeHeader, LENGTH_BYTES, MAX_HEADER_BYTES, type SafetensorsHeader } from "./header.ts";

/** A tensor with its values in row-major order. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Float32, or int64 for counters such as a batch normalisation's `num_batches_tracked`. */
  readonly data: Float32Array | BigInt64Array;
}

/** A whole file in memory; both maps in the order of the file. */
export interface SafetensorsContent {
  readonly tensors: Map<string, Float32Array>;
  readonly shapes: Map<string, readonly number[]>;
  readonly metadata: Record<string, string>;
}

/**
 * The tensors of a checkpoint as float32, whatever their types in the file; all maps in the order
 * of the file.
 */
export interface StateDict {
  readonly tensors: Map<string, Float32Array>;
  readonly shapes: Map<string, readonly number[]>;
  /**
   * What the elements are in the file, in the words of safetensors: `F32`, `BF16`, `I64`, `BOOL`.
   */
  readonly dtypes: Map<string, string>;
}

/** An open file whose header has been read and found sound. Reads may run side by side. */
export interface SafetensorsFile {
  readonly header: SafetensorsHeader;
  /** Fills `into` with the bytes from a position of the file. */
  readonly readBytes: ReadBytes;
  /** Fills `into` with the elements of a tensor from index `start`, converted to float32. */
  readonly readFloats: (name: string, start: number, into: Float32Array) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Reads what a file says about itself.
 * @throws UserError `E_CHECKPOINT` when it is missing, unreadable or not a sound safetensors file.
 */
export function readHeader(path: string): Promise<SafetensorsHeader> {
  return withSafetensors(path, async ({ header }) => header);
}

/**
 * Reads a whole file. F64 is rounded to float32; F16 and BF16 convert exactly.
 * @throws UserError `E_CHECKPOINT` when it is missing or damaged, or has a tensor of another type,
 *   naming it.
 */
export function readSafetensors(path: string): Promise<SafetensorsContent> {
  return withSafetensors(path, async (file) => {
    const { tensors, shapes } = await readAll(path, file, DECODERS);
    return { tensors, shapes, metadata: file.header.metadata };
  });
}

/**
 * Writes float32 and int64 tensors, in the given order, atomically. The same tensors and metadata
 * give the same bytes.
 * @param metadata written in the order of its sorted keys.
 * @returns the SHA-256 of the file's bytes, in hexadecimal.
 * @throws UserError `E_DISK` when the disk is full or not ours to write; RangeError on a repeated
 *   name and on data that do not fill their shape.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<string> {
  requireLittleEndian();
  const list = [...tensors];
  const typed = list.map((tensor) => ({ ...tensor, dtype: dtypeOf(tensor.data) }));
  const header = encodeHeader(typed, metadata);
  for (const { name, shape, data } of list)
    if (data.length !== shape.reduce((product, dimension) => product * dimension, 1))
      throw new RangeError(`tensor ${show(name)} has ${data.length} values, not the shape [${shape}]`);

  const hash = createHash("sha256");
  function* pieces(): Generator<Uint8Array> {
    for (const bytes of [header, ...list.map(({ data }) => bytesOf(data))])
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        const piece = bytes.subarray(at, at + PIECE_BYTES);
        hash.update(piece);
        yield piece;
      }
  }
  await writeAtomic(path, pieces());
  return hash.digest("hex");
}

/** Opens a file for as long as `use` needs it. */
export async function withSafetensors<T>(path: string, use: (file: SafetensorsFile) => Promise<T>): Promise<T> {
  const file = await openSafetensors(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/**
 * Opens a file and checks its header.
 * @throws UserError `E_CHECKPOINT` when it is missing, unreadable or not a sound safetensors file.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  requireLittleEndian();
  const handle = await openPlainFile(path);
  const readBytes: ReadBytes = (position, into) => readExactly(handle, path, position, into);
  try {
    const header = await readChecked(handle, path);
    const readFloats = async (name: string, start: number, into: Float32Array) => {
      const { dtype: stored, begin } = get(header.tensors, name);
      const dtype = numberType(stored);
      await readElements(readBytes, dtype, begin + get(ELEMENT_BYTES, dtype) * start, into);
    };
    return { header, readBytes, readFloats, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const dtypeOf = (data: NamedTensor["data"]): "F32" | "I64" => (data instanceof BigInt64Array ? "I64" : "F32");

/** Every tensor of a file, if all have types among the decoders. */
async function readAll(
  path: string,
  { header, readFloats }: SafetensorsFile,
  decoders: typeof DECODERS,
): Promise<StateDict> {
  const tensors = new Map<string, Float32Array>();
  const shapes = new Map<string, readonly number[]>();
  const dtypes = new Map<string, string>();
  for (const [name, { shape, dtype, count }] of header.tensors) {
    if (!decoders.has(dtype))
      throw new UserError(
        "E_CHECKPOINT",
        `${path}: tensor ${show(name)} has the type ${dtype}, expected ${[...decoders.keys()].join(", ")}; export it as float32 or leave it out`,
      );
    const data = new Float32Array(count);
    await readFloats(name, 0, data);
    tensors.set(name, data);
    shapes.set(name, shape);
    dtypes.set(name, dtype);
  }
  return { tensors, shapes, dtypes };
}

async function readChecked(handle: FileHandle, path: string): Promise<SafetensorsHeader> {
  const fail = (problem: string): never => {
    throw new UserError(
      "E_CHECKPOINT",
      `${path} is damaged or not a safetensors file: ${problem}; copy or export it again`,
    );
  };
  const { size } = await handle.stat();
  if (size < LENGTH_BYTES) fail(`it has ${size} bytes, expected at least ${LENGTH_BYTES}`);
  const prefix = Buffer.alloc(LENGTH_BYTES);
  await readExactly(handle, path, 0, prefix);
  const claimed = prefix.readBigUInt64LE();
  if (claimed > MAX_HEADER_BYTES) fail(`its header claims ${claimed} bytes, expected at most ${MAX_HEADER_BYTES}`);
  const dataStart = LENGTH_BYTES + Number(claimed);
  if (dataStart > size) fail(`it has ${size} bytes, its header alone claims ${dataStart}`);
  const header = new Uint8Array(Number(claimed));
  await readExactly(handle, path, LENGTH_BYTES, header);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    return fail("its header is not UTF-8 text");
  }
  return decodeHeader(text, dataStart, size, fail);
}
