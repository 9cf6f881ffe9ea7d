/**
 * Images in one folder for each class, as in torchvision's ImageFolder: sorted classes and files.
 */
import { readdirSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { UserError } from "../../errors.ts";
import type { ImageFiles } from "../images/raw-image.ts";

/** Names of image files; other files are ignored. */
const IMAGE = /\.(jpe?g|png|webp)$/i;

/** The most classes of a set: labels have two bytes. */
const MAX_CLASSES = 65_536;

const refuse = (message: string): never => {
  throw new UserError("E_DATA", message);
};

/** Compares by code units, so that the order is the same everywhere. */
const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The names of the class folders in a folder, sorted; links count as folders.
 * @throws UserError `E_DATA` when it cannot be read, or there are too many.
 */
export function classFolders(folder: string): string[] {
  try {
    const names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith("."))
      .map(({ name }) => name)
      .sort(byName);
    return names.length <= MAX_CLASSES
      ? names
      : refuse(`${folder} has ${names.length} folders, at most ${MAX_CLASSES} classes are read`);
  } catch (error) {
    if (error instanceof UserError) throw error;
    return refuse(
      `${folder} cannot be read (${(error as NodeJS.ErrnoException).code}), expected a folder for each class`,
    );
  }
}

/**
 * The number of images in the folders of some classes.
 * @throws UserError `E_DATA` naming a folder that cannot be read.
 */
export function countImages(folder: string, classes: readonly string[]): number {
  const countIn = (path: string): number => {
    try {
      return readdirSync(path).filter((file) => IMAGE.test(file)).length;
    } catch (error) {
      return refuse(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}), expected a folder of images`);
    }
  };
  return classes.reduce((sum, name) => sum + countIn(join(folder, name)), 0);
}

/** The names of the files in a folder; none when it cannot be read. */
export const namesIn = async (folder: string): Promise<Set<string>> => new Set(await readdir(folder).catch(() => []));

/**
 * The images of some classes, in the order of the classes and then of their names.
 * @throws UserError `E_DATA` naming a class without an image.
 */
export async function filesOf(folder: string, classes: readonly string[]): Promise<ImageFiles> {
  const lists = await Promise.all(
    classes.map(async (name) => {
      const images = (await readdir(join(folder, name)).catch(() => [])).filter((file) => IMAGE.test(file));
      return images.length > 0
        ? images.sort(byName).map((file) => `${name}/${file}`)
        : refuse(`${join(folder, name)} holds no image (.jpg, .png or .webp); add some, or remove that folder`);
    }),
  );
  return {
    folder,
    files: lists.flat(),
    labels: Uint16Array.from(lists.flatMap((list, label) => list.map(() => label))),
  };
}
