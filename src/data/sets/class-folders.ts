/**
 * Images in one folder for each class, as in torchvision's ImageFolder: sorted classes and files,
 * those in folders below the class among them.
 */
import { readdirSync, realpathSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { UserError } from "../../errors.ts";
import type { ImageFiles } from "../images/raw-image.ts";

/** Names of image files; other files are ignored, and hidden ones such as `._1.png` of macOS. */
const IMAGE = /^[^.].*\.(jpe?g|png|webp|bmp|tiff?|p[pgn]m)$/i;

/** How many folders deep images of a class may lie. */
const MAX_DEPTH = 16;

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
 * The images in a folder and in those below it, by their paths from there: those of each folder
 * together, folders and names sorted. Links are followed, each folder once.
 */
function imagesIn(folder: string): string[] {
  const visited = new Set<string>();
  const below = (path: string, from: string, depth: number): (readonly [from: string, names: string[]])[] => {
    const real = realpathSync(path);
    if (depth > MAX_DEPTH || visited.has(real)) return [];
    visited.add(real);
    const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => !name.startsWith("."));
    const isFolder = (entry: (typeof entries)[number]): boolean =>
      entry.isDirectory() ||
      (entry.isSymbolicLink() && statSync(join(path, entry.name), { throwIfNoEntry: false })?.isDirectory() === true);
    const names = entries.filter((entry) => IMAGE.test(entry.name) && !isFolder(entry)).map(({ name }) => name);
    const deeper = entries
      .filter(isFolder)
      .flatMap(({ name }) => below(join(path, name), from === "" ? name : `${from}/${name}`, depth + 1));
    return [[from, names.sort(byName)], ...deeper];
  };
  return below(folder, "", 0)
    .sort(([a], [b]) => byName(a, b))
    .flatMap(([from, names]) => names.map((name) => (from === "" ? name : `${from}/${name}`)));
}

/**
 * The number of images in the folders of some classes.
 * @throws UserError `E_DATA` naming a folder that cannot be read.
 */
export function countImages(folder: string, classes: readonly string[]): number {
  const countIn = (path: string): number => {
    try {
      return imagesIn(path).length;
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
  const lists = classes.map((name) => {
    const images = imagesOrNone(join(folder, name));
    return images.length > 0
      ? images.map((file) => `${name}/${file}`)
      : refuse(
          `${join(folder, name)} holds no image (.jpg, .png, .webp, .bmp, .tif or .ppm); add some, or remove that folder`,
        );
  });
  return {
    folder,
    files: lists.flat(),
    labels: Uint16Array.from(lists.flatMap((list, label) => list.map(() => label))),
  };
}

function imagesOrNone(folder: string): string[] {
  try {
    return imagesIn(folder);
  } catch {
    return [];
  }
}
