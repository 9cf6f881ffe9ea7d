/** STL-10: 96 × 96 colour images in files of bytes, planes column by column, and labels from 1. */
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
const animals = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"];

export const stlSets: ReadonlyMap<string, KnownSet> = new Map<string, KnownSet>([
  [
    NAME,
    {
      ...{ channels: CHANNELS, side: SIDE, usual: { train: 5_000, test: 8_000 }, classNames: animals },
      ...{ mean: [0.4467, 0.4398, 0.4066], std: [0.2603, 0.2566, 0.2713] },
      async obtain({ root }) {
        const paths = locate(NAME, FILES, [NAME, "stl10_binary", `${NAME}/stl10_binary`], root);
        const files: StoredFile[] = [];
        for (const path of paths) files.push(await readStored(path));
        const part = (i: number) => imagesOf(paths.slice(i, i + 2), files[i]!.bytes, files[i + 1]!.bytes);
        const sources = paths.map((path, i) => ({ file: relative(root ?? "", path), sha256: files[i]!.sha256 }));
        return { train: part(0), test: part(2), sources };
      },
    },
  ],
]);

function imagesOf(paths: readonly string[], pixels: Uint8Array, stored: Uint8Array): LabelledImages {
  const count = stored.length;
  if (count === 0 || pixels.length !== count * IMAGE)
    return refuseFile(
      paths[0]!,
      `holds ${pixels.length} bytes, expected ${IMAGE} for each of the ${count} labels in ${paths[1]}; ${AGAIN}`,
    );
  const labels = stored.map((label, i) => {
    if (label < 1 || label > animals.length)
      refuseFile(paths[1]!, `gives image ${i} the label ${label}, expected 1 to ${animals.length}; ${AGAIN}`);
    return label - 1;
  });
  return { channels: CHANNELS, height: SIDE, width: SIDE, images: transposed(pixels), labels };
}

/** Planes whose columns come one after the other as planes of rows. */
export function transposed(pixels: Uint8Array): Uint8Array {
  const out = new Uint8Array(pixels.length);
  for (let start = 0; start < pixels.length; start += SIDE * SIDE)
    for (let row = 0; row < SIDE; row++)
      for (let column = 0; column < SIDE; column++)
        out[start + row * SIDE + column] = pixels[start + column * SIDE + row]!;
  return out;
}
