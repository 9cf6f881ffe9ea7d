/**
 * Checkpoints that `torch.save` wrote (.pth, .pt, .bin): a pickle that describes tensors, and their storages. Since
 * PyTorch 1.6 they are zip archives, before that pickles one after another with the storages behind them. Nothing in them
 * is ever run; what of them is understood is in torch-objects.ts.
 */

import { show, unpickle } from "../files/index.ts";
import { ELEMENT_BYTES } from "./dtypes.ts";
import { type PlainFile, withPlainFile } from "./plain-file.ts";
import type { StateDict } from "./safetensors.ts";
import { findStateDict, MAX_TENSORS, SAVE_AGAIN, type Storage, torchRules } from "./torch-objects.ts";
import { budgetOf, type OpenStorage, readTensors } from "./torch-tensors.ts";
import { openZip } from "./zip.ts";

/** The largest pickle that is read; those of the largest models have a few megabytes. */
const MAX_PICKLE_BYTES = 2 ** 28;

/** The first byte of a pickle of protocol 2 or later. */
export const PICKLE_PROTOCOL = 0x80;

/** What files of the old format start with: two pickled numbers. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_VERSION = 1001;

/** How much of an old file is read for its pickles at first; more where they turn out longer. */
const LEGACY_PREFIX = 2 ** 16;

/**
 * Reads the state dict of a checkpoint. It may be all there is, stand among other things, or under `state_dict`, `model`,
 * `model_state_dict` or `net`; where all names start with `module.`, as `DataParallel` has them, that is dropped. F64 and
 * integers are rounded to float32; the other types convert exactly.
 * @throws UserError `E_CHECKPOINT` when the file is missing or damaged, asks for a Python object that is not allowed
 *   (naming it), or would fill far more memory than its size.
 */
export function readPth(path: string): Promise<StateDict> {
  return withPlainFile(path, async (file) => {
    const start = new Uint8Array(Math.min(file.size, 4));
    await file.read(0, start);
    if (isZip(start)) return readArchive(file);
    if (start[0] === PICKLE_PROTOCOL) return readLegacy(file);
    return file.refuse("it is neither a zip archive nor a pickle, expected a file that torch.save wrote", SAVE_AGAIN);
  });
}

/** Whether a file's first four bytes are those of a zip archive. */
export function isZip(start: Uint8Array): boolean {
  return Buffer.from(start).equals(Buffer.from("PK\x03\x04"));
}

async function readArchive(file: PlainFile): Promise<StateDict> {
  const fail = (problem: string): never => file.refuse(problem, SAVE_AGAIN);
  const spend = budgetOf(file);
  const zip = await openZip(file);

  async function entry(name: string, most: number): Promise<Uint8Array | undefined> {
    const content = await zip.open(name, spend);
    if (content === undefined) return undefined;
    if (content.size > most) fail(`its ${show(name)} has ${content.size} bytes, expected at most ${most}`);
    const bytes = new Uint8Array(content.size);
    await content.read(0, bytes);
    return bytes;
  }

  // Everything lies in one folder, named after the file that was written.
  const folder = zip.names.find((name) => /^[^/]+\/data\.pkl$/.test(name))?.split("/")[0];
  if (folder === undefined) return fail("it is a zip archive without data.pkl, expected one that torch.save wrote");
  if (zip.names.includes(`${folder}/constants.pkl`)) return fail("it is a TorchScript program, expected a state dict");
  const order = await entry(`${folder}/byteorder`, 16);
  if (order !== undefined && Buffer.from(order).toString("latin1").trim() !== "little")
    return fail("its numbers are not little-endian");
  const pickle = (await entry(`${folder}/data.pkl`, MAX_PICKLE_BYTES))!;
  const { rules } = torchRules(file.refuse, () => fail("its pickle ends in the middle"));
  const objects = findStateDict(unpickle(pickle, 0, rules).value, file.refuse);

  const openStorage: OpenStorage = async (storage) => {
    const content = await zip.open(`${folder}/data/${storage.key}`, spend);
    if (content?.size !== bytesOf(storage))
      return fail(`its storage ${show(storage.key)} has ${content?.size ?? "no"} bytes, expected ${bytesOf(storage)}`);
    return content.read;
  };
  return readTensors(objects, openStorage, spend, file);
}

async function readLegacy(file: PlainFile): Promise<StateDict> {
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
  const openStorage: OpenStorage = async ({ key }) => {
    const start = starts.get(key) ?? fail(`its storage ${show(key)} is missing`);
    return (offset, into) => file.read(start + offset, into);
  };
  return readTensors(findStateDict(value, file.refuse), openStorage, budgetOf(file), file);
}

/** What the pickles at the start of a file of the old format stand for, and where they end. */
interface LegacyPickles {
  readonly value: unknown;
  readonly storages: ReadonlyMap<string, Storage>;
  /** The storages in the order in which they follow. */
  readonly keys: readonly string[];
  readonly end: number;
}

/** Their length is not known beforehand: a prefix of the file is tried, then a longer one. */
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

const bytesOf = ({ dtype, count }: Storage): number => count * ELEMENT_BYTES.get(dtype)!;
