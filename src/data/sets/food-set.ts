/** Food-101, with torchvision's training and test splits and its order of classes. */
import { join } from "node:path";

import { AGAIN, refuseFile } from "../stored-file.ts";
import { type KnownSet, numberedClasses, type Obtained, photographs } from "./known-set.ts";
import { findFolder, listedFiles, readText, requireFiles } from "./photo-files.ts";

const name = "food-101";

/** The names of its classes are in its lists of files. */
export const foodSet: KnownSet = {
  ...photographs,
  name,
  folders: [],
  classNames: numberedClasses(101),
  usual: { train: 75_750, test: 25_250 },
  obtain: ({ root }) => obtainFood(root),
};

async function obtainFood(root: string | undefined): Promise<Obtained> {
  const folder = findFolder(name, [name, `${name}/${name}`], root);
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
    await requireFiles(name, folder, `images/${of}`, files);
  }
  return {
    train: listedFiles(folder, rows(train.lists)),
    test: listedFiles(folder, rows(test.lists)),
    classNames,
    sources: [train.source, test.source],
  };
}

/** A list of Food-101: for each class, its images as CLASS/ID. */
function foodLists(path: string, text: string): Record<string, string[]> {
  const refuse = (): never => refuseFile(path, `is not a list of images by class; ${AGAIN}`);
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
