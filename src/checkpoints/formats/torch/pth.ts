/**
 * Checkpoints that `torch.save` wrote (.pth, .pt, .bin): a pickle that describes tensors, and their
 * storages. Since PyTorch 1.6 such a file is a zip archive; before, it was several pickles with the
 * storages behind them. Nothing in a file is executed; torch-objects.ts lists the objects that are
 * understood.
 */

import { unpickle } from "../../../files/index.ts";
import { get, given } from "../../../lookup.ts";
import { show, showAll } from "../../../show.ts";
import type { CheckpointFile, FileOptions } from "../checkpoint-file.ts";
import { ELEMENT_BYTES } from "../dtypes.ts";
import { encodeFor } from "../encode-values.ts";
import { patchedCopy } from "../patched-copy.ts";
import { type Pieces, writePieces } from "../pieces.ts";
import { keepingOpen, openPlain, type PlainFile, withPlainFile } from "../plain-file.ts";
import { openZip } from "../zip.ts";
import { rewrittenZip } from "../zip-rewrite.ts";
import { findStateDict } from "./state-dicts.ts";
import { MAX_TENSORS, SAVE_AGAIN, type Storage, torchRules } from "./torch-objects.ts";
import {
  budgetOf,
  holds,
  type OpenStorage,
  type Spend,
  scatter,
  storedTensor,
  viewReader,
  viewsOf,
} from "./torch-tensors.ts";

/** Bytes of a pickle, at most; those of the largest models have a few megabytes. */
const MAX_PICKLE_BYTES = 2 ** 28;

/** The first byte of a pickle of protocol 2 or later. */
export const PICKLE_PROTOCOL = 0x80;

/** What files of the old format start with: two pickled numbers. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_VERSION = 1001;

/**
 * Bytes of a file of the old format that are read for its pickles at first; more are read if they
 * turn out longer.
 */
const LEGACY_PREFIX = 2 ** 16;

/** A parsed checkpoint. */
interface TorchFile {
  /** Of its pickle, in which the state dict has yet to be found. */
  readonly value: unknown;
  /** Opens the bytes of a storage. */
  readonly open: OpenStorage;
  /** A copy of the file in which whole storages are replaced. */
  readonly rewritten: (storages: ReadonlyMap<Storage, Uint8Array>) => Promise<Pieces>;
  readonly spend: Spend;
}

/** Whether a file's first four bytes are those of a zip archive. */
export function isZip(start: Uint8Array): boolean {
  return Buffer.from(start).equals(Buffer.from("PK\x03\x04"));
}

/**
 * Opens a checkpoint. Its state dict may be the whole content, be among other things, or lie under
 * `state_dict`, `model` and similar keys. If all names start with `module.` or `_orig_mod.`, that
 * prefix is dropped. F64 and integers are rounded to float32; the other types convert exactly.
 * @throws UserError `E_CHECKPOINT` when the file is missing or damaged, asks for a Python object
 *   that is not allowed (naming it), has no network under the key, or would fill far more memory
 *   than its size.
 */
export async function openPth(path: string, options: FileOptions = {}): Promise<CheckpointFile> {
  return keepingOpen(await openPlain(path), async (file) => {
    const content = await readTorch(file, options);
    return { format: "pth", bytes: file.size, metadata: {}, ...content, close: file.close };
  });
}

/** Which network of a file is meant, and what counts the memory that it takes. */
export interface TorchOptions extends FileOptions {
  /** By default it is limited by the size of the file. */
  readonly spend?: Spend | undefined;
}

/** The network in a file that `torch.save` wrote. */
export type TorchContent = Pick<CheckpointFile, "tensors" | "beside" | "readFloats">;

/**
 * Reads what `torch.save` wrote from an open file, or from a file within another.
 * @throws UserError `E_CHECKPOINT` as `openPth` does.
 */
export async function readTorch(file: PlainFile, { key, spend }: TorchOptions = {}): Promise<TorchContent> {
  const parts = await takeApart(file, spend);
  const { tensors, beside } = findStateDict(parts.value, file.refuse, key);
  const views = viewsOf(tensors, parts.spend, file);
  const read = viewReader(parts.open);
  return {
    tensors: new Map([...views].map(([name, view]) => [name, storedTensor(view)])),
    beside,
    readFloats: (name, start, into) => read(get(views, name), start, into),
  };
}

/**
 * Writes a copy of a checkpoint with other values of some tensors. The pickle stays byte for byte,
 * and with it names, order, nesting, everything else in it, and which tensors share elements.
 * @param values by the names that `openPth` gives; rounded to the tensors' types.
 * @returns the SHA-256 of the copy, in hexadecimal.
 * @throws UserError `E_CHECKPOINT` when the file is damaged, has no such tensor, or one of
 *   another size or not of a floating-point type, or when tensors that share elements are given
 *   different values.
 */
export function rewritePth(
  path: string,
  to: string,
  values: ReadonlyMap<string, Float32Array>,
  options: FileOptions = {},
): Promise<string> {
  return withPlainFile(path, async (file) => writePieces(to, await rewrittenTorch(file, values, options)));
}

/**
 * A copy of an open file, or of a file within another, with other values of some tensors, as
 * `rewritePth` writes it. The file must stay open until the last piece is read.
 * @throws UserError `E_CHECKPOINT` as `rewritePth` does.
 */
export async function rewrittenTorch(
  file: PlainFile,
  values: ReadonlyMap<string, Float32Array>,
  { key, spend }: TorchOptions = {},
): Promise<Pieces> {
  const parts = await takeApart(file, spend);
  // A copy without other values needs no state dict.
  const tensors = values.size === 0 ? new Map() : findStateDict(parts.value, file.refuse, key).tensors;
  const views = viewsOf(tensors, parts.spend, file);
  const encoded = encodeFor(file.refuse, views, values);
  const storages = new Map<Storage, Uint8Array>();
  for (const [name, bytes] of encoded) {
    const view = get(views, name);
    const storage = storages.get(view.storage) ?? new Uint8Array(bytesOf(view.storage));
    if (!storages.has(view.storage)) {
      await (await parts.open(view.storage))(0, storage);
      storages.set(view.storage, storage);
    }
    scatter(bytes, view, storage);
  }
  for (const [name, bytes] of encoded) {
    const view = get(views, name);
    if (holds(get(storages, view.storage), view, bytes)) continue;
    const sharing = [...encoded.keys()].filter((n) => n !== name && get(views, n).storage === view.storage);
    file.refuse(
      `${show(name)} shares elements with ${sharing.length > 0 ? showAll(sharing) : "itself"}, and they are given different values`,
      "generate one of them, or none",
    );
  }
  return parts.rewritten(storages);
}

async function takeApart(file: PlainFile, spend: Spend = budgetOf(file)): Promise<TorchFile> {
  const start = new Uint8Array(Math.min(file.size, 4));
  await file.read(0, start);
  if (isZip(start)) return archiveParts(file, spend);
  if (start[0] === PICKLE_PROTOCOL) return legacyParts(file, spend);
  return file.refuse("it is neither a zip archive nor a pickle, expected a file that torch.save wrote", SAVE_AGAIN);
}

/**
 * The name of an archive's pickle in the single folder of all entries, which is named after the
 * file.
 */
const PICKLE_ENTRY = /^[^/]+\/data\.pkl$/;

/** Whether a zip archive with such entries was written by `torch.save`. */
export const isTorchZip = (names: readonly string[]): boolean => names.some((name) => PICKLE_ENTRY.test(name));

async function archiveParts(file: PlainFile, spend: Spend): Promise<TorchFile> {
  const fail = (problem: string): never => file.refuse(problem, SAVE_AGAIN);
  const zip = await openZip(file);

  async function entry(name: string, most: number): Promise<Uint8Array | undefined> {
    const content = await zip.open(name, spend);
    if (content === undefined) return undefined;
    if (content.size > most) fail(`its ${show(name)} has ${content.size} bytes, expected at most ${most}`);
    const bytes = new Uint8Array(content.size);
    await content.read(0, bytes);
    return bytes;
  }

  const folder = zip.names.find((name) => PICKLE_ENTRY.test(name))?.split("/")[0];
  if (folder === undefined) return fail("it is a zip archive without data.pkl, expected one that torch.save wrote");
  if (zip.names.includes(`${folder}/constants.pkl`)) return fail("it is a TorchScript program, expected a state dict");
  const order = await entry(`${folder}/byteorder`, 16);
  if (order !== undefined && Buffer.from(order).toString("latin1").trim() !== "little")
    return fail("its numbers are not little-endian");
  const pickle = given(await entry(`${folder}/data.pkl`, MAX_PICKLE_BYTES));
  const { rules } = torchRules(file.refuse, () => fail("its pickle ends in the middle"));
  const nameOf = (storage: Storage) => `${folder}/data/${storage.key}`;
  return {
    value: unpickle(pickle, 0, rules).value,
    async open(storage) {
      const content = await zip.open(nameOf(storage), spend);
      if (content?.size !== bytesOf(storage))
        return fail(
          `its storage ${show(storage.key)} has ${content?.size ?? "no"} bytes, expected ${bytesOf(storage)}`,
        );
      return content.read;
    },
    rewritten: (storages) =>
      rewrittenZip(file, new Map([...storages].map(([storage, bytes]) => [nameOf(storage), bytes]))),
    spend,
  };
}

async function legacyParts(file: PlainFile, spend: Spend): Promise<TorchFile> {
  const fail = (problem: string): never => file.refuse(problem, SAVE_AGAIN);
  const { value, storages, keys, end } = await readPickles(file);
  const starts = new Map<string, number>();
  let position = end;
  for (const key of keys) {
    const storage = storages.get(key) ?? fail(`its storage ${show(key)} is not described`);
    const bytes = new Uint8Array(8);
    if (position + 8 + bytesOf(storage) > file.size)
      fail(`its storage ${show(key)} ends after byte ${position + 8 + bytesOf(storage)}, the file at ${file.size}`);
    await file.read(position, bytes);
    const count = Buffer.from(bytes.buffer).readBigUInt64LE();
    if (count !== BigInt(storage.count))
      fail(`its storage ${show(key)} has ${count} elements, expected ${storage.count}`);
    starts.set(key, position + 8);
    position += 8 + bytesOf(storage);
  }
  return {
    value,
    async open({ key }) {
      const start = starts.get(key) ?? fail(`its storage ${show(key)} is missing`);
      return (offset, into) => file.read(start + offset, into);
    },
    rewritten: async (replaced) =>
      patchedCopy(
        file,
        [...replaced].map(([{ key }, bytes]) => ({ position: get(starts, key), bytes })),
      ),
    spend,
  };
}

/** What the pickles at the start of a file of the old format describe, and where they end. */
interface LegacyPickles {
  readonly value: unknown;
  readonly storages: ReadonlyMap<string, Storage>;
  /** The storages in the order in which they follow. */
  readonly keys: readonly string[];
  readonly end: number;
}

/**
 * Reads these pickles. Their length is not known beforehand, so ever longer prefixes of the file
 * are tried.
 */
async function readPickles(file: PlainFile): Promise<LegacyPickles> {
  const most = Math.min(file.size, MAX_PICKLE_BYTES);
  for (let length = Math.min(LEGACY_PREFIX, most); ; length = Math.min(4 * length, most)) {
    const prefix = new Uint8Array(length);
    await file.read(0, prefix);
    const pickles = parsePickles(prefix, file, length === most);
    if (pickles !== undefined) return pickles;
  }
}

/** Undefined where the prefix is too short, unless it is the last to be tried. */
function parsePickles(prefix: Uint8Array, { refuse }: PlainFile, last: boolean): LegacyPickles | undefined {
  const fail = (problem: string): never => refuse(problem, SAVE_AGAIN);
  const tooShort = new Error("more bytes are needed");
  const { rules, storages } = torchRules(refuse, () => {
    if (last) return fail("its pickle ends in the middle");
    throw tooShort;
  });
  let end = 0;
  const next = (): unknown => {
    const pickle = unpickle(prefix, end, rules);
    end = pickle.end;
    return pickle.value;
  };
  try {
    if (next() !== LEGACY_MAGIC || next() !== LEGACY_VERSION) fail("it is a pickle, but not one that torch.save wrote");
    const system = next();
    if (!(system instanceof Map) || system.get("little_endian") !== true) fail("its numbers are not little-endian");
    const value = next();
    const keys = next();
    if (!isListOfNames(keys) || keys.length > MAX_TENSORS || new Set(keys).size !== keys.length)
      return fail("its list of storages is not one");
    return { value, storages, keys, end };
  } catch (error) {
    if (error === tooShort) return undefined;
    throw error;
  }
}

const isListOfNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === "string");

const bytesOf = ({ dtype, count }: Storage): number => count * get(ELEMENT_BYTES, dtype);
