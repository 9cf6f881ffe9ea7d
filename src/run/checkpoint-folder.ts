/**
 * Folders of checkpoints in a run: writes and reads their files and indexes, and verifies
 * checksums.
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readHeader, readSafetensors, writeSafetensors } from "../checkpoints/index.ts";
import { UserError } from "../errors.ts";
import { yieldToEvents } from "../event-loop.ts";
import { readJson, sha256File } from "../files/index.ts";
import { flatten, type Layout, layoutOf, unflatten } from "../layout/index.ts";
import { get } from "../lookup.ts";
import type { Paths } from "./paths.ts";

const fileName = (index: number, count: number) =>
  `${String(index).padStart(Math.max(4, String(count).length), "0")}.safetensors`;

/** The file of checkpoint `index` (from 1) of `count`. */
export const checkpointPath = (folder: string, index: number, count: number): string =>
  join(folder, fileName(index, count));

/** Writes a flat vector as a checkpoint with names and shapes. Returns the file's sha256. */
export function writeCheckpoint(
  path: string,
  layout: Layout,
  flat: Float32Array,
  metadata: Record<string, string> = {},
): Promise<string> {
  const tensors = unflatten(layout, flat);
  return writeSafetensors(
    path,
    layout.entries.map(({ name, shape }) => ({ name, shape, data: get(tensors, name) })),
    metadata,
  );
}

/** The layout of a zoo's tensors, read from its first file. */
export async function zooTensors({ zoo }: { readonly zoo: { readonly count: number } }, p: Paths): Promise<Layout> {
  const { tensors } = await readHeader(checkpointPath(p.zoo, 1, zoo.count));
  return layoutOf([...tensors].map(([name, { shape }]) => ({ name, shape })));
}

/** Writes flat vectors by name, such as the state of a training. */
export async function writeVectors(
  path: string,
  vectors: Readonly<Record<string, Float32Array>>,
  metadata: Record<string, string>,
): Promise<void> {
  const tensors = Object.entries(vectors).map(([name, data]) => ({ name, shape: [data.length], data }));
  await writeSafetensors(path, tensors, metadata);
}

/**
 * Reads a checkpoint as a flat vector.
 * @param into where to, `[layout.size]`; a new vector by default.
 * @throws UserError `E_CHECKPOINT` naming the file where it is missing, damaged or of another
 *   layout.
 */
export async function readCheckpoint(path: string, layout: Layout, into?: Float32Array): Promise<Float32Array> {
  const { tensors } = await readSafetensors(path);
  try {
    return flatten(layout, tensors, into);
  } catch (error) {
    if (error instanceof UserError) throw new UserError(error.code, `${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** One line of a folder's index. */
const indexed = z.looseObject({ file: z.string().regex(/^\d+\.safetensors$/), sha256: z.string() });
const indexSchema = z.looseObject({ checkpoints: z.array(indexed).min(1) });

/**
 * The index of a folder of checkpoints: what each file is and its checksum.
 * @throws Interrupted when the signal aborts.
 */
export async function indexOf(
  folder: string,
  count: number,
  signal?: AbortSignal,
): Promise<z.output<typeof indexed>[]> {
  const result = [];
  for (let i = 1; i <= count; i++) {
    await yieldToEvents(signal);
    const path = checkpointPath(folder, i, count);
    const { metadata } = await readHeader(path);
    result.push({
      file: fileName(i, count),
      sha256: await sha256File(path),
      ...Object.fromEntries(Object.entries(metadata).map(([k, v]) => [k, Number(v)])),
    });
  }
  return result;
}

/** The index of a folder; undefined where there is none, or it is damaged. */
export const readCheckpointIndex = async (folder: string): Promise<z.output<typeof indexed>[] | undefined> =>
  indexSchema.safeParse(await readJson(join(folder, "index.json")).catch(() => undefined)).data?.checkpoints;

/**
 * The paths of a folder's checkpoints, each checked against its checksum.
 * @throws UserError `E_CHECKPOINT` naming the file that is missing or changed, and how to make it
 *   again.
 * @throws Interrupted when the signal aborts.
 */
export async function verifiedCheckpoints(folder: string, redo: string, signal?: AbortSignal): Promise<string[]> {
  const index = indexSchema.safeParse(await readJson(join(folder, "index.json")));
  if (!index.success)
    throw new UserError(
      "E_CHECKPOINT",
      `${join(folder, "index.json")} is missing or not an index of checkpoints; ${redo}`,
    );
  const result = [];
  for (const { file, sha256 } of index.data.checkpoints) {
    await yieldToEvents(signal);
    const path = join(folder, file);
    await verify(path, sha256, redo);
    result.push(path);
  }
  return result;
}

/** What `damageOf` says of a file that does not exist. */
export const MISSING = "is missing";

/** What is wrong with a file; undefined if it is as it was written. */
export async function damageOf(
  path: string,
  expected: { readonly bytes?: number; readonly sha256: string },
): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (expected.bytes !== undefined && size !== expected.bytes)
      return `was changed after it was written (it has ${size} bytes, expected ${expected.bytes})`;
    return (await sha256File(path)) === expected.sha256
      ? undefined
      : "was changed after it was written (its checksum differs)";
  } catch (error) {
    const { code = "unreadable" } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? MISSING : `cannot be read (${code})`;
  }
}

/**
 * Verifies the checksum of a file.
 * @throws UserError `E_CHECKPOINT` naming the file and what is wrong with it, and how to make it
 *   again.
 */
export async function verify(path: string, sha256: string, redo: string): Promise<void> {
  const problem = await damageOf(path, { sha256 });
  if (problem !== undefined) throw new UserError("E_CHECKPOINT", `${path} ${problem}; ${redo}`);
}

const heldOutSchema = z.object({
  /** Null where nothing fixes one before there are samples. */
  acceptanceThreshold: z.number().nullable(),
  checkpoints: z.array(indexed).min(1),
});

/** What was held out: its files, and the acceptance threshold that it fixed. */
export interface HeldOut {
  readonly files: readonly string[];
  /**
   * Accuracy on the selection split that a sample must reach; undefined where it is measured later.
   */
  readonly acceptanceThreshold: number | undefined;
}

/**
 * The held-out checkpoints, each checked against its checksum; undefined where the recipe holds
 * none out.
 * @throws UserError `E_CHECKPOINT` naming the file that is missing or changed.
 * @throws Interrupted when the signal aborts.
 */
export async function verifiedHeldOut(
  p: Paths,
  { zoo }: { readonly zoo: { readonly heldOut: number } },
  signal?: AbortSignal,
): Promise<HeldOut | undefined> {
  if (zoo.heldOut === 0) return undefined;
  const redo = `collect again: pdiff collect ${p.folder} --force`;
  const index = heldOutSchema.safeParse(await readJson(p.heldOutIndex));
  if (!index.success)
    throw new UserError("E_CHECKPOINT", `${p.heldOutIndex} is missing or not an index of checkpoints; ${redo}`);
  return {
    files: await verifiedCheckpoints(p.heldOut, redo, signal),
    acceptanceThreshold: index.data.acceptanceThreshold ?? undefined,
  };
}

const baseSchema = z.looseObject({ sha256: z.string(), batchesTracked: z.int().min(0).default(0) });

async function readBaseIndex(p: Paths, redo: string): Promise<z.output<typeof baseSchema>> {
  const index = baseSchema.safeParse(await readJson(p.baseIndex));
  if (index.success) return index.data;
  throw new UserError("E_CHECKPOINT", `${p.baseIndex} is missing or not the index of a network; ${redo}`);
}

/**
 * The tensors of the trained task network.
 * @throws UserError `E_CHECKPOINT` when its file is missing or changed.
 */
export async function readBase(p: Paths): Promise<ReadonlyMap<string, Float32Array>> {
  const redo = `train it again: pdiff collect ${p.folder} --force`;
  await verify(p.baseNetwork, (await readBaseIndex(p, redo)).sha256, redo);
  return (await readSafetensors(p.baseNetwork)).tensors;
}

/**
 * The values of the tensors that are not generated: the base network's, or nothing if the generated
 * tensors are the whole network.
 */
export const tensorsUnder = async (
  p: Paths,
  chosen: Layout,
  whole: Layout,
): Promise<ReadonlyMap<string, Float32Array>> => (chosen.size === whole.size ? new Map() : readBase(p));

/**
 * Number of batches that the base network's running statistics have seen; 0 if there is no base
 * network.
 */
export async function batchesTracked(p: Paths): Promise<number> {
  return baseSchema.safeParse(await readJson(p.baseIndex)).data?.batchesTracked ?? 0;
}
