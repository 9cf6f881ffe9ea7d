/**
 * The user's own set: a folder with a folder of images for each class. The class folders are below
 * `train` and `test` (or `val`, `valid`); without these, a fixed fifth of every class is the test
 * split.
 */

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "../../errors.ts";
import { at } from "../../lookup.ts";
import type { ImageFiles } from "../images/raw-image.ts";
import { labelsAt, setApart } from "../splits.ts";
import { classFolders, countImages, filesOf } from "./class-folders.ts";
import { type KnownSet, photographs } from "./known-set.ts";

/** One image in five is a test image when the folder has no test split. */
const TEST_EVERY = 5;

/** Names of the folders of splits, the preferred one first. */
const TRAIN = ["train", "training"];
const TEST = ["test", "val", "valid", "validation", "testing"];

const refuse = (message: string): never => {
  throw new UserError("E_DATA", `data.folder: ${message}`);
};

/**
 * The set in a folder.
 * @throws UserError `E_DATA` when the folder is missing or has fewer than two classes, or its test
 *   classes differ from its training classes.
 */
export function folderSet(folder: string): KnownSet {
  if (!existsSync(folder)) return refuse(`there is no folder ${folder}`);
  const train = splitIn(folder, TRAIN);
  if (train === undefined) return unsplitSet(folder);
  const test = splitIn(folder, TEST);
  if (test === undefined) return refuse(`${folder} has ${basename(train)}, but neither test nor val; add one of them`);
  const classNames = classesIn(train, folder);
  const tested = classFolders(test);
  const unknown = tested.filter((name) => !classNames.includes(name));
  const untested = classNames.filter((name) => !tested.includes(name));
  if (unknown.length > 0) return refuse(`${test} has classes that ${train} lacks: ${unknown.slice(0, 5).join(", ")}`);
  if (untested.length > 0) return refuse(`${test} lacks classes of ${train}: ${untested.slice(0, 5).join(", ")}`);
  return {
    ...photographs,
    name: "folder",
    folders: [],
    classNames,
    usual: { train: countImages(train, classNames), test: countImages(test, classNames) },
    obtain: async () => ({
      train: await filesOf(train, classNames),
      test: await filesOf(test, classNames),
      sources: [],
    }),
  };
}

/** The folder of a split, whatever the case of its name; undefined where there is none. */
function splitIn(folder: string, names: readonly string[]): string | undefined {
  const there = classFolders(folder);
  const found = names.flatMap((name) => there.find((other) => other.toLowerCase() === name) ?? []);
  return found[0] === undefined ? undefined : join(folder, found[0]);
}

/** The set in a folder of class folders, without splits. */
function unsplitSet(folder: string): KnownSet {
  const classNames = classesIn(folder, folder);
  const all = countImages(folder, classNames);
  const testCount = Math.floor(all / TEST_EVERY);
  return {
    ...photographs,
    name: "folder",
    folders: [],
    classNames,
    usual: { train: all - testCount, test: testCount },
    async obtain() {
      const images = await filesOf(folder, classNames);
      const { train, selection } = setApart(images.labels, classNames.length, testCount);
      return { train: selectFiles(images, train), test: selectFiles(images, selection), sources: [] };
    },
  };
}

/** The class folders in a folder, at least two. */
function classesIn(place: string, folder: string): string[] {
  const classNames = classFolders(place);
  if (classNames.length >= 2) return classNames;
  return refuse(
    `${place} has ${classNames.length} class folders, expected two or more with images: ${folder}/train/CLASS/*.jpg and ${folder}/test/CLASS/*.jpg, or ${folder}/CLASS/*.jpg`,
  );
}

const selectFiles = ({ folder, files, labels }: ImageFiles, indices: Int32Array): ImageFiles => ({
  folder,
  files: Array.from(indices, (i) => at(files, i)),
  labels: labelsAt(labels, indices),
});
