/**
 * The data sets kept as four IDX files: MNIST and those made in its image. Means and standard deviations are the
 * customary ones, worked out from all training pixels scaled to 0..1, so that networks trained elsewhere fit.
 */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";

import { UserError } from "../errors.ts";
import type { Source } from "./data-set.ts";
import { readIdx } from "./idx.ts";
import type { LabelledImages } from "./labelled-images.ts";

/** How a data set of IDX files is stored and normalised. */
export interface IdxSet {
  readonly classNames: readonly string[];
  readonly mean: number;
  readonly std: number;
  /** What its file names begin with, for training and test. */
  readonly prefixes: readonly [train: string, test: string];
  /** How many images the official files hold, for plans made without them. */
  readonly official: { readonly train: number; readonly test: number };
  /** Its folder in torchvision's layout. */
  readonly torchvision: string;
  /** Whether images are stored column by column, lying on their sides: true of EMNIST only. */
  readonly transposed?: boolean;
}

/** MNIST's size, which its successors kept. Images are 28 pixels wide and high in all of these sets. */
const sixtyThousand = { train: 60_000, test: 10_000 };
export const IDX_SIDE = 28;

const digits = [..."0123456789"];

const clothes = [
  ...["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"],
  ...["Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
];

export const idxSets: ReadonlyMap<string, IdxSet> = new Map<string, IdxSet>([
  [
    "mnist",
    {
      classNames: digits,
      mean: 0.1307,
      std: 0.3081,
      prefixes: ["train", "t10k"],
      official: sixtyThousand,
      torchvision: "MNIST",
    },
  ],
  [
    "fashion-mnist",
    {
      classNames: clothes,
      mean: 0.286,
      std: 0.353,
      prefixes: ["train", "t10k"],
      official: sixtyThousand,
      torchvision: "FashionMNIST",
    },
  ],
  [
    "kmnist",
    {
      classNames: ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
      mean: 0.1918,
      std: 0.3483,
      prefixes: ["train", "t10k"],
      official: sixtyThousand,
      torchvision: "KMNIST",
    },
  ],
  [
    "emnist-digits",
    {
      classNames: digits,
      mean: 0.1722,
      std: 0.331,
      prefixes: ["emnist-digits-train", "emnist-digits-test"],
      official: { train: 240_000, test: 40_000 },
      torchvision: "EMNIST",
      transposed: true,
    },
  ],
]);

/**
 * Reads the four files of a set, plain or `.gz`, from `ROOT/NAME`, `ROOT/NAME/raw` or torchvision's `ROOT/MNIST/raw`.
 * Images stored lying on their sides are returned upright.
 * @throws UserError `E_DATA` naming the file when one is missing or unsound, when there are not as many labels as images,
 * a label is no class, or training and test images differ in size.
 */
export async function readIdxSet(
  name: string,
  set: IdxSet,
  root: string | undefined,
): Promise<{ train: LabelledImages; test: LabelledImages; sources: Source[] }> {
  const files = locate(name, set, root);
  const train = await readPart(files[0], files[1], set);
  const test = await readPart(files[2], files[3], set);
  if (test.height !== train.height || test.width !== train.width)
    throw refuse(
      `${files[2]} holds images of ${test.height} × ${test.width} pixels, but ${files[0]} of ${train.height} × ${train.width}`,
    );
  const checksums = [...train.checksums, ...test.checksums];
  const sources = files.map((file, i) => ({ file: relative(root ?? "", file), sha256: checksums[i]! }));
  return { train, test, sources };
}

type FourFiles = readonly [trainImages: string, trainLabels: string, testImages: string, testLabels: string];

/** The paths of the four files, all in one folder. */
function locate(name: string, set: IdxSet, root: string | undefined): FourFiles {
  const names = set.prefixes.flatMap((prefix) => [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`]);
  const expected = `${names.join(", ")} (plain or .gz)`;
  const advice = `set PDIFF_DATA=DIR where DIR/${name} holds ${expected}, or use glyphs, which needs no files`;
  if (root === undefined) throw refuse(`${name} is read from files, and no data folder is known; ${advice}`);
  const folders = [join(root, name), join(root, name, "raw"), join(root, set.torchvision, "raw")];
  for (const folder of folders) {
    const paths = names.map((file) => [join(folder, file), join(folder, `${file}.gz`)].find(existsSync));
    const missing = names.filter((_, i) => paths[i] === undefined);
    if (missing.length === 0) return paths as unknown as FourFiles;
    if (missing.length < names.length) throw refuse(`${folder} lacks ${missing.join(", ")}; ${name} needs ${expected}`);
  }
  throw refuse(`${name} is not in ${folders.join(", ")}; ${advice}`);
}

/** Images and labels of one part, and the checksums of their files. */
async function readPart(
  imageFile: string,
  labelFile: string,
  { classNames, transposed = false }: IdxSet,
): Promise<LabelledImages & { checksums: readonly string[] }> {
  const images = await readIdx(imageFile, 3);
  const labels = await readIdx(labelFile, 1);
  const [count, height, width] = images.dimensions as [number, number, number];
  if (labels.data.length !== count)
    throw refuse(`${labelFile} holds ${labels.data.length} labels, but ${imageFile} ${count} images; get both again`);
  const wrong = labels.data.findIndex((label) => label >= classNames.length);
  if (wrong >= 0)
    throw refuse(
      `${labelFile} gives image ${wrong} the label ${labels.data[wrong]}, expected 0 to ${classNames.length - 1}`,
    );
  const part = { height, width, images: images.data, labels: labels.data };
  return { ...(transposed ? upright(part) : part), checksums: [images.sha256, labels.sha256] };
}

/** Swaps rows and columns of every image. */
function upright({ height, width, images, labels }: LabelledImages): LabelledImages {
  const out = new Uint8Array(images.length);
  const size = height * width;
  for (let start = 0; start < images.length; start += size)
    for (let y = 0; y < width; y++)
      for (let x = 0; x < height; x++) out[start + y * height + x] = images[start + x * width + y]!;
  return { height: width, width: height, images: out, labels };
}

const refuse = (message: string) => new UserError("E_DATA", message);
