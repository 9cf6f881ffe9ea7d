/** Oxford-IIIT Pets, with torchvision's training and test splits and its order of classes. */
import { join } from "node:path";

import { AGAIN, refuseFile } from "../stored-file.ts";
import { type KnownSet, numberedClasses, type Obtained, photographs } from "./known-set.ts";
import { findFolder, listedFiles, readText, requireFiles } from "./photo-files.ts";

const name = "pets";
const CLASSES = 37;
/** The folder in torchvision's layout. */
const TORCHVISION = "oxford-iiit-pet";

/** The names of its classes are in its lists of files. */
export const petsSet: KnownSet = {
  ...photographs,
  name,
  folders: [TORCHVISION],
  classNames: numberedClasses(CLASSES),
  usual: { train: 3_680, test: 3_669 },
  obtain: ({ root }) => obtainPets(root),
};

async function obtainPets(root: string | undefined): Promise<Obtained> {
  const folder = findFolder(name, [name, TORCHVISION], root);
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
        if (!/^[\w-]+$/.test(image) || !(Number.isInteger(label) && label >= 0 && label < CLASSES))
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
  await requireFiles(
    name,
    folder,
    "images",
    [...train.rows, ...test.rows].map(({ file }) => file),
  );
  return {
    train: listedFiles(folder, train.rows),
    test: listedFiles(folder, test.rows),
    classNames: Array.from({ length: CLASSES }, (_, i) => names.get(i) ?? String(i + 1)),
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
