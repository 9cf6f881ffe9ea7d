/**
 * Unpacks tar archives, compressed by gzip or not, as a stream. Archives may be hostile: nothing is
 * written outside of the folder, only files and folders are made, and sizes are bounded.
 */
import { type FileHandle, open, rm, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

import { extract, type Header } from "tar-stream";

import { type ErrorCode, UserError } from "../errors.ts";
import { show } from "../show.ts";
import { makeFolder, syncFolder } from "./atomic.ts";
import { openRegular, readProblem } from "./regular-file.ts";

/** The most entries of an archive, folders in it, and characters of a name. */
const MAX_ENTRIES = 2_000_000;
const MAX_FOLDERS = 2500;
const MAX_NAME = 1000;

/** Folders within folders, at most. */
const MAX_DEPTH = 32;

/**
 * Bytes for each byte of the archive, at most, beyond those that any archive may unpack to. Zeros
 * are compressed a thousand times; checkpoints and photographs hardly at all.
 */
const MAX_RATIO = 100;
const FREE_BYTES = 2 ** 26;

/** Bytes of the archive for each entry, at least, beyond the entries that any archive may have. */
const ENTRY_BYTES = 16;
const FREE_ENTRIES = 10_000;

/** Kinds of entries that are neither files nor folders. */
const DEVICES = new Set(["symlink", "link", "character-device", "block-device", "fifo", "contiguous-file"]);

/** How an archive is unpacked. */
export interface Unpack {
  /** Leading folders to drop from names: 1 turns `food-101/images/a.jpg` into `images/a.jpg`. */
  readonly strip: number;
  /** The most bytes that the archive may unpack to. */
  readonly mostBytes: number;
  /** Whether files and folders are flushed to the disk. */
  readonly sync?: boolean;
}

/** Number of files unpacked, and their bytes. */
export interface Unpacked {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Unpacks an archive into a folder, which it makes, and removes again when it fails.
 * @param options.code the code of errors; `E_DATA` by default.
 * @throws UserError naming the archive and the entry when the archive is damaged, unpacks to far
 *   more than its size, or would write elsewhere; `E_DISK` when the disk has no room for it.
 */
export async function unpackArchive(
  archive: string,
  folder: string,
  { strip, mostBytes, sync = false, code: failure = "E_DATA" }: Unpack & { readonly code?: ErrorCode },
  signal?: AbortSignal,
): Promise<Unpacked> {
  const refuse = (problem: string): never => {
    throw new UserError(failure, `${archive} ${problem}; nothing of it was kept`);
  };
  let entries = 0;
  let files = 0;
  let bytes = 0;
  const made = new Set<string>();
  const folderOf = async (path: string) => {
    if (made.has(path)) return;
    if (made.size === MAX_FOLDERS) refuse(`has more than ${MAX_FOLDERS} folders`);
    await makeFolder(path);
    made.add(path);
  };
  const tar = extract();
  const options = { ...(signal && { signal }) };
  const file = await openRegular(archive).catch((error) => refuse(readProblem(error)?.problem ?? String(error)));
  const gzip = await isGzip(file);
  const { size: packed } = await file.stat();
  const most = Math.min(mostBytes, Math.max(FREE_BYTES, MAX_RATIO * packed));
  const mostEntries = Math.min(MAX_ENTRIES, Math.max(FREE_ENTRIES, packed / ENTRY_BYTES));
  const source = file.createReadStream({ highWaterMark: 2 ** 20, start: 0 });
  await folderOf(folder);
  const free = await freeBytes(folder);
  // No await from here to the loop: an entry without a listener would be lost.
  const feeding = gzip ? pipeline(source, createGunzip(), tar, options) : pipeline(source, tar, options);
  // A failure also ends the loop below, where it is awaited.
  feeding.catch(() => {});
  try {
    for await (const entry of tar) {
      const { name, type, size = 0 } = entry.header as Header;
      if (++entries > mostEntries) refuse(`has more than ${mostEntries} entries`);
      if (DEVICES.has(type ?? "file")) refuse(`has ${show(name)}, which is a ${type} and not a file`);
      const path = safePath(name, strip) ?? refuse(`has ${show(name)}, which would be written outside of the folder`);
      if (path.split("/").length > MAX_DEPTH) refuse(`has ${show(name)}, more than ${MAX_DEPTH} folders deep`);
      if (type === "file" && path !== "") {
        bytes += size;
        if (bytes > most) refuse(`of ${packed} bytes unpacks to more than ${most} bytes`);
        if (bytes > free) throw noRoom(`${archive} unpacks to ${bytes} bytes or more, and the disk has ${free} free`);
        files++;
        await folderOf(dirname(join(folder, path)));
        const handle = await open(join(folder, path), "w");
        try {
          for await (const piece of entry) await handle.writeFile(piece as Uint8Array);
          if (sync) await handle.sync();
        } finally {
          await handle.close();
        }
      } else {
        entry.resume();
        if (type === "directory" && path !== "") await folderOf(join(folder, path));
      }
    }
    await feeding;
    if (files === 0) refuse("holds no file");
    if (sync) for (const path of made) await syncFolder(path);
    return { files, bytes };
  } catch (error) {
    tar.destroy();
    await rm(folder, { recursive: true, force: true });
    if (error instanceof UserError || signal?.aborted) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT") throw noRoom(`the disk is full while ${archive} is unpacked`);
    return refuse(`is damaged or cut short (${code ?? message})`);
  }
}

const noRoom = (problem: string): UserError =>
  new UserError("E_DISK", `${problem}; make room and run the same command again`);

/** Bytes that this user may still write to the disk of a folder. */
async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Whether a file starts with the magic bytes of gzip. */
async function isGzip(file: FileHandle): Promise<boolean> {
  const start = new Uint8Array(2);
  const { bytesRead } = await file.read(start, 0, 2, 0);
  return bytesRead === 2 && start[0] === 0x1f && start[1] === 0x8b;
}

/**
 * The path of an entry below the folder; undefined when it would leave the folder, empty when all
 * of it is dropped.
 * @param strip leading folders to drop.
 */
export function safePath(name: string, strip: number): string | undefined {
  if (name.length > MAX_NAME || /[\0\\]/.test(name) || name.startsWith("/") || /^[a-z]:/i.test(name)) return undefined;
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) return undefined;
  return parts.slice(strip).join("/");
}
