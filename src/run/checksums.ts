/**
 * Checksums of what a run has written. `checksums.json` holds them by the stage that wrote the
 * files, and is extended when a stage ends. Folders of checkpoints have an index with the checksums
 * of their own; here is that of the index.
 */
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

import { z } from "zod";

import { UserError } from "../errors.ts";
import { yieldToEvents } from "../event-loop.ts";
import { exists, isTemporary, readJson, remove, sha256File, writeJson } from "../files/index.ts";
import { damageOf, MISSING, readCheckpointIndex } from "./checkpoint-folder.ts";
import { type StageName, stageNames } from "./events.ts";
import { outputsOf, type Paths } from "./paths.ts";

const fileSchema = z.strictObject({ bytes: z.int().min(0), sha256: z.string() });
const filesSchema = z.record(z.string(), fileSchema);

const checksumsSchema = z.strictObject({
  /** The files of each stage that ended, by their paths in the run folder. */
  stages: z.partialRecord(z.enum(stageNames), filesSchema),
  /** Recipe, environment, status, measurements and log; null while a process works in the run. */
  journal: filesSchema.nullable(),
});

type Checksums = z.output<typeof checksumsSchema>;
type Files = z.output<typeof filesSchema>;

/** A file that is not as it was written. */
export interface Damage {
  /** Its path in the run folder. */
  readonly file: string;
  /** What is wrong with it. */
  readonly problem: string;
  /** How to make it again. */
  readonly redo: string;
}

/** What a verification of a whole run found. */
export interface Verification {
  /** Number of files that were compared with their checksums, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  readonly damage: readonly Damage[];
  /** Stages that are done, and of whose files no checksums are known. */
  readonly unrecorded: readonly StageName[];
}

/** The names of checkpoints in a folder that has an index of them. */
const INDEXED = /^\d+\.safetensors$/;

/** Reads the checksums; none where there are none, undefined where the file is damaged. */
async function readChecksums(p: Paths): Promise<Checksums | undefined> {
  const value = await readJson(p.checksums).catch(() => null);
  return value === undefined ? { stages: {}, journal: null } : checksumsSchema.safeParse(value).data;
}

/** Writes the checksums with some of them changed; a damaged file starts over. */
async function change(
  p: Paths,
  how: (from: Checksums) => Partial<Checksums> | Promise<Partial<Checksums>>,
): Promise<void> {
  const from: Checksums = (await readChecksums(p)) ?? { stages: {}, journal: null };
  const changed = await how(from);
  await writeJson(p.checksums, { ...from, ...changed });
}

/** Records the checksums of what a stage has written, when it has ended. */
export const recordStage = (p: Paths, stage: StageName): Promise<void> =>
  change(p, async ({ stages }) => {
    const { [stage]: _, ...others } = stages;
    const known = new Set(Object.values<Files | undefined>(others).flatMap((files) => Object.keys(files ?? {})));
    const own = (await writtenFiles(p)).filter((path) => !known.has(nameOf(p, path)));
    return { stages: { ...others, [stage]: await checksumsOf(p, own) } };
  });

/** Whether the checksums of a stage are recorded. */
export const isRecorded = async (p: Paths, stage: StageName): Promise<boolean> =>
  (await readChecksums(p))?.stages[stage] !== undefined;

/**
 * Forgets the checksums of stages, which are to be done again. Files that have changed since are
 * removed: a stage may take over what it finds, such as predictions.
 */
export const forgetStages = (p: Paths, forgotten: readonly StageName[]): Promise<void> =>
  change(p, async ({ stages }) => {
    for (const stage of forgotten)
      for (const [name, file] of Object.entries(stages[stage] ?? {}))
        if ((await damageOf(join(p.folder, name), file)) !== undefined) await remove(join(p.folder, name));
    return {
      stages: Object.fromEntries(Object.entries(stages).filter(([name]) => !forgotten.includes(name as StageName))),
    };
  });

/** Forgets the checksums of the journal, before a process works in the run. */
export const openJournalFiles = (p: Paths): Promise<void> => change(p, () => ({ journal: null }));

/** Records the checksums of the journal, when a process leaves the run. */
export const closeJournalFiles = (p: Paths): Promise<void> =>
  change(p, async () => {
    const files = [p.config, p.environment, p.status, p.metrics, p.log];
    const there = await Promise.all(files.map(exists));
    return {
      journal: await checksumsOf(
        p,
        files.filter((_, i) => there[i]),
      ),
    };
  });

/** Tables and figures, which no stage reads. */
const FOR_PEOPLE = /\.(csv|svg|html)$/;

/**
 * Indexes of checkpoints, which hold the checksums that stages compare. Whoever puts networks of
 * his own in the place of the run's writes a new index.
 */
const OWN_CHECKSUMS = /^(zoo|references|samples)\/index\.json$/;

/**
 * Makes sure that no file which earlier stages wrote has changed. A file that is missing, and
 * checkpoints with their index, are left to the stage that reads them.
 * @throws UserError `E_CHECKPOINT` naming the file, and how to make it again.
 * @throws Interrupted when the signal aborts.
 */
export async function requireUnchanged(p: Paths, stage: StageName, signal?: AbortSignal): Promise<void> {
  const checksums = await readChecksums(p);
  if (checksums === undefined)
    throw new UserError("E_CHECKPOINT", `${p.checksums} is damaged; see what else is with: pdiff verify ${p.folder}`);
  for (const earlier of stageNames.slice(0, stageNames.indexOf(stage)))
    for (const [name, file] of Object.entries(checksums.stages[earlier] ?? {})) {
      await yieldToEvents(signal);
      if (FOR_PEOPLE.test(name) || OWN_CHECKSUMS.test(name)) continue;
      const problem = await damageOf(join(p.folder, name), file);
      if (problem !== undefined && problem !== MISSING)
        throw new UserError("E_CHECKPOINT", `${join(p.folder, name)} ${problem}; ${redoText(p, earlier)}`);
    }
}

/** Compares every file of a run with its checksum. */
export async function verifyRun(p: Paths): Promise<Verification> {
  const checksums = await readChecksums(p);
  const damage: Damage[] = [];
  let [files, bytes] = [0, 0];
  const check = async (name: string, file: { readonly bytes?: number; readonly sha256: string }, redo: string) => {
    const path = join(p.folder, ...name.split("/"));
    const problem = await damageOf(path, file);
    files++;
    bytes += (await stat(path).catch(() => undefined))?.size ?? 0;
    if (problem !== undefined) damage.push({ file: name, problem, redo });
  };
  if (checksums === undefined)
    damage.push({
      file: nameOf(p, p.checksums),
      problem: "is no list of checksums",
      redo: "remove it; the next command on the run records what is there now",
    });
  for (const [stage, list] of Object.entries(checksums?.stages ?? {}) as [StageName, Files][])
    for (const [name, file] of Object.entries(list)) await check(name, file, redoText(p, stage));
  for (const [name, file] of Object.entries(checksums?.journal ?? {}))
    await check(name, file, "no result depends on it; restore it from a copy of the run, or leave it");
  for (const [folder, stage] of indexedFolders(p)) {
    for (const { file, sha256 } of (await readCheckpointIndex(folder)) ?? [])
      await check(nameOf(p, join(folder, file)), { sha256 }, redoText(p, stage));
  }
  const outputs = outputsOf(p);
  const unrecorded: StageName[] = [];
  for (const stage of stageNames)
    if (checksums?.stages[stage] === undefined && (await exists(outputs[stage].done))) unrecorded.push(stage);
  return { files, bytes, damage, unrecorded };
}

const redoText = (p: Paths, stage: StageName): string => `make it again: pdiff ${stage} ${p.folder} --force`;

const indexedFolders = (p: Paths): readonly (readonly [folder: string, stage: StageName])[] => [
  [p.zoo, "collect"],
  [p.heldOut, "collect"],
  [p.unseen, "collect"],
  [p.references, "collect"],
  [p.samples, "sample"],
];

/** Every file that stages have written, except checkpoints that an index lists. */
async function writtenFiles(p: Paths): Promise<string[]> {
  const roots = new Set(Object.values(outputsOf(p)).flatMap(({ all }) => all));
  const found = new Set<string>();
  for (const root of [...roots, p.network]) for (const path of await filesAt(root)) found.add(path);
  const indexed = new Set(indexedFolders(p).map(([folder]) => folder));
  const isIndexed = (path: string) => {
    const name = path.slice(path.lastIndexOf(sep) + 1);
    return INDEXED.test(name) && indexed.has(path.slice(0, -name.length - 1));
  };
  return [...found].filter((path) => !isTemporary(path) && !isIndexed(path)).sort();
}

/** A file, or the files of a folder and its subfolders. */
async function filesAt(root: string): Promise<string[]> {
  const status = await stat(root).catch(() => undefined);
  if (status === undefined) return [];
  if (status.isFile()) return [root];
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** A path in the run folder, with slashes on every system. */
const nameOf = (p: Paths, path: string): string => relative(p.folder, path).split(sep).join("/");

async function checksumsOf(p: Paths, paths: readonly string[]): Promise<Files> {
  const entries: [string, z.output<typeof fileSchema>][] = [];
  for (const path of paths) entries.push([nameOf(p, path), await checksumOf(path)]);
  return Object.fromEntries(entries);
}

const checksumOf = async (path: string): Promise<z.output<typeof fileSchema>> => ({
  bytes: (await stat(path)).size,
  sha256: await sha256File(path),
});
