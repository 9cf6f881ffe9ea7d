/**
 * Unpacks tar archives, compressed by gzip or not, as a stream. Archives may be hostile: nothing is
 * written outside of the folder, only files and folders are made, and sizes are bounded.
 */
import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

import { extract, type Header } from "tar-stream";

import { type ErrorCode, UserError } from "../errors.ts";
import { show } from "../show.ts";
import { makeFolder } from "./atomic.ts";
import { openRegular, readProblem } from "./regular-file.ts";

/** The most entries of an archive, and the most characters of a name. */
const MAX_ENTRIES = 2_000_000;
const MAX_NAME = 1000;
/** Kinds of entries that are neither files nor folders. */
const DEVICES = new Set(["symlink", "link", "character-device", "block-device", "fifo", "contiguous-file"]);

/** How an archive is unpacked. */
export interface Unpack {
  /** Leading folders to drop from names: 1 turns `food-101/images/a.jpg` into `images/a.jpg`. */
  readonly strip: number;
  /** The most bytes that the archive may unpack to. */
  readonly mostBytes: number;
}

/** Number of files unpacked, and their bytes. */
export interface Unpacked {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Unpacks an archive into a folder, which it makes, and removes again when it fails.
 * @param options.code the code of errors; `E_DATA` by default.
 * @throws UserError naming the archive and the entry when the archive is damaged, too large, or
 *   would write elsewhere; `E_DISK` when the disk is full.
 */
export async function unpackArchive(
  archive: string,
  folder: string,
  { strip, mostBytes, code: failure = "E_DATA" }: Unpack & { readonly code?: ErrorCode },
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
    await makeFolder(path);
    made.add(path);
  };
  const tar = extract();
  const options = { ...(signal && { signal }) };
  const file = await openRegular(archive).catch((error) => refuse(readProblem(error)?.problem ?? String(error)));
  const gzip = await isGzip(file);
  const source = file.createReadStream({ highWaterMark: 2 ** 20, start: 0 });
  await folderOf(folder);
  // No await from here to the loop: an entry without a listener would be lost.
  const feeding = gzip ? pipeline(source, createGunzip(), tar, options) : pipeline(source, tar, options);
  // A failure also ends the loop below, where it is awaited.
  feeding.catch(() => {});
  try {
    for await (const entry of tar) {
      const { name, type, size = 0 } = entry.header as Header;
      if (++entries > MAX_ENTRIES) refuse(`has more than ${MAX_ENTRIES} entries`);
      if (DEVICES.has(type ?? "file")) refuse(`has ${show(name)}, which is a ${type} and not a file`);
      const path = safePath(name, strip) ?? refuse(`has ${show(name)}, which would be written outside of the folder`);
      if (type === "file" && path !== "") {
        bytes += size;
        if (bytes > mostBytes) refuse(`unpacks to more than ${mostBytes} bytes`);
        files++;
        await folderOf(dirname(join(folder, path)));
        const handle = await open(join(folder, path), "w");
        try {
          for await (const piece of entry) await handle.writeFile(piece as Uint8Array);
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
    return { files, bytes };
  } catch (error) {
    tar.destroy();
    await rm(folder, { recursive: true, force: true });
    if (error instanceof UserError || signal?.aborted) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT")
      throw new UserError(
        "E_DISK",
        `the disk is full while ${archive} is unpacked; make room and run the same command again`,
      );
    return refuse(`is damaged or cut short (${code ?? message})`);
  }
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
