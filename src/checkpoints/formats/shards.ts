/**
 * Sharded checkpoints: several files and an index that says which tensor lies in which, as Hugging
 * Face writes large ones (`model.safetensors.index.json`, `pytorch_model.bin.index.json`). A
 * sharded checkpoint is opened by its index or by the folder that holds it.
 */

import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { UserError } from "../../errors.ts";
import { makeFolder, openFiles, writeAtomic } from "../../files/index.ts";
import { at, get, given } from "../../lookup.ts";
import { show, showAll } from "../../show.ts";
import type { CheckpointFile, StoredTensor } from "./checkpoint-file.ts";
import { openPlain, withPlainFile } from "./plain-file.ts";
import { openSafetensorsFile, rewriteSafetensors } from "./safetensors/safetensors-file.ts";
import { openPth, rewritePth } from "./torch/pth.ts";

const ENDING = ".index.json";

/** Bytes of an index, at most: as many as of the header of one file. */
const MAX_BYTES = 25_000_000;

/** Shards of a checkpoint, at most. */
const MAX_SHARDS = 10_000;

const schema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/** The index in a folder; undefined where there is none, or more than one. */
async function indexIn(folder: string): Promise<string | undefined> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ENDING));
  return names.length === 1 ? join(folder, at(names, 0)) : undefined;
}

/** Whether a folder holds a sharded checkpoint. */
export const hasShardIndex = async (folder: string): Promise<boolean> => (await indexIn(folder)) !== undefined;

/** Whether a path is that of an index, or of a folder with one. */
export async function isSharded(path: string): Promise<boolean> {
  if (path.endsWith(ENDING)) return true;
  return (await stat(path).catch(() => undefined))?.isDirectory() === true && hasShardIndex(path);
}

interface Index {
  readonly path: string;
  /** Files by tensor, in the order of the index. */
  readonly files: ReadonlyMap<string, string>;
  readonly shards: readonly string[];
}

async function readIndex(folderOrIndex: string): Promise<Index> {
  const path = folderOrIndex.endsWith(ENDING) ? folderOrIndex : given(await indexIn(folderOrIndex));
  const folder = dirname(path);
  const { size, read, refuse, close } = await openPlain(path);
  const bytes = new Uint8Array(Math.min(size, MAX_BYTES + 1));
  await read(0, bytes).finally(close);
  const fail = (problem: string): never => refuse(problem, "copy the checkpoint again, with all its files");
  if (size > MAX_BYTES) fail(`it has ${size} bytes, expected at most ${MAX_BYTES}`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return fail("it is not JSON");
  }
  const index = schema.safeParse(value);
  if (!index.success) return fail("it has no weight_map from tensors to files");
  // The schema leaves this name out without a word.
  const { weight_map: written } = value as { weight_map: object };
  if (Object.hasOwn(written, "__proto__")) return fail("it names a tensor __proto__, which is no tensor of a network");
  const files = new Map<string, string>();
  for (const [tensor, file] of Object.entries(index.data.weight_map)) {
    if (file === "" || file !== basename(file) || /[\\/\0]/.test(file) || file === "..")
      fail(`it puts ${show(tensor)} in ${show(file)}, expected a file beside it`);
    files.set(tensor, join(folder, file));
  }
  const shards = [...new Set(files.values())];
  if (shards.length === 0 || shards.length > MAX_SHARDS)
    fail(`it names ${shards.length} files, expected 1 to ${MAX_SHARDS}`);
  return { path, files, shards };
}

const open = (path: string): Promise<CheckpointFile> =>
  path.endsWith(".safetensors") ? openSafetensorsFile(path) : openPth(path);

/**
 * Opens a sharded checkpoint.
 * @param path of its index, or of the folder that holds it.
 * @throws UserError `E_CHECKPOINT` when the index or a file is missing or damaged, or a tensor is
 *   not where it should be.
 */
export async function openShards(path: string): Promise<CheckpointFile> {
  const { path: index, files, shards } = await readIndex(path);
  const opened = openFiles((i) => open(at(shards, i)));
  const { close } = opened;
  const numbers = new Map(shards.map((shard, i) => [shard, i]));
  try {
    const facts = new Map<string, Pick<CheckpointFile, "format" | "bytes" | "metadata" | "tensors">>();
    for (const [i, shard] of shards.entries()) facts.set(shard, await opened.use(i, async (file) => file));
    const tensors = new Map<string, StoredTensor>();
    const missing: string[] = [];
    for (const [name, file] of files) {
      const found = get(facts, file).tensors.get(name);
      if (found === undefined) missing.push(name);
      else tensors.set(name, found);
    }
    const unknown = [...facts.values()].flatMap((file) => [...file.tensors.keys()].filter((name) => !files.has(name)));
    const fail = (problem: string): never => {
      throw new UserError("E_CHECKPOINT", `${index}: ${problem}; copy the checkpoint again, with all its files`);
    };
    if (missing.length > 0) fail(`its files lack ${showAll(missing)}`);
    if (unknown.length > 0) fail(`its files hold ${showAll(unknown)}, which it does not name`);
    const all = [...facts.values()];
    return {
      format: at(all, 0).format,
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
      metadata: at(all, 0).metadata,
      tensors,
      readFloats: (name, start, into) =>
        opened.use(get(numbers, get(files, name)), (file) => file.readFloats(name, start, into)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Writes a copy of a sharded checkpoint with other values of some tensors into a new folder.
 * @returns the SHA-256 of the checksums of its files, in hexadecimal.
 */
export async function rewriteShards(
  path: string,
  to: string,
  values: ReadonlyMap<string, Float32Array>,
): Promise<string> {
  const { path: index, files, shards } = await readIndex(path);
  const unknown = [...values.keys()].filter((name) => !files.has(name));
  if (unknown.length > 0)
    throw new UserError(
      "E_CHECKPOINT",
      `${index}: there is no tensor ${showAll(unknown)} to replace; give a checkpoint of the same network`,
    );
  await makeFolder(to);
  const hash = createHash("sha256");
  for (const shard of shards) {
    const own = new Map([...values].filter(([name]) => files.get(name) === shard));
    const rewrite = shard.endsWith(".safetensors") ? rewriteSafetensors : rewritePth;
    hash.update(await rewrite(shard, join(to, basename(shard)), own));
  }
  const text = await withPlainFile(index, async ({ size, read }) => {
    const bytes = new Uint8Array(size);
    await read(0, bytes);
    return bytes;
  });
  await writeAtomic(join(to, basename(index)), text);
  return hash.digest("hex");
}
