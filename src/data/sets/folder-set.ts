/**
 * A user's own set: a folder with a folder of images for each class, either below `train` and `test` (or `val`), or by
 * themselves, of which a fixed fifth of every class is then kept for testing.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { UserError } from "../../errors.ts";
import type { ImageFiles } from "../images/raw-image.ts";
import { labelsAt, setApart } from "../splits.ts";
import { classFolders, countImages, filesOf } from "./class-folders.ts";
import type { KnownSet } from "./known-set.ts";
import { imagenetStatistics } from "./photo-sets.ts";

/** One image in so many is for testing where the folder does not say which. */
const TEST_SHARE = 5;

const refuse = (message: string): never => {
  throw new UserError("E_DATA", `data.folder: ${message}`);
};

/**
 * Looks at a folder.
 * @throws UserError `E_DATA` when it is missing, has fewer than two classes, or classes for testing that are not trained on.
 */
export function folderSet(folder: string): KnownSet {
  if (!existsSync(folder)) return refuse(`there is no folder ${folder}`);
  const train = join(folder, "train");
  const test = ["test", "val"].map((name) => join(folder, name)).find(existsSync);
  const split = existsSync(train);
  if (split && test === undefined) return refuse(`${folder} has train, but neither test nor val; add one of them`);
  const classNames = classFolders(split ? train : folder);
  if (classNames.length < 2)
    return refuse(
      `${split ? train : folder} has ${classNames.length} class folders, expected two or more with images: ${folder}/train/CLASS/*.jpg and ${folder}/test/CLASS/*.jpg, or ${folder}/CLASS/*.jpg`,
    );
  const tested = split ? classFolders(test!) : [];
  const unknown = tested.filter((name) => !classNames.includes(name));
  const untested = split ? classNames.filter((name) => !tested.includes(name)) : [];
  if (unknown.length > 0) return refuse(`${test} has classes that ${train} lacks: ${unknown.slice(0, 5).join(", ")}`);
  if (untested.length > 0) return refuse(`${test} lacks classes of ${train}: ${untested.slice(0, 5).join(", ")}`);
  const all = countImages(split ? train : folder, classNames);
  const apart = split ? countImages(test!, classNames) : Math.floor(all / TEST_SHARE);
  return {
    ...{ channels: 3, side: undefined, classNames, ...imagenetStatistics },
    usual: { train: split ? all : all - apart, test: apart },
    async obtain() {
      if (split)
        return { train: await filesOf(train, classNames), test: await filesOf(test!, classNames), sources: [] };
      const images = await filesOf(folder, classNames);
      const { train: rest, selection } = setApart(images.labels, classNames.length, apart);
      return { train: chosen(images, rest), test: chosen(images, selection), sources: [] };
    },
  };
}

const chosen = ({ folder, files, labels }: ImageFiles, indices: Int32Array): ImageFiles => ({
  folder,
  files: Array.from(indices, (i) => files[i]!),
  labels: labelsAt(labels, indices),
});
