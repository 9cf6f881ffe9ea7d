/**
 * The sets of photographs kept as one file each: Oxford Flowers-102, Oxford-IIIT Pets and Food-101, with the splits, the
 * order of classes and the sizes of torchvision, and ImageNet-1K as a folder for each class. Pixels are normalised by
 * ImageNet's means and standard deviations, as is usual for them.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";

import { UserError } from "../../errors.ts";
import type { Source } from "../data-set.ts";
import type { ImageFiles } from "../images/raw-image.ts";
import { readMatlab } from "../matlab.ts";
import { AGAIN, refuseFile } from "../stored-file.ts";
import { classFolders, filesOf, namesIn } from "./class-folders.ts";
import type { KnownSet, Obtained } from "./known-set.ts";

/** ImageNet's, for pixels scaled to 0..1. */
export const imagenetStatistics = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

const photos = { channels: 3, side: undefined, ...imagenetStatistics } as const;

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i + 1));

/** The first of the folders that is there. */
function findFolder(name: string, folders: readonly string[], root: string | undefined, advice: string): string {
  const found = root === undefined ? undefined : folders.map((folder) => join(root, folder)).find(existsSync);
  if (found !== undefined) return found;
  const where = root === undefined ? "no data folder is known" : `there is no ${join(root, folders[0]!)}`;
  throw new UserError("E_DATA", `${name} is read from files, and ${where}; ${advice}`);
}

const get = (name: string): string =>
  `get it: pdiff data get ${name}, or set PDIFF_DATA=DIR where DIR/${name} holds it`;

/** A small text file, and its checksum as a source. */
async function readText(path: string, root: string | undefined): Promise<{ text: string; source: Source }> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) =>
    refuseFile(path, `cannot be read (${error.code}); ${AGAIN}`),
  );
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { text: bytes.toString("utf8"), source: { file: relative(root ?? "", path), sha256 } };
}

/** Refuses a list that names files which are not there. */
async function requireAll(name: string, folder: string, subfolder: string, files: readonly string[]): Promise<void> {
  const there = await namesIn(join(folder, subfolder));
  const missing = files.filter((file) => !there.has(file.slice(file.lastIndexOf("/") + 1)));
  if (missing.length > 0)
    throw new UserError(
      "E_DATA",
      `${folder} lacks ${missing.length} of the ${files.length} images in its lists, such as ${missing[0]}; get the set again: pdiff data get ${name} --force`,
    );
}

/** Images by lists of file names and labels. */
const listed = (folder: string, list: readonly { file: string; label: number }[]): ImageFiles => ({
  folder,
  files: list.map(({ file }) => file),
  labels: Uint16Array.from(list, ({ label }) => label),
});

async function obtainFlowers(root: string | undefined): Promise<Obtained> {
  const name = "flowers-102";
  const folder = findFolder(name, [name], root, get(name));
  const labelFile = join(folder, "imagelabels.mat");
  const splitFile = join(folder, "setid.mat");
  const [labelled, splits] = [await readMatlab(labelFile), await readMatlab(splitFile)];
  const labels = labelled.arrays.get("labels")?.values ?? refuseFile(labelFile, `has no labels; ${AGAIN}`);
  const part = (id: "trnid" | "tstid") => {
    const images = splits.arrays.get(id)?.values ?? refuseFile(splitFile, `has no ${id}; ${AGAIN}`);
    return [...images].map((image) => {
      const label = labels[image - 1];
      if (label === undefined || !(label >= 1 && label <= 102))
        return refuseFile(labelFile, `has no label from 1 to 102 for image ${image}; ${AGAIN}`);
      return { file: `jpg/image_${String(image).padStart(5, "0")}.jpg`, label: label - 1 };
    });
  };
  const [train, test] = [part("trnid"), part("tstid")];
  await requireAll(
    name,
    folder,
    "jpg",
    [...train, ...test].map(({ file }) => file),
  );
  const sources = [
    { file: relative(root ?? "", labelFile), sha256: labelled.sha256 },
    { file: relative(root ?? "", splitFile), sha256: splits.sha256 },
  ];
  return { train: listed(folder, train), test: listed(folder, test), sources };
}

async function obtainPets(root: string | undefined): Promise<Obtained> {
  const name = "pets";
  const folder = findFolder(name, [name, "oxford-iiit-pet"], root, get(name));
  const names = new Map<number, string>();
  const part = async (list: string) => {
    const path = join(folder, "annotations", list);
    const { text, source } = await readText(path, root);
    const rows = text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const [image = "", id = ""] = line.split(" ");
        const label = Number(id) - 1;
        if (!/^[\w-]+$/.test(image) || !(Number.isInteger(label) && label >= 0 && label < 37))
          return refuseFile(
            path,
            `has the line ${JSON.stringify(line.slice(0, 80))}, expected NAME CLASS SPECIES BREED; ${AGAIN}`,
          );
        names.set(label, breedOf(image));
        return { file: `images/${image}.jpg`, label };
      });
    return { rows, source };
  };
  const [train, test] = [await part("trainval.txt"), await part("test.txt")];
  await requireAll(
    name,
    folder,
    "images",
    [...train.rows, ...test.rows].map(({ file }) => file),
  );
  return {
    ...{ train: listed(folder, train.rows), test: listed(folder, test.rows) },
    classNames: Array.from({ length: 37 }, (_, i) => names.get(i) ?? String(i + 1)),
    sources: [train.source, test.source],
  };
}

/** `american_bulldog_12` is an American Bulldog. */
const breedOf = (image: string): string =>
  image
    .split("_")
    .slice(0, -1)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join(" ");

async function obtainFood(root: string | undefined): Promise<Obtained> {
  const name = "food-101";
  const folder = findFolder(name, [name, `${name}/${name}`], root, get(name));
  const part = async (list: string) => {
    const path = join(folder, "meta", list);
    const { text, source } = await readText(path, root);
    return { lists: foodLists(path, text), source };
  };
  const [train, test] = [await part("train.json"), await part("test.json")];
  const classNames = Object.keys(train.lists).sort();
  const rows = (lists: Readonly<Record<string, readonly string[]>>) =>
    classNames.flatMap((of, label) => (lists[of] ?? []).map((image) => ({ file: `images/${image}.jpg`, label })));
  for (const of of classNames) {
    const files = [train, test].flatMap(({ lists }) => lists[of] ?? []).map((image) => `images/${image}.jpg`);
    await requireAll(name, folder, `images/${of}`, files);
  }
  return {
    ...{ train: listed(folder, rows(train.lists)), test: listed(folder, rows(test.lists)) },
    ...{ classNames, sources: [train.source, test.source] },
  };
}

/** A list of Food-101: for each class, its images as CLASS/ID. */
function foodLists(path: string, text: string): Record<string, string[]> {
  const refuse = (): never => refuseFile(path, `is no list of images by class; ${AGAIN}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse();
  }
  if (typeof value !== "object" || value === null) return refuse();
  const lists = new Map<string, string[]>();
  for (const [of, images] of Object.entries(value)) {
    const fits = (image: unknown) =>
      typeof image === "string" && /^[\w-]+\/[\w-]+$/.test(image) && image.startsWith(`${of}/`);
    if (!/^[\w-]+$/.test(of) || !Array.isArray(images) || !images.every(fits)) return refuse();
    lists.set(of, images as string[]);
  }
  return lists.size === 0 ? refuse() : Object.fromEntries(lists);
}

async function obtainImagenet(root: string | undefined): Promise<Obtained> {
  const name = "imagenet-1k";
  const advice = `it cannot be downloaded without an account (pdiff data get ${name} tells how); set PDIFF_DATA=DIR where DIR/${name} has train/CLASS/*.JPEG and val/CLASS/*.JPEG`;
  const folder = findFolder(name, [name, "imagenet"], root, advice);
  const [train, val] = [join(folder, "train"), join(folder, "val")];
  const [classNames, others] = [classFolders(train), classFolders(val)];
  if (classNames.length !== 1000 || `${classNames}` !== `${others}`)
    throw new UserError(
      "E_DATA",
      `${folder} has ${classNames.length} classes in train and ${others.length} in val, expected the same 1 000 folders in both; sort the images of val into folders as those of train are`,
    );
  return { train: await filesOf(train, classNames), test: await filesOf(val, classNames), classNames, sources: [] };
}

const photoSet = (
  name: string,
  classes: number,
  usual: KnownSet["usual"],
  obtain: (root: string | undefined) => Promise<Obtained>,
): [string, KnownSet] => [
  name,
  { ...photos, classNames: numbered(classes), usual, obtain: ({ root }) => obtain(root) },
];

/** The sets by name. Where names of classes are only in the files, they are numbers before these are read. */
export const photoSets: ReadonlyMap<string, KnownSet> = new Map([
  photoSet("flowers-102", 102, { train: 1_020, test: 6_149 }, obtainFlowers),
  photoSet("pets", 37, { train: 3_680, test: 3_669 }, obtainPets),
  photoSet("food-101", 101, { train: 75_750, test: 25_250 }, obtainFood),
  photoSet("imagenet-1k", 1000, { train: 1_281_167, test: 50_000 }, obtainImagenet),
]);
