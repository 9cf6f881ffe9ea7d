/** Safetensors files: read tensor by tensor, never trusting what they say, and written whole with reproducible bytes. */
import { createHash } from "node:crypto";
import { type FileHandle, open, stat } from "node:fs/promises";
import { endianness } from "node:os";

import { UserError } from "../errors.ts";
import { writeAtomic } from "../files/index.ts";
import { DECODERS, ELEMENT_BYTES } from "./dtypes.ts";
import {
  decodeHeader,
  encodeHeader,
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  type SafetensorsHeader,
  type TensorInfo,
} from "./safetensors-header.ts";
import { show } from "./show.ts";

/** The most bytes moved by one call: Node takes less than 2 GiB, and hashing a piece should not hold up the program. */
const PIECE_BYTES = 2 ** 23;

/** A tensor with its values in row-major order. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A whole file in memory; both maps in the order of the file. */
export interface SafetensorsContent {
  readonly tensors: Map<string, Float32Array>;
  readonly shapes: Map<string, readonly number[]>;
  readonly metadata: Record<string, string>;
}

/** An open file whose header has been read and found sound. Reads may run side by side. */
export interface SafetensorsFile {
  readonly header: SafetensorsHeader;
  /** Fills `into` with the bytes from a position of the file. */
  readonly readBytes: (position: number, into: Uint8Array) => Promise<void>;
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
 * @throws UserError `E_CHECKPOINT` when it is missing or damaged, or has a tensor of another type, naming it.
 */
export function readSafetensors(path: string): Promise<SafetensorsContent> {
  return withSafetensors(path, async ({ header, readFloats }) => {
    const tensors = new Map<string, Float32Array>();
    const shapes = new Map<string, readonly number[]>();
    for (const [name, { shape, dtype, count }] of header.tensors) {
      if (!DECODERS.has(dtype)) throw notFloat(path, name, dtype);
      const data = new Float32Array(count);
      await readFloats(name, 0, data);
      tensors.set(name, data);
      shapes.set(name, shape);
    }
    return { tensors, shapes, metadata: header.metadata };
  });
}

/**
 * Writes float32 tensors, in the given order, atomically. The same tensors and metadata give the same bytes.
 * @param metadata written in the order of its sorted keys.
 * @returns the SHA-256 of the file's bytes, in hexadecimal.
 * @throws UserError `E_DISK` when the disk is full or not ours to write; RangeError on a repeated name and on data that
 *   do not fill their shape.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<string> {
  requireLittleEndian();
  const list = [...tensors];
  const header = encodeHeader(list, metadata);
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
  const readBytes = (position: number, into: Uint8Array) => readExactly(handle, path, position, into);
  try {
    const header = await readChecked(handle, path);
    const readFloats = async (name: string, start: number, into: Float32Array) =>
      readDecoded(readBytes, header.tensors.get(name)!, start, into);
    return { header, readBytes, readFloats, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The bytes of an array, not copied. */
export function bytesOf(array: Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function requireLittleEndian(): void {
  if (endianness() !== "LE")
    throw new UserError(
      "E_DEVICE",
      "safetensors are little-endian and this machine is not; use a little-endian machine",
    );
}

function notFloat(path: string, name: string, dtype: string): UserError {
  return new UserError(
    "E_CHECKPOINT",
    `${path}: tensor ${show(name)} has the type ${dtype}, expected ${[...DECODERS.keys()].join(", ")}; export it as float32 or leave it out`,
  );
}

async function openPlainFile(path: string): Promise<FileHandle> {
  try {
    // Asked before opening: to open a named pipe would wait for a writer, perhaps for ever.
    if (!(await stat(path)).isFile())
      throw new UserError("E_CHECKPOINT", `cannot read ${path}: it is not a plain file; give a .safetensors file`);
    return await open(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof UserError || code === undefined) throw error;
    const problem = code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "no permission" : code;
    throw new UserError("E_CHECKPOINT", `cannot read ${path}: ${problem}; check the path and its permissions`, {
      cause: error,
    });
  }
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

async function readDecoded(
  readBytes: SafetensorsFile["readBytes"],
  { dtype, begin }: TensorInfo,
  start: number,
  into: Float32Array,
): Promise<void> {
  const width = ELEMENT_BYTES.get(dtype)!;
  if (dtype === "F32") return readBytes(begin + width * start, bytesOf(into));
  const decode = DECODERS.get(dtype)!;
  const step = PIECE_BYTES / width;
  const scratch = new ArrayBuffer(Math.min(into.length, step) * width);
  for (let at = 0; at < into.length; at += step) {
    const part = into.subarray(at, at + step);
    await readBytes(begin + width * (start + at), new Uint8Array(scratch, 0, width * part.length));
    decode(scratch, part);
  }
}

/** Fills `into` from a position of the file, however few bytes the system gives at a time. */
async function readExactly(handle: FileHandle, path: string, position: number, into: Uint8Array): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, Math.min(into.length - done, PIECE_BYTES), position + done);
    if (bytesRead === 0)
      throw new UserError(
        "E_CHECKPOINT",
        `${path} ended at byte ${position + done} while it was read; leave the file alone and start again`,
      );
    done += bytesRead;
  }
}
