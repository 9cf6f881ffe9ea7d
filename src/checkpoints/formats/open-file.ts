/** Opens checkpoints of any known format, and rewrites them in the format that they have. */

import { basename, extname, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { FOREIGN_BYTES, foreignFile } from "../../files/index.ts";
import { get } from "../../lookup.ts";
import { show } from "../../show.ts";
import type { CheckpointFile, FileOptions } from "./checkpoint-file.ts";
import { ALL_DECODERS } from "./dtypes.ts";
import { NPY_MAGIC, openNpy, rewriteNpy } from "./numpy/npy.ts";
import { openNpz, rewriteNpz } from "./numpy/npz.ts";
import { hasFilesBeside, openOnnxInitialisers, rewriteOnnx } from "./onnx/onnx-initialisers.ts";
import { type PlainFile, withPlainFile } from "./plain-file.ts";
import { LENGTH_BYTES, MAX_HEADER_BYTES } from "./safetensors/header.ts";
import { openSafetensorsFile, rewriteSafetensors } from "./safetensors/safetensors-file.ts";
import { isSharded, openShards, rewriteShards } from "./shards.ts";
import { isAgent, openAgent, rewriteAgent } from "./torch/agent-archive.ts";
import { isTorchZip, isZip, openPth, PICKLE_PROTOCOL, rewritePth } from "./torch/pth.ts";
import { openZip } from "./zip.ts";

/** How a format is read and written. */
interface Format {
  open(path: string, options: FileOptions): Promise<CheckpointFile>;
  rewrite(path: string, to: string, values: ReadonlyMap<string, Float32Array>, options: FileOptions): Promise<string>;
}

const formats = {
  safetensors: { open: openSafetensorsFile, rewrite: rewriteSafetensors },
  pth: { open: openPth, rewrite: rewritePth },
  agent: { open: openAgent, rewrite: rewriteAgent },
  npz: { open: openNpz, rewrite: rewriteNpz },
  npy: { open: openNpy, rewrite: rewriteNpy },
  onnx: { open: openOnnxInitialisers, rewrite: rewriteOnnx },
  shards: { open: openShards, rewrite: rewriteShards },
} as const satisfies Readonly<Record<string, Format>>;

/** The formats whose files may hold several networks, of which a key chooses one. */
const KEYED: readonly Format[] = [formats.pth, formats.agent];

/** The format of a file: by its first bytes, or by its ending for formats without a signature. */
async function formatOf(path: string): Promise<Format> {
  if (await isSharded(path)) return formats.shards;
  return withPlainFile(path, async (file) => {
    const start = Buffer.alloc(Math.min(file.size, FOREIGN_BYTES));
    await file.read(0, start);
    if (start.subarray(0, NPY_MAGIC.length).equals(NPY_MAGIC)) return formats.npy;
    if (isZip(start.subarray(0, 4))) return zipFormat(file);
    if (isPickle(start.subarray(0, LENGTH_BYTES))) return formats.pth;
    const foreign = isSafetensors(start) ? undefined : foreignFile(start);
    if (foreign !== undefined) return file.refuse(foreign.what, foreign.advice);
    return extname(path).toLowerCase() === ".onnx" ? formats.onnx : formats.safetensors;
  });
}

/** Files of other programs that are zip archives, by an entry that they have. */
const ARCHIVES: readonly (readonly [entry: RegExp, what: string, advice: string])[] = [
  [
    /^model\.weights\.h5$/,
    "it is a model as Keras saves it, with its numbers in HDF5",
    "convert them to .npz or .safetensors with Keras",
  ],
];

/** The format of a zip archive. */
async function zipFormat(file: PlainFile): Promise<Format> {
  const { names } = await openZip(file);
  if (isTorchZip(names)) return formats.pth;
  if (isAgent(names)) return formats.agent;
  if (names.some((name) => name.endsWith(".npy"))) return formats.npz;
  const known = ARCHIVES.find(([entry]) => names.some((name) => entry.test(name)));
  return known === undefined ? formats.pth : file.refuse(known[1], known[2]);
}

/** Whether a file starts as one of safetensors: the length of a header, and JSON. */
const isSafetensors = (start: Buffer): boolean =>
  start.length > LENGTH_BYTES && start.readBigUInt64LE() <= MAX_HEADER_BYTES && start[LENGTH_BYTES] === 0x7b;

/** A safetensors file may start with the same byte, where that is part of its header's length. */
function isPickle(start: Buffer): boolean {
  return start[0] === PICKLE_PROTOCOL && (start.length < LENGTH_BYTES || start.readBigUInt64LE() > MAX_HEADER_BYTES);
}

/** Refuses a key for a format whose files hold one network. */
function checkKey(path: string, format: Format, { key }: FileOptions): void {
  if (key !== undefined && !KEYED.includes(format))
    throw new UserError(
      "E_CHECKPOINT",
      `${path}: the key ${show(key)} names a network in a file of torch.save, and this file holds only one; leave it out`,
    );
}

/**
 * Opens a checkpoint: safetensors, a file of `torch.save` (nothing in it is executed), an agent of
 * Stable-Baselines3, .npz, .npy, an ONNX model, or a folder or index of shards.
 * @throws UserError `E_CHECKPOINT` when it is missing or damaged, is of another kind (saying
 *   which), asks for a Python object that is not allowed, or has no network under the key.
 */
export async function openFile(path: string, options: FileOptions = {}): Promise<CheckpointFile> {
  const format = await formatOf(path);
  checkKey(path, format, options);
  const file = await format.open(path, options);
  return {
    ...file,
    async readFloats(name, start, into) {
      const { dtype } = get(file.tensors, name);
      if (!ALL_DECODERS.has(dtype))
        throw new UserError(
          "E_CHECKPOINT",
          `${path}: tensor ${show(name)} is of type ${dtype}, which is not read as numbers; select other tensors`,
        );
      await file.readFloats(name, start, into);
    },
  };
}

/**
 * Writes a copy of a checkpoint with other values of some tensors. Names, shapes, types, order and
 * everything else stay the same. For a sharded checkpoint, `to` is a folder.
 * @returns the SHA-256 of the copy, in hexadecimal; for several files, the SHA-256 of their
 *   checksums.
 * @throws UserError `E_CHECKPOINT` when it is missing or damaged, or has no such tensor, or one
 *   of another size or not of a floating-point type.
 */
export async function rewriteFile(
  path: string,
  to: string,
  values: ReadonlyMap<string, Float32Array>,
  options: FileOptions = {},
): Promise<string> {
  if (values.size > 0 && resolve(path) === resolve(to))
    throw new UserError("E_CHECKPOINT", `${path} would replace itself; choose another place`);
  const format = await formatOf(path);
  // A copy of the whole file is one of all networks in it.
  if (values.size > 0) checkKey(path, format, options);
  return format.rewrite(path, to, values, options);
}

/**
 * The ending for the name of a copy: empty if the copy is a folder of shards. For a model with
 * external data it is a name within a folder of its own, so that the data files of two copies do
 * not collide.
 * @throws UserError `E_CHECKPOINT` when the file is missing or damaged.
 */
export async function endingOfCopy(path: string): Promise<string> {
  const format = await formatOf(path);
  if (format === formats.shards) return "";
  if (format === formats.onnx && (await hasFilesBeside(path))) return `/${basename(path)}`;
  return /\.pth?\.tar$/i.exec(path)?.[0] ?? extname(path);
}
