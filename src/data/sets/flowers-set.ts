/** Oxford Flowers-102, with torchvision's training and test splits and its order of classes. */
import { join, relative } from "node:path";

import { readMatlab } from "../matlab.ts";
import { AGAIN, refuseFile } from "../stored-file.ts";
import { type KnownSet, numberedClasses, type Obtained, photographs } from "./known-set.ts";
import { findFolder, listedFiles, requireFiles } from "./photo-files.ts";

const name = "flowers-102";
const CLASSES = 102;

/** Its classes have numbers, not names. */
export const flowersSet: KnownSet = {
  ...photographs,
  name,
  folders: [],
  classNames: numberedClasses(CLASSES),
  usual: { train: 1_020, test: 6_149 },
  obtain: ({ root }) => obtainFlowers(root),
};

async function obtainFlowers(root: string | undefined): Promise<Obtained> {
  const folder = findFolder(name, [name], root);
  const labelFile = join(folder, "imagelabels.mat");
  const splitFile = join(folder, "setid.mat");
  const [labelled, splits] = [await readMatlab(labelFile), await readMatlab(splitFile)];
  const labels = labelled.arrays.get("labels")?.values ?? refuseFile(labelFile, `has no labels; ${AGAIN}`);
  const part = (id: "trnid" | "tstid") => {
    const images = splits.arrays.get(id)?.values ?? refuseFile(splitFile, `has no ${id}; ${AGAIN}`);
    return [...images].map((image) => {
      const label = labels[image - 1];
      if (label === undefined || !(label >= 1 && label <= CLASSES))
        return refuseFile(labelFile, `has no label from 1 to ${CLASSES} for image ${image}; ${AGAIN}`);
      return { file: `jpg/image_${String(image).padStart(5, "0")}.jpg`, label: label - 1 };
    });
  };
  const [train, test] = [part("trnid"), part("tstid")];
  await requireFiles(
    name,
    folder,
    "jpg",
    [...train, ...test].map(({ file }) => file),
  );
  const sources = [
    { file: relative(root ?? "", labelFile), sha256: labelled.sha256 },
    { file: relative(root ?? "", splitFile), sha256: splits.sha256 },
  ];
  return { train: listedFiles(folder, train), test: listedFiles(folder, test), sources };
}
