/**
 * Downloads, lists and verifies data sets. A set is assembled in a temporary folder, which is
 * renamed last, with a note of its files.
 */
import { existsSync } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { suggestion, UserError } from "../../errors.ts";
import { makeFolder, readJson, remove, unpackArchive, writeJson } from "../../files/index.ts";
import { dataSetNames, hasData, knownSet } from "../sets/known-sets.ts";
import { byHand, catalogue, type RemoteFile, type RemoteSet } from "./catalogue.ts";
import { type FetchOptions, fetchFile, isPublished } from "./fetch.ts";

/** The note in a data set's folder: its files, and the number and bytes of all files in it. */
const NOTE = ".pdiff.json";
const noteSchema = z.object({
  files: z.array(z.object({ name: z.string(), md5: z.string() })),
  /** Number and bytes of all files in the folder except the note. */
  count: z.int(),
  bytes: z.number(),
});

/** Progress of a download. */
export type GetEvent =
  | { readonly type: "file"; readonly file: string; readonly done: number; readonly total: number | undefined }
  | { readonly type: "unpacking"; readonly file: string }
  | { readonly type: "there"; readonly folder: string };

/** Options of `getDataSet`. */
export interface GetOptions extends Pick<FetchOptions, "signal" | "stallMs" | "retries" | "pauseMs"> {
  /** The data folder. */
  readonly root: string;
  /** Download it again, even if it is there; false by default. */
  readonly force?: boolean;
  /** Called with progress. */
  readonly emit?: (event: GetEvent) => void;
}

/**
 * The download of a data set.
 * @throws UserError `E_DATA` when the set cannot be downloaded, with advice, or is unknown.
 */
export function remoteSet(name: string): RemoteSet {
  const found = catalogue.get(name);
  if (found !== undefined) return found;
  const advice = byHand.get(name);
  if (advice !== undefined) throw new UserError("E_DATA", `${name} is not downloaded by this program: ${advice}`);
  if (name === "glyphs") throw new UserError("E_DATA", "glyphs are drawn by this program; there is nothing to get");
  throw new UserError(
    "E_DATA",
    `there is no data set ${JSON.stringify(name)} to get.${suggestion(name, [...catalogue.keys()])}`,
  );
}

/**
 * Downloads, checks and unpacks a set into `ROOT/NAME`.
 * @returns the folder.
 * @throws UserError `E_DATA` when a file cannot be downloaded or the folder exists; `E_DISK`.
 * @throws Interrupted when the signal aborts. Downloaded files are kept, and the same call resumes.
 */
export async function getDataSet(set: RemoteSet, options: GetOptions): Promise<string> {
  const { root, force = false, emit = () => {}, signal } = options;
  const folder = join(root, set.name);
  if (!force && existsSync(join(folder, NOTE)) && (await verifyDataSet(set, root)).length === 0) {
    emit({ type: "there", folder });
    return folder;
  }
  if (!force && existsSync(folder) && !existsSync(join(folder, NOTE)))
    throw new UserError(
      "E_DATA",
      `${folder} is there, but was not made by this command; it is left alone. Move it away, or use --force to replace it`,
    );
  const downloads = join(root, ".downloads", set.name);
  const making = join(root, ".downloads", `${set.name}.making`);
  await makeFolder(downloads);
  await rm(making, { recursive: true, force: true });
  await makeFolder(making);
  for (const file of set.files) {
    const path = join(downloads, file.name);
    if (!existsSync(path) || !(await isPublished(file, path))) {
      await remove(path);
      const onProgress = (done: number, total: number | undefined) =>
        emit({ type: "file", file: file.name, done, total });
      await fetchFile(file, { ...options, to: path, onProgress });
    }
  }
  // Archives first: a plain file is moved, which must wait until every archive is unpacked.
  const order = set.files.toSorted((a, b) => Number(b.unpack !== undefined) - Number(a.unpack !== undefined));
  for (const file of order) await place(file, join(downloads, file.name), making, emit, signal);
  const found = await contentOf(making);
  await writeJson(join(making, NOTE), { files: set.files.map(({ name, md5 }) => ({ name, md5 })), ...found });
  await rm(folder, { recursive: true, force: true });
  await rename(making, folder);
  await rm(downloads, { recursive: true, force: true });
  return folder;
}

/** Moves a downloaded file, or the content of an archive, into the folder. */
async function place(
  { name, unpack }: RemoteFile,
  path: string,
  folder: string,
  emit: (event: GetEvent) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (unpack === undefined) return rename(path, join(folder, name));
  emit({ type: "unpacking", file: name });
  const unpacked = join(folder, ".unpacked");
  await unpackArchive(path, unpacked, unpack, signal);
  for (const entry of await readdir(unpacked)) await rename(join(unpacked, entry), join(folder, entry));
  await rm(unpacked, { recursive: true });
}

/** Number and bytes of the files below a folder, without the note. */
async function contentOf(folder: string): Promise<{ count: number; bytes: number }> {
  let count = 0;
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === NOTE) continue;
    count++;
    bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return { count, bytes };
}

/**
 * Verifies a downloaded set: plain files by their checksums, unpacked ones by number and bytes.
 * @returns the problems, one line each; empty when there is none.
 */
export async function verifyDataSet(set: RemoteSet, root: string): Promise<string[]> {
  const folder = join(root, set.name);
  if (!existsSync(folder)) return [`${folder} is not there; get it: pdiff data get ${set.name}`];
  const problems: string[] = [];
  for (const file of set.files) {
    if (file.unpack !== undefined) continue;
    const path = join(folder, file.name);
    if (!existsSync(path)) problems.push(`${path} is missing`);
    else if (!(await isPublished(file, path))) problems.push(`${path} is not the published file: its checksum differs`);
  }
  if (!set.files.some(({ unpack }) => unpack !== undefined)) return problems;
  const note = noteSchema.safeParse(await readJson(join(folder, NOTE)));
  if (!note.success)
    return [...problems, `${folder} was not unpacked by this program, so that nothing is known of what it should hold`];
  const { count, bytes } = await contentOf(folder);
  if (count !== note.data.count || bytes !== note.data.bytes)
    problems.push(
      `${folder} holds ${count} files of ${bytes} bytes, but ${note.data.count} of ${note.data.bytes} were unpacked`,
    );
  return problems;
}

/** A data set in the list. */
export interface DataSetFacts {
  readonly name: string;
  readonly images: number;
  readonly classes: number;
  /** Bytes to download; undefined when unknown. */
  readonly download: number | undefined;
  readonly state: "drawn" | "here" | "not here";
  readonly terms: string;
}

/**
 * All data sets except the user's own.
 * @param root the data folder; undefined when there is none.
 */
export function listDataSets(root: string | undefined): DataSetFacts[] {
  return dataSetNames
    .filter((name) => name !== "folder")
    .map((name) => {
      const { usual, classNames } = knownSet({ name });
      const remote = catalogue.get(name);
      const sizes: readonly (number | undefined)[] | undefined = remote?.files.map(({ bytes }) => bytes);
      return {
        name,
        images: usual.train + usual.test,
        classes: classNames.length,
        download: sizes?.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0),
        state: name === "glyphs" ? "drawn" : hasData({ name }, root) ? "here" : "not here",
        terms: remote?.terms ?? (name === "glyphs" ? "drawn by this program" : "got by hand"),
      };
    });
}
