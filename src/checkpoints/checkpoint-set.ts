/**
 * A set of checkpoints of one network: finds the files by patterns, sorts them, and checks that
 * they differ in nothing but their values.
 */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { UserError } from "../errors.ts";
import { at, get } from "../lookup.ts";
import { show, showAll, showFaults } from "../show.ts";
import type { CheckpointFile, FileOptions, StoredTensor } from "./formats/checkpoint-file.ts";
import { openFile } from "./formats/open-file.ts";
import { hasShardIndex } from "./formats/shards.ts";

/** File name endings of checkpoints in a folder. */
const ENDINGS = /\.(safetensors|pth|pt|pth\.tar|pt\.tar|bin|ckpt|npz|npy|onnx)$/i;

/** Files in a set, at most. */
const MAX_FILES = 100_000;

/** Sorts by the numbers in names: step 2 comes before step 10. */
const natural = new Intl.Collator("en", { numeric: true });

/**
 * Finds the checkpoints that paths, folders and patterns name, each once. The files of one pattern
 * or folder are sorted by the numbers in their names. A folder stands for the checkpoints directly
 * in it, or for one sharded checkpoint if it holds the index of its shards.
 * @throws UserError `E_CHECKPOINT` where one names nothing.
 */
export async function checkpointFiles(patterns: string | readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const pattern of [patterns].flat()) for (const file of await filesOf(pattern)) found.add(file);
  if (found.size > MAX_FILES)
    throw new UserError("E_CHECKPOINT", `there are ${found.size} checkpoints, expected at most ${MAX_FILES}`);
  return [...found];
}

async function filesOf(pattern: string): Promise<string[]> {
  const status = await stat(pattern).catch(() => undefined);
  if (status?.isFile()) return [pattern];
  if (status?.isDirectory()) {
    if (await hasShardIndex(pattern)) return [pattern];
    const names = (await readdir(pattern)).filter((name) => ENDINGS.test(name)).sort(natural.compare);
    if (names.length > 0) return names.map((name) => join(pattern, name));
    throw new UserError("E_CHECKPOINT", `${pattern} holds no checkpoints (${ENDINGS.source}); name them by a pattern`);
  }
  if (!isDynamicPattern(pattern))
    throw new UserError(
      "E_CHECKPOINT",
      `cannot read ${pattern}: there is no such file; check the path and its permissions`,
    );
  const matches = await glob(pattern.replaceAll("\\", "/"), { onlyFiles: true, dot: false, expandDirectories: false });
  if (matches.length > 0) return matches.sort(natural.compare);
  throw new UserError(
    "E_CHECKPOINT",
    `${show(pattern)} names no file; check the path, and put a pattern in quotes so that it comes here as it is`,
  );
}

/** Checkpoints that differ in nothing but their values. */
export interface CheckpointSet {
  readonly files: readonly string[];
  /** Every tensor of the first file. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Remarks on the other files, in sentences. */
  readonly notes: readonly string[];
}

/** Files named in an error that differ from the first one. */
const MAX_NAMED = 3;

/**
 * Opens checkpoints, one after another, and makes sure that they are of one network.
 * @throws UserError `E_CHECKPOINT` when there are none, one is damaged, or they differ in names or
 *   shapes, saying which and how.
 */
export async function openSet(patterns: string | readonly string[], options: FileOptions = {}): Promise<CheckpointSet> {
  const files = await checkpointFiles(patterns);
  const { tensors, beside = [] } = await contentOf(at(files, 0), options);
  const odd: string[] = [];
  const types: string[] = [];
  for (const file of files.slice(1)) {
    const { tensors: other } = await contentOf(file, options);
    const faults = differences(tensors, other);
    if (faults !== "") odd.push(`${file} (${faults})`);
    else if ([...other].some(([name, { dtype }]) => dtype !== get(tensors, name).dtype)) types.push(file);
  }
  if (odd.length > 0) {
    const named = odd.slice(0, MAX_NAMED).join("; ");
    const rest = odd.length > MAX_NAMED ? `; and ${odd.length - MAX_NAMED} more` : "";
    throw new UserError(
      "E_CHECKPOINT",
      `${odd.length} of ${files.length} checkpoints are not of the same network as ${at(files, 0)}: ${named}${rest}; leave them out, or give them alone`,
    );
  }
  return {
    files,
    tensors,
    notes: [
      ...(types.length === 0
        ? []
        : [
            `${types.length} of ${files.length} checkpoints store some tensors in another type than the first, such as ${types[0]}`,
          ]),
      ...(beside.length === 0
        ? []
        : [
            `a checkpoint holds more, which is not generated and stays as in one file: ${showAll(beside, (text) => text)}`,
          ]),
    ],
  };
}

async function contentOf(path: string, options: FileOptions): Promise<Pick<CheckpointFile, "tensors" | "beside">> {
  const file = await openFile(path, options);
  await file.close();
  return file;
}

/** How the tensors of a file differ from those of the first. */
function differences(first: CheckpointFile["tensors"], other: CheckpointFile["tensors"]): string {
  const missing = [...first.keys()].filter((name) => !other.has(name));
  const unexpected = [...other.keys()].filter((name) => !first.has(name));
  const different = new Map<string, string>();
  for (const [name, { shape }] of other) {
    const expected = first.get(name)?.shape;
    if (expected !== undefined && `${expected}` !== `${shape}`)
      different.set(name, `${show(name)} is [${shape}], there [${expected}]`);
  }
  return showFaults({ missing, unexpected, different });
}
