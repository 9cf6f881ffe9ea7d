/** Finds the files of a data set in the data folder. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";

import { UserError } from "../errors.ts";
import type { Source } from "./data-set.ts";

/**
 * Finds the files of a set, plain or `.gz`, in the first of its folders that holds any of them.
 * @param name of the set, for the advice.
 * @param files their names, without `.gz`.
 * @param folders where they may be, relative to `root`.
 * @param root the data folder, if one is known.
 * @returns the path of every file.
 * @throws UserError `E_DATA` when files are missing, with advice when they are compressed by xz,
 *   which Node cannot read.
 */
export function locate(
  name: string,
  files: readonly string[],
  folders: readonly string[],
  root: string | undefined,
): string[] {
  const expected = `${files.join(", ")} (plain or .gz)`;
  const advice = `get it: pdiff data get ${name}, or set PDIFF_DATA=DIR where DIR/${name} holds ${expected}; glyphs needs no files`;
  if (root === undefined) throw refuse(`${name} is read from files, and no data folder is known; ${advice}`);
  const places = folders.map((folder) => join(root, folder));
  for (const place of places) {
    const paths = files.map((file) => [join(place, file), join(place, `${file}.gz`)].find(existsSync));
    const missing = files.filter((_, i) => paths[i] === undefined);
    if (missing.length === 0) return paths as string[];
    const packed = missing.map((file) => `${file}.xz`).filter((file) => existsSync(join(place, file)));
    if (packed.length === missing.length)
      throw refuse(`${place} holds ${packed.join(", ")}, but xz is not read; unpack each with xz -dk FILE`);
    if (missing.length < files.length || packed.length > 0)
      throw refuse(
        `${place} lacks ${missing.join(", ")}; ${name} needs ${expected}${packed.length > 0 ? "; unpack .xz files with xz -dk FILE" : `; get it again: pdiff data get ${name} --force`}`,
      );
  }
  throw refuse(`${name} is not in ${places.join(", ")}; ${advice}`);
}

/** Files as sources, with their checksums in the same order. */
export const sourcesOf = (paths: readonly string[], checksums: readonly string[], root: string | undefined): Source[] =>
  paths.map((path, i) => ({ file: relative(root ?? "", path), sha256: checksums[i] ?? "" }));

const refuse = (message: string) => new UserError("E_DATA", message);
