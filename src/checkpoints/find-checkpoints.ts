/**
 * Finds checkpoints by paths, folders and patterns, sorted by the numbers in their names. In the
 * folders of trainers, the weights are distinguished from what lies beside them: the state of an
 * optimiser, of random numbers, arguments.
 */
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";

import { glob, isDynamicPattern } from "tinyglobby";

import { UserError } from "../errors.ts";
import { show, showAll } from "../show.ts";
import { hasShardIndex } from "./formats/shards.ts";
import { archiveKind } from "./formats/torch/agent-archive.ts";

/** File name endings of checkpoints in a folder. */
const ENDINGS = /\.(safetensors|pth|pt|pth\.tar|pt\.tar|bin|ckpt|npz|npy|onnx|zip)$/i;

/** What trainers save beside the weights, in files with the same endings. */
const BESIDE =
  /^(optimizer|scheduler|scaler|rng_state|random_states|training_args|sampler|custom_checkpoint|evaluations)\b|^(rng_state|random_states|optimizer|scheduler|scaler|sampler)_\d+\./i;

/** Files in which trainers save one network, the preferred one first. */
const WEIGHTS = [
  "model.safetensors",
  "adapter_model.safetensors",
  "diffusion_pytorch_model.safetensors",
  "pytorch_model.bin",
  "adapter_model.bin",
  "diffusion_pytorch_model.bin",
];

/** Files in a set, at most. */
const MAX_FILES = 100_000;

/** How many folders deep checkpoints are looked for, as in `version_0/checkpoints/`. */
const MAX_DEPTH = 3;

/** Sorts by the numbers in names: step 2 comes before step 10. */
const natural = new Intl.Collator("en", { numeric: true });

/** Checkpoints, and files of trainers that are none. */
export interface FoundCheckpoints {
  readonly files: readonly string[];
  readonly passedOver: readonly string[];
}

/**
 * Finds the checkpoints that paths, folders and patterns name, each once, with the files that were
 * passed over.
 * @throws UserError `E_CHECKPOINT` where one names nothing.
 */
export async function findCheckpoints(patterns: string | readonly string[]): Promise<FoundCheckpoints> {
  const files = new Set<string>();
  const passedOver = new Set<string>();
  for (const pattern of [patterns].flat()) {
    const found = await foundBy(pattern);
    for (const file of found.files) files.add(file);
    for (const file of found.passedOver) passedOver.add(file);
  }
  if (files.size > MAX_FILES)
    throw new UserError("E_CHECKPOINT", `there are ${files.size} checkpoints, expected at most ${MAX_FILES}`);
  return { files: [...files], passedOver: [...passedOver].filter((file) => !files.has(file)) };
}

/**
 * Finds the checkpoints that paths, folders and patterns name, each once. The files of one pattern
 * or folder are sorted by the numbers in their names. A folder stands for the checkpoints in it;
 * for the one network that a trainer saved there; for one sharded checkpoint if it holds the index
 * of its shards; and where it holds no checkpoint, for those of the folders below.
 * @throws UserError `E_CHECKPOINT` where one names nothing.
 */
export const checkpointFiles = async (patterns: string | readonly string[]): Promise<string[]> => [
  ...(await findCheckpoints(patterns)).files,
];

/** A remark on files that were passed over; none where there are none. */
export function passedOverNote(files: readonly string[]): string[] {
  if (files.length === 0) return [];
  const names = [...new Set(files.map((file) => basename(file)))];
  return [`passed over ${files.length} files that a trainer saved beside the weights: ${showAll(names)}`];
}

async function foundBy(pattern: string): Promise<FoundCheckpoints> {
  const status = await stat(pattern).catch(() => undefined);
  if (status?.isFile()) return { files: [pattern], passedOver: [] };
  if (status?.isDirectory()) {
    const found = await foundIn(pattern, MAX_DEPTH);
    if (found.files.length > 0) return found;
    throw new UserError("E_CHECKPOINT", `${pattern} holds no checkpoints (${ENDINGS.source}); name them by a pattern`);
  }
  if (!isDynamicPattern(pattern))
    throw new UserError(
      "E_CHECKPOINT",
      `cannot read ${pattern}: there is no such file; check the path and its permissions`,
    );
  const options = { dot: false, expandDirectories: false };
  const path = pattern.replaceAll("\\", "/");
  const files = await glob(path, { ...options, onlyFiles: true });
  if (files.length > 0) return { files: files.sort(natural.compare), passedOver: [] };
  const folders = await glob(path, { ...options, onlyDirectories: true });
  const found = await foundInAll(
    folders.map((folder) => folder.replace(/\/$/, "")),
    MAX_DEPTH,
  );
  if (found.files.length > 0) return found;
  throw new UserError(
    "E_CHECKPOINT",
    `${show(pattern)} names no file; check the path, and put a pattern in quotes so that it comes here as it is`,
  );
}

/** The checkpoints of several folders, in the order of the folders. */
async function foundInAll(folders: readonly string[], depth: number): Promise<FoundCheckpoints> {
  const all = [];
  for (const folder of folders.toSorted(natural.compare)) all.push(await foundIn(folder, depth));
  return { files: all.flatMap(({ files }) => files), passedOver: all.flatMap(({ passedOver }) => passedOver) };
}

/** The checkpoints of a folder; those of the folders below where it has none. */
async function foundIn(folder: string, depth: number): Promise<FoundCheckpoints> {
  if (await hasShardIndex(folder)) return { files: [folder], passedOver: [] };
  const entries = await readdir(folder, { withFileTypes: true });
  const named = entries.flatMap((entry) =>
    !entry.isDirectory() && ENDINGS.test(entry.name) && !entry.name.startsWith(".") ? [entry.name] : [],
  );
  const names = await withoutOtherArchives(folder, named);
  const beside = names.filter((name) => BESIDE.test(name));
  const weights = names.filter((name) => !BESIDE.test(name)).sort(natural.compare);
  // The same network may be there in two formats.
  const usual = WEIGHTS.filter((name) => weights.includes(name));
  const kept = weights.every((name) => WEIGHTS.includes(name)) ? usual.slice(0, 1) : weights;
  const paths = (of: readonly string[]) => of.map((name) => join(folder, name));
  if (kept.length > 0)
    return { files: paths(kept), passedOver: paths([...beside, ...weights.filter((name) => !kept.includes(name))]) };
  const below = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  const found =
    depth === 0
      ? { files: [], passedOver: [] }
      : await foundInAll(
          below.map(({ name }) => join(folder, name)),
          depth - 1,
        );
  return { files: found.files, passedOver: [...paths(beside), ...found.passedOver] };
}

/**
 * Leaves out zip archives that are no agents. One that cannot be read stays among agents, so that
 * it is refused by its name.
 */
async function withoutOtherArchives(folder: string, names: readonly string[]): Promise<string[]> {
  const kinds = new Map<string, string>();
  for (const name of names) if (/\.zip$/i.test(name)) kinds.set(name, await archiveKind(join(folder, name)));
  const kept = [...kinds.values()].includes("agent") ? ["agent", "damaged"] : [];
  return names.filter((name) => {
    const kind = kinds.get(name);
    return kind === undefined || kept.includes(kind);
  });
}
