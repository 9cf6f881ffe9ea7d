/** What the sets of photographs share: finding their folder, their lists and their images. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";

import { UserError } from "../../errors.ts";
import { readRegular } from "../../files/index.ts";
import type { Source } from "../data-set.ts";
import type { ImageFiles } from "../images/raw-image.ts";
import { MAX_FILE_BYTES, refuseUnreadable } from "../stored-file.ts";
import { namesIn } from "./class-folders.ts";

/**
 * The folder of a set: the first of the candidates that exists.
 * @param advice completes the message when none exists.
 * @throws UserError `E_DATA` when none exists.
 */
export function findFolder(
  name: string,
  folders: readonly string[],
  root: string | undefined,
  advice = `get it: pdiff data get ${name}, or set PDIFF_DATA=DIR where DIR/${name} holds it`,
): string {
  const found = root === undefined ? undefined : folders.map((folder) => join(root, folder)).find(existsSync);
  if (found !== undefined) return found;
  const where = root === undefined ? "no data folder is known" : `there is no ${join(root, folders[0] ?? name)}`;
  throw new UserError("E_DATA", `${name} is read from files, and ${where}; ${advice}`);
}

/**
 * Reads a small text file, with its checksum as a source.
 * @throws UserError `E_DATA` naming the file when it cannot be read.
 */
export async function readText(path: string, root: string | undefined): Promise<{ text: string; source: Source }> {
  const bytes = await readRegular(path, MAX_FILE_BYTES).catch((error) => refuseUnreadable(path, error));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { text: bytes.toString("utf8"), source: { file: relative(root ?? "", path), sha256 } };
}

/**
 * Checks that all listed files are in a folder.
 * @param name of the set, for the advice.
 * @throws UserError `E_DATA` with the number of missing files.
 */
export async function requireFiles(
  name: string,
  folder: string,
  subfolder: string,
  files: readonly string[],
): Promise<void> {
  const there = await namesIn(join(folder, subfolder));
  const missing = files.filter((file) => !there.has(file.slice(file.lastIndexOf("/") + 1)));
  if (missing.length > 0)
    throw new UserError(
      "E_DATA",
      `${folder} lacks ${missing.length} of the ${files.length} images in its lists, such as ${missing[0]}; get the set again: pdiff data get ${name} --force`,
    );
}

/** Images from a list of file names and labels. */
export const listedFiles = (folder: string, list: readonly { file: string; label: number }[]): ImageFiles => ({
  folder,
  files: list.map(({ file }) => file),
  labels: Uint16Array.from(list, ({ label }) => label),
});
