/**
 * Imports existing checkpoints as the zoo: copies the generated tensors of each into the run, and
 * holds some out. Later stages read only the copies, so the files may be deleted, and the run may
 * be moved.
 */
import { z } from "zod";

import { throwIfAborted, UserError } from "../../errors.ts";
import { exists, makeFolder, readJson, sha256File } from "../../files/index.ts";
import type { Layout } from "../../layout/index.ts";
import { foldIn, type Key, permutation } from "../../random/index.ts";
import type { AnyRecipe } from "../../recipe/index.ts";
import { checkpointPath, progressItem, writeCheckpoint } from "../../run/index.ts";
import { showAll } from "../../show.ts";
import { looksLikeTrajectory } from "../../zoo/index.ts";
import type { RunContext } from "../context.ts";
import type { ZooFiles } from "./zoo-files.ts";

/** Where the checkpoints of a zoo came from. */
export interface ZooSources {
  /** Whether they look like checkpoints of one training, in their order. */
  readonly trajectory: boolean;
  /** Tensors that differ between them and are not generated. */
  readonly differing: readonly string[];
  readonly sources: readonly { readonly file: string; readonly sha256: string }[];
}

const zooIndex = z.looseObject({
  trajectory: z.boolean().default(false),
  differing: z.array(z.string()).default([]),
});

/**
 * Whether the checkpoints of a run are of one training: by the recipe, or, for imported files, as
 * `looksLikeTrajectory` found.
 */
export async function isTrajectory({ recipe, paths: p }: RunContext): Promise<boolean> {
  if (recipe.zoo.kind !== "files") return recipe.zoo.kind === "trajectory";
  return zooIndex.safeParse(await readJson(p.zooIndex)).data?.trajectory ?? false;
}

/**
 * A remark for reports where checkpoints differ in tensors that are not generated; none otherwise.
 */
export async function differingRemarks({ paths: p }: Pick<RunContext, "paths">): Promise<string[]> {
  const { differing = [] } = zooIndex.safeParse(await readJson(p.zooIndex)).data ?? {};
  if (differing.length === 0) return [];
  return [
    `The checkpoints differ in tensors that are not generated (${showAll(differing)}). All networks were measured with those of one file, so no score is that of an original as it is.`,
  ];
}

/** A remark for reports whose checkpoints look like those of one training. */
export const ONE_TRAINING =
  "The checkpoints look like those of one training, so those held out are a stretch of it: how far a network of another training would lie is not known.";

/**
 * Copies checkpoints into the zoo and the held-out folder, as many as the recipe says.
 * @throws UserError `E_CHECKPOINT` when there are too few files, or one is damaged or not finite.
 */
export async function importZoo(context: RunContext, zoo: ZooFiles): Promise<ZooSources> {
  const { recipe, paths: p, signal } = context;
  const { layout, differing } = zoo;
  const { count, heldOut } = recipe.zoo;
  for (const note of zoo.notes) await context.note(note);
  for (const warning of zoo.warnings) await context.warn(warning);
  const files = zoo.files.slice(0, requireEnough(recipe, zoo));
  const trajectory = await looksLikeTrajectory({
    count: files.length,
    size: layout.size,
    open: (i) => zoo.open(files[i] ?? ""),
  });
  const held = heldOutRows({ files: files.length, heldOut, trajectory, key: foldIn(context.key, "held-out") });
  if (trajectory)
    await context.note(
      `the files look like checkpoints of one training: each lies much nearer to the next than to others, so the ${heldOut} held out follow one another in its middle`,
    );
  await makeFolder(p.zoo);
  if (heldOut > 0) await makeFolder(p.heldOut);
  const vector = new Float32Array(layout.size);
  let [learned, kept] = [0, 0];
  for (const [i, file] of files.entries()) {
    const isHeld = held.has(i);
    const path = isHeld ? checkpointPath(p.heldOut, ++kept, heldOut) : checkpointPath(p.zoo, ++learned, count);
    if (!(await exists(path))) {
      const reader = await zoo.open(file);
      try {
        await reader.read(0, layout.size, vector);
      } finally {
        await reader.close();
      }
      requireFinite(file, layout, vector);
      await writeCheckpoint(path, layout, vector, { source: String(i + 1) });
    }
    await context.progress(progressItem("copy-checkpoints"), i + 1, files.length);
    throwIfAborted(signal);
  }
  const sources = [];
  for (const file of files) sources.push({ file, sha256: await sha256File(file) });
  return { trajectory, differing, sources };
}

/** How many of the files the recipe uses. */
function requireEnough({ zoo }: AnyRecipe, { files, given }: ZooFiles): number {
  const wanted = zoo.count + zoo.heldOut;
  if (files.length >= wanted) return wanted;
  throw new UserError(
    "E_CHECKPOINT",
    `there are ${files.length} checkpoints${given > files.length ? ` without ${given - files.length} copies` : ""}, and zoo.count and zoo.heldOut take ${wanted}; give more files, or lower these`,
  );
}

function requireFinite(file: string, layout: Layout, vector: Float32Array): void {
  if (vector.every(Number.isFinite)) return;
  const names = layout.entries
    .filter(({ offset, size }) => !vector.subarray(offset, offset + size).every(Number.isFinite))
    .map(({ name }) => name);
  throw new UserError(
    "E_CHECKPOINT",
    `${file} holds numbers that are not finite in ${showAll(names)}; leave this file out, or these tensors if all files have such numbers in them (--select all '!NAME')`,
  );
}

/**
 * Chooses which files are held out: random ones, or a stretch in the middle of a trajectory,
 * because a single checkpoint of it would lie next to those that the generator saw, and fresh
 * networks do not.
 */
export function heldOutRows({
  files,
  heldOut,
  trajectory,
  key,
}: {
  readonly files: number;
  readonly heldOut: number;
  readonly trajectory: boolean;
  readonly key: Key;
}): ReadonlySet<number> {
  const first = Math.floor((files - heldOut) / 2);
  return new Set(
    trajectory ? Array.from({ length: heldOut }, (_, i) => first + i) : permutation(key, files).slice(0, heldOut),
  );
}
