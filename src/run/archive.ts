/** Packs a run into one tar archive, which another machine unpacks and continues. */
import { createReadStream } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";

import { pack } from "tar-stream";

import { UserError } from "../errors.ts";
import {
  exists,
  holderText,
  isTemporary,
  lockHolder,
  removeTemporariesOf,
  syncFolder,
  temporaryName,
  unpackArchive,
} from "../files/index.ts";
import { existingRun, paths } from "./paths.ts";

/** Bytes of an unpacked run, at most, so that an archive cannot fill a disk. */
const MAX_BYTES = 2 ** 42;

/** The name of the lock, which a killed process may have left. */
const LOCK = basename(paths("").lock);

/** Files of a folder and its subfolders, sorted, so that the same run gives the same archive. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !isTemporary(entry.name) && entry.name !== LOCK)
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * Writes a run as a tar archive, atomically: every file of its folder, in an order that does not
 * depend on the machine, except the archive itself and exported networks.
 * @param leaveOut folders inside the run that do not belong to it, such as exported networks.
 * @throws UserError `E_RUN` when there is no run, or a process is at work in it.
 */
export async function archiveRun(run: string, to: string, leaveOut: readonly string[] = []): Promise<void> {
  const p = await existingRun(run);
  const { folder } = p;
  const holder = await lockHolder(p.lock);
  if (holder !== undefined)
    throw new UserError("E_RUN", `${holderText(holder)} is at work in ${folder}; wait for it, or stop it`);
  const out = [to, ...leaveOut].map((path) => resolve(path));
  const isLeftOut = (file: string) =>
    out.some((path) => resolve(file) === path || resolve(file).startsWith(path + sep));
  const files = (await filesBelow(folder)).filter((file) => !isLeftOut(file));
  await removeTemporariesOf(to);
  const temporary = temporaryName(to);
  const handle = await open(temporary, "w");
  try {
    const archive = pack();
    const writing = (async () => {
      for await (const piece of archive) await handle.writeFile(piece as Uint8Array);
    })();
    writing.catch(() => {});
    for (const file of files) {
      const { size } = await stat(file);
      const name = [basename(resolve(folder)), ...relative(folder, file).split(sep)].join("/");
      await new Promise<void>((resolve, reject) => {
        const header = { name, size, mtime: new Date(0), mode: 0o644 };
        const entry = archive.entry(header, (error) => (error ? reject(error) : resolve()));
        createReadStream(file).once("error", reject).pipe(entry);
      });
    }
    archive.finalize();
    await writing;
    await handle.sync();
    await handle.close();
    await rename(temporary, to);
    await syncFolder(dirname(to));
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Unpacks a run's archive into a new folder, and checks that it is a run.
 * @throws UserError `E_RUN` when the folder exists already, or the archive is damaged or of
 *   something else.
 */
export async function unpackRun(archive: string, folder: string): Promise<void> {
  if (await exists(folder))
    throw new UserError("E_RUN", `${folder} is there already; choose another folder with --run, or remove it`);
  if (!(await exists(archive))) throw new UserError("E_RUN", `there is no archive ${archive}; check the path`);
  await removeTemporariesOf(folder);
  const temporary = temporaryName(folder);
  await unpackArchive(archive, temporary, { strip: 1, mostBytes: MAX_BYTES, sync: true, code: "E_RUN" });
  if (!(await exists(paths(temporary).config))) {
    await rm(temporary, { recursive: true, force: true });
    throw new UserError(
      "E_RUN",
      `${archive} holds no run (no config.yaml); give one that pdiff export --archive wrote`,
    );
  }
  await rename(temporary, folder);
  await syncFolder(dirname(folder));
}
