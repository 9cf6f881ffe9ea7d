/** How much a disk has left. */
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** Free bytes on the disk where a folder is or would be, and the folder above it that exists. */
export async function freeSpace(folder: string): Promise<{ readonly folder: string; readonly freeBytes: number }> {
  let place = resolve(folder);
  while (!existsSync(place)) place = dirname(place);
  const { bavail, bsize } = await statfs(place);
  return { folder: place, freeBytes: bavail * bsize };
}
