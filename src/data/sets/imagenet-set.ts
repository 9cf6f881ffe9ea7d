/** ImageNet-1K as a folder for each class, the validation images as the test split. */
import { join } from "node:path";

import { UserError } from "../../errors.ts";
import { classFolders, filesOf } from "./class-folders.ts";
import { type KnownSet, numberedClasses, type Obtained, photographs } from "./known-set.ts";
import { findFolder } from "./photo-files.ts";

const name = "imagenet-1k";
const CLASSES = 1000;

/** The names of its classes are those of its folders. */
export const imagenetSet: KnownSet = {
  ...photographs,
  name,
  folders: ["imagenet"],
  classNames: numberedClasses(CLASSES),
  usual: { train: 1_281_167, test: 50_000 },
  obtain: ({ root }) => obtainImagenet(root),
};

async function obtainImagenet(root: string | undefined): Promise<Obtained> {
  const advice = `it cannot be downloaded without an account (pdiff data get ${name} tells how); set PDIFF_DATA=DIR where DIR/${name} has train/CLASS/*.JPEG and val/CLASS/*.JPEG`;
  const folder = findFolder(name, [name, "imagenet"], root, advice);
  const [train, val] = [join(folder, "train"), join(folder, "val")];
  const [classNames, others] = [classFolders(train), classFolders(val)];
  if (classNames.length !== CLASSES || `${classNames}` !== `${others}`)
    throw new UserError(
      "E_DATA",
      `${folder} has ${classNames.length} classes in train and ${others.length} in val, expected the same 1 000 folders in both; sort the images of val into folders as those of train are`,
    );
  return { train: await filesOf(train, classNames), test: await filesOf(val, classNames), classNames, sources: [] };
}
