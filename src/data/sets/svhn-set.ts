/** SVHN, cropped: house numbers of 32 × 32 pixels in two MATLAB files. */
import { relative } from "node:path";

import type { Source } from "../data-set.ts";
import type { LabelledImages } from "../labelled-images.ts";
import { locate } from "../locate.ts";
import { type MatlabFile, readMatlab } from "../matlab.ts";
import { AGAIN, refuseFile } from "../stored-file.ts";
import type { KnownSet } from "./known-set.ts";

const NAME = "svhn";
const FILES = ["train_32x32.mat", "test_32x32.mat"] as const;
const SIDE = 32;
const CHANNELS = 3;
const CLASSES = 10;

/** The means and standard deviations are the customary ones. */
export const svhnSet: KnownSet = {
  name: NAME,
  folders: ["SVHN"],
  channels: CHANNELS,
  side: SIDE,
  usual: { train: 73_257, test: 26_032 },
  classNames: [..."0123456789"],
  mean: [0.4377, 0.4438, 0.4728],
  std: [0.198, 0.201, 0.197],
  async obtain({ root }) {
    const paths = locate(NAME, FILES, [NAME, "SVHN"], root);
    const parts: LabelledImages[] = [];
    const sources: Source[] = [];
    for (const path of paths) {
      const file = await readMatlab(path);
      parts.push(imagesOf(path, file));
      sources.push({ file: relative(root ?? "", path), sha256: file.sha256 });
    }
    const [train, test] = parts as [LabelledImages, LabelledImages];
    return { train, test, sources };
  },
};

/**
 * The images of a file: X is `[32, 32, 3, count]` in column-major order, and y is 10 for digit 0.
 */
function imagesOf(path: string, { arrays }: MatlabFile): LabelledImages {
  const [x, y] = [arrays.get("X"), arrays.get("y")];
  const count = y?.values.length ?? 0;
  const expected = [SIDE, SIDE, CHANNELS, count];
  if (
    x === undefined ||
    y === undefined ||
    !(x.values instanceof Uint8Array) ||
    `${x.shape}` !== `${expected}` ||
    count === 0
  )
    return refuseFile(path, `holds no bytes X of ${SIDE} × ${SIDE} × ${CHANNELS} × N with N labels y; ${AGAIN}`);
  const labels = Uint8Array.from(y.values, (label, i) => {
    if (!(Number.isInteger(label) && label >= 1 && label <= CLASSES))
      refuseFile(path, `gives image ${i} the label ${label}, expected 1 to ${CLASSES}; ${AGAIN}`);
    return label % CLASSES;
  });
  const images = new Uint8Array(x.values.length);
  const plane = SIDE * SIDE;
  // Columns to rows: element (row, column, channel) of an image lies at row + 32 column + 1024
  // channel.
  for (let start = 0; start < images.length; start += plane)
    for (let row = 0; row < SIDE; row++)
      for (let column = 0; column < SIDE; column++)
        images[start + row * SIDE + column] = x.values[start + column * SIDE + row]!;
  return { channels: CHANNELS, height: SIDE, width: SIDE, images, labels };
}
