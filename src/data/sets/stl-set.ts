/** STL-10: 96 × 96 colour images in binary files, planes column by column. */
import { relative } from "node:path";

import type { LabelledImages } from "../labelled-images.ts";
import { locate } from "../locate.ts";
import { AGAIN, readStored, refuseFile, type StoredFile } from "../stored-file.ts";
import type { KnownSet } from "./known-set.ts";

const NAME = "stl-10";
const FILES = ["train_X.bin", "train_y.bin", "test_X.bin", "test_y.bin"] as const;
const SIDE = 96;
const CHANNELS = 3;
const IMAGE = CHANNELS * SIDE * SIDE;
const things = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"];

/** Labels in its files start at 1. */
export const stlSet: KnownSet = {
  name: NAME,
  folders: ["stl10_binary"],
  channels: CHANNELS,
  side: SIDE,
  usual: { train: 5_000, test: 8_000 },
  classNames: things,
  mean: [0.4467, 0.4398, 0.4066],
  std: [0.2603, 0.2566, 0.2713],
  async obtain({ root }) {
    const paths = locate(NAME, FILES, [NAME, "stl10_binary", `${NAME}/stl10_binary`], root);
    const files: File[] = [];
    for (const path of paths) files.push({ path, ...(await readStored(path)) });
    const [trainImages, trainLabels, testImages, testLabels] = files as [File, File, File, File];
    return {
      train: imagesOf(trainImages, trainLabels),
      test: imagesOf(testImages, testLabels),
      sources: files.map(({ path, sha256 }) => ({ file: relative(root ?? "", path), sha256 })),
    };
  },
};

/** A file and where it is. */
interface File extends StoredFile {
  readonly path: string;
}

function imagesOf(imageFile: File, labelFile: File): LabelledImages {
  const { bytes: pixels } = imageFile;
  const count = labelFile.bytes.length;
  if (count === 0 || pixels.length !== count * IMAGE)
    return refuseFile(
      imageFile.path,
      `holds ${pixels.length} bytes, expected ${IMAGE} for each of the ${count} labels in ${labelFile.path}; ${AGAIN}`,
    );
  const labels = Uint8Array.from(labelFile.bytes, (label, i) => {
    if (label < 1 || label > things.length)
      refuseFile(labelFile.path, `gives image ${i} the label ${label}, expected 1 to ${things.length}; ${AGAIN}`);
    return label - 1;
  });
  return { channels: CHANNELS, height: SIDE, width: SIDE, images: transposed(pixels), labels };
}

/** Turns planes stored column by column into planes stored row by row. */
export function transposed(pixels: Uint8Array): Uint8Array {
  const out = new Uint8Array(pixels.length);
  for (let start = 0; start < pixels.length; start += SIDE * SIDE)
    for (let row = 0; row < SIDE; row++)
      for (let column = 0; column < SIDE; column++)
        out[start + row * SIDE + column] = pixels[start + column * SIDE + row]!;
  return out;
}
