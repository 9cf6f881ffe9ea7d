/**
 * Imports existing checkpoints as the zoo: copies the generated tensors of each into the run, and
 * holds some out. Later stages read only the copies, so the files may be deleted, and the run may
 * be moved.
 */
import { dirname } from "node:path";
import { z } from "zod";

import { throwIfAborted, UserError } from "../../errors.ts";
import { exists, makeFolder, readJson, sha256File, writeJson } from "../../files/index.ts";
import type { Layout } from "../../layout/index.ts";
import { at } from "../../lookup.ts";
import { foldIn, type Key, permutation } from "../../random/index.ts";
import type { AnyRecipe } from "../../recipe/index.ts";
import { checkpointPath, indexOf, progressItem, writeCheckpoint } from "../../run/index.ts";
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
export async function isTrajectory({ recipe, paths: p }: Pick<RunContext, "recipe" | "paths">): Promise<boolean> {
  const { kind, trajectory } = recipe.zoo;
  if (kind !== "files") return kind === "trajectory";
  return trajectory ?? zooIndex.safeParse(await readJson(p.zooIndex)).data?.trajectory ?? false;
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

/** A remark for reports whose checkpoints are of one training, by the recipe or as they look. */
export function oneTrainingRemark({ heldOut, heldOutFiles, unseenFiles, trajectory }: AnyRecipe["zoo"]): string {
  const are =
    trajectory === true
      ? "The checkpoints are of one training, as the recipe says"
      : "The checkpoints look like those of one training";
  const held = heldOut > 0 && heldOutFiles === undefined ? ", so those held out are a stretch of it" : "";
  const unseen =
    unseenFiles === undefined
      ? ""
      : " Unseen networks were given, but were not compared: checkpoints of one training lie nearer to one another than to any others, whether samples hold on to them or not. If these were trained separately, say so with zoo.trajectory=false.";
  return `${are}${held}: how far a network of another training would lie is not known${heldOutFiles === undefined ? "" : " unless those held out are of others"}.${unseen}`;
}

/** A file of a zoo, and what it is for. */
interface PlacedFile {
  readonly file: string;
  readonly group: "zoo" | "heldOut" | "unseen";
}

/**
 * Copies checkpoints into the zoo, the held-out and the unseen folder, as many as the recipe says;
 * writes the index of unseen ones.
 * @throws UserError `E_CHECKPOINT` when there are too few files, or one is damaged or not finite.
 */
export async function importZoo(context: RunContext, zoo: ZooFiles): Promise<ZooSources> {
  const { recipe, paths: p, signal } = context;
  const { layout, differing } = zoo;
  for (const note of zoo.notes) await context.note(note);
  for (const warning of zoo.warnings) await context.warn(warning);
  requireEnough(recipe, zoo);
  const { placed, trajectory } = await placedFiles(context, zoo);
  const counts = { zoo: recipe.zoo.count, heldOut: recipe.zoo.heldOut, unseen: zoo.unseen.length };
  const done = { zoo: 0, heldOut: 0, unseen: 0 };
  for (const [i, { file, group }] of placed.entries()) {
    const path = checkpointPath(p[group], ++done[group], counts[group]);
    await importCheckpoint(file, path, { layout, open: zoo.open, metadata: { source: String(i + 1) } });
    await context.progress(progressItem("copy-checkpoints"), i + 1, placed.length);
    throwIfAborted(signal);
  }
  if (counts.unseen > 0)
    await writeJson(p.unseenIndex, { checkpoints: await indexOf(p.unseen, counts.unseen, signal) });
  const sources = [];
  for (const { file } of placed) sources.push({ file, sha256: await sha256File(file) });
  return { trajectory, differing, sources };
}

/** Decides which files are learned from and which are held out, where these are not given apart. */
async function placedFiles(
  context: RunContext,
  zoo: ZooFiles,
): Promise<{ readonly placed: readonly PlacedFile[]; readonly trajectory: boolean }> {
  const { count, heldOut, trajectory: said } = context.recipe.zoo;
  const files = zoo.files.slice(0, zoo.heldOut === undefined ? count + heldOut : count);
  const trajectory =
    said ??
    (await looksLikeTrajectory({
      count: files.length,
      size: zoo.layout.size,
      open: (i) => zoo.open(at(files, i)),
    }));
  const apart = (zoo.heldOut ?? []).slice(0, heldOut);
  const among = zoo.heldOut === undefined ? heldOut : 0;
  const held = heldOutRows({ files: files.length, heldOut: among, trajectory, key: foldIn(context.key, "held-out") });
  if (trajectory && said === undefined)
    await context.note(
      `the files look like checkpoints of one training: each lies much nearer to the next than to others${among > 0 ? `, so the ${among} held out follow one another in its middle` : ""}; if they are not, say zoo.trajectory=false`,
    );
  return {
    placed: [
      ...files.map((file, i): PlacedFile => ({ file, group: held.has(i) ? "heldOut" : "zoo" })),
      ...apart.map((file): PlacedFile => ({ file, group: "heldOut" })),
      ...zoo.unseen.map((file): PlacedFile => ({ file, group: "unseen" })),
    ],
    trajectory,
  };
}

/** How a file becomes a checkpoint of the run. */
interface ImportOptions extends Pick<ZooFiles, "layout" | "open"> {
  readonly metadata: Record<string, string>;
}

/**
 * Copies the generated tensors of a file, unless the copy is there.
 * @throws UserError `E_CHECKPOINT` naming the file when it does not fit, or is not finite.
 */
export async function importCheckpoint(
  file: string,
  path: string,
  { layout, open, metadata }: ImportOptions,
): Promise<void> {
  if (await exists(path)) return;
  const vector = new Float32Array(layout.size);
  const reader = await open(file);
  try {
    await reader.read(0, layout.size, vector);
  } finally {
    await reader.close();
  }
  requireFinite(file, layout, vector);
  await makeFolder(dirname(path));
  await writeCheckpoint(path, layout, vector, metadata);
}

/** Makes sure that there are as many files as the recipe uses. */
function requireEnough({ zoo }: AnyRecipe, { files, heldOut, given }: ZooFiles): void {
  const require = (wanted: number, what: string, [there, all]: readonly (readonly string[])[], keys: string) => {
    const [found, copies] = [there?.length ?? 0, (all?.length ?? 0) - (there?.length ?? 0)];
    if (found >= wanted) return;
    throw new UserError(
      "E_CHECKPOINT",
      `there are ${found} ${what}${copies > 0 ? ` without ${copies} copies` : ""}, and ${keys} ${wanted}; give more files, or lower ${keys.includes(" and ") ? "these" : "this"}`,
    );
  };
  const learned = [files, given.files];
  if (heldOut === undefined) require(zoo.count + zoo.heldOut, "checkpoints", learned, "zoo.count and zoo.heldOut take");
  else {
    require(zoo.count, "checkpoints", learned, "zoo.count takes");
    require(zoo.heldOut, "held-out checkpoints", [heldOut, given.heldOut ?? []], "zoo.heldOut takes");
  }
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
