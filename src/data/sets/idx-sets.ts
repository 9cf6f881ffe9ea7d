/**
 * The data sets kept as four IDX files: MNIST and those made in its image. Means and standard deviations are the
 * customary ones, worked out from all training pixels scaled to 0..1, so that networks trained elsewhere fit.
 */
import { relative } from "node:path";

import { UserError } from "../../errors.ts";
import { readIdx } from "../idx.ts";
import type { LabelledImages } from "../labelled-images.ts";
import { locate } from "../locate.ts";
import type { KnownSet, Obtained } from "./known-set.ts";

/** How a set's files are named and laid out. */
interface IdxFiles {
  /** Of the set, and of its folder. */
  readonly name: string;
  /** What its file names begin with, for training and test. */
  readonly prefixes: readonly [train: string, test: string];
  /** Its folder in torchvision's layout. */
  readonly torchvision: string;
  /** Whether images are stored column by column, lying on their sides: true of EMNIST only. */
  readonly transposed?: boolean;
}

const digits = [..."0123456789"];

const clothes = [
  ...["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"],
  ...["Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
];

const syllables = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"];

/** MNIST's size, which its successors kept, and the side that all of these sets share. */
const sixtyThousand = { train: 60_000, test: 10_000 };
const SIDE = 28;

/** A set of grey images with its constants. */
const idxSet = (
  files: IdxFiles,
  classNames: readonly string[],
  { mean, std, usual = sixtyThousand }: { mean: number; std: number; usual?: KnownSet["usual"] },
): [string, KnownSet] => [
  files.name,
  {
    ...{ channels: 1, side: SIDE, usual, classNames, mean: [mean], std: [std] },
    obtain: ({ root }) => readIdxSet(files, classNames.length, root),
  },
];

const prefixes = ["train", "t10k"] as const;

/** The sets by name. */
export const idxSets: ReadonlyMap<string, KnownSet> = new Map([
  idxSet({ name: "mnist", prefixes, torchvision: "MNIST" }, digits, { mean: 0.1307, std: 0.3081 }),
  idxSet({ name: "fashion-mnist", prefixes, torchvision: "FashionMNIST" }, clothes, { mean: 0.286, std: 0.353 }),
  idxSet({ name: "kmnist", prefixes, torchvision: "KMNIST" }, syllables, { mean: 0.1918, std: 0.3483 }),
  idxSet(
    {
      name: "emnist-digits",
      prefixes: ["emnist-digits-train", "emnist-digits-test"],
      torchvision: "EMNIST",
      transposed: true,
    },
    digits,
    { mean: 0.1722, std: 0.331, usual: { train: 240_000, test: 40_000 } },
  ),
]);

/**
 * Reads the four files of a set, plain or `.gz`, from `ROOT/NAME`, `ROOT/NAME/raw` or torchvision's `ROOT/MNIST/raw`.
 * Images stored lying on their sides are returned upright.
 * @throws UserError `E_DATA` naming the file when one is missing or unsound, when there are not as many labels as images,
 * a label is no class, or training and test images differ in size.
 */
async function readIdxSet(files: IdxFiles, classes: number, root: string | undefined): Promise<Obtained> {
  const { name, prefixes, torchvision, transposed = false } = files;
  const names = prefixes.flatMap((prefix) => [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`]);
  const paths = locate(name, names, [name, `${name}/raw`, `${torchvision}/raw`], root);
  const train = await readPart(paths[0]!, paths[1]!, classes, transposed);
  const test = await readPart(paths[2]!, paths[3]!, classes, transposed);
  if (test.height !== train.height || test.width !== train.width)
    throw refuse(
      `${paths[2]} holds images of ${test.height} × ${test.width} pixels, but ${paths[0]} of ${train.height} × ${train.width}`,
    );
  const checksums = [...train.checksums, ...test.checksums];
  const sources = paths.map((path, i) => ({ file: relative(root ?? "", path), sha256: checksums[i]! }));
  return { train, test, sources };
}

/** Images and labels of one part, and the checksums of their files. */
async function readPart(
  imageFile: string,
  labelFile: string,
  classes: number,
  transposed: boolean,
): Promise<LabelledImages & { checksums: readonly string[] }> {
  const images = await readIdx(imageFile, 3);
  const labels = await readIdx(labelFile, 1);
  const [count, height, width] = images.dimensions as [number, number, number];
  if (labels.data.length !== count)
    throw refuse(`${labelFile} holds ${labels.data.length} labels, but ${imageFile} ${count} images; get both again`);
  const wrong = labels.data.findIndex((label) => label >= classes);
  if (wrong >= 0)
    throw refuse(`${labelFile} gives image ${wrong} the label ${labels.data[wrong]}, expected 0 to ${classes - 1}`);
  const part = { channels: 1, height, width, images: images.data, labels: labels.data };
  return { ...(transposed ? upright(part) : part), checksums: [images.sha256, labels.sha256] };
}

/** Swaps rows and columns of every grey image. */
function upright({ channels, height, width, images, labels }: LabelledImages): LabelledImages {
  const out = new Uint8Array(images.length);
  const size = height * width;
  for (let start = 0; start < images.length; start += size)
    for (let y = 0; y < width; y++)
      for (let x = 0; x < height; x++) out[start + y * height + x] = images[start + x * width + y]!;
  return { channels, height: width, width: height, images: out, labels };
}

const refuse = (message: string) => new UserError("E_DATA", message);
