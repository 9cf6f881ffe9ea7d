/**
 * The data sets of four IDX files: MNIST and its successors. Means and standard deviations are the
 * customary ones, of all training pixels in [0, 1], so that networks trained elsewhere fit.
 */
import { UserError } from "../../errors.ts";
import { readIdx } from "../idx.ts";
import type { LabelledImages } from "../labelled-images.ts";
import { locate, sourcesOf } from "../locate.ts";
import type { KnownSet, Obtained } from "./known-set.ts";

/** The names and the layout of a set's files. */
interface IdxFiles {
  /** The name of the set, and of its folder. */
  readonly name: string;
  /** Prefixes of the names of training and test files. */
  readonly prefixes: readonly [train: string, test: string];
  /** Its folder in torchvision's layout. */
  readonly torchvision: string;
  /** Whether images are stored column by column, as in EMNIST only; false by default. */
  readonly transposed?: boolean;
}

const digits = [..."0123456789"];

const clothes = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(",");

const syllables = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"];

/** MNIST's number of images, which most successors kept. */
const sixtyThousand = { train: 60_000, test: 10_000 };
/** Height and width of all these sets. */
const SIDE = 28;

/** A set of grey images with its constants. */
const idxSet = (
  files: IdxFiles,
  classNames: readonly string[],
  { mean, std, usual = sixtyThousand }: { mean: number; std: number; usual?: KnownSet["usual"] },
): KnownSet => ({
  name: files.name,
  folders: [files.torchvision],
  channels: 1,
  side: SIDE,
  usual,
  classNames,
  mean: [mean],
  std: [std],
  obtain: ({ root }) => readIdxSet(files, classNames.length, root),
});

const prefixes = ["train", "t10k"] as const;

/** The sets. */
export const idxSets: readonly KnownSet[] = [
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
];

/**
 * Reads the four files of a set, plain or `.gz`, from `ROOT/NAME`, `ROOT/NAME/raw` or torchvision's
 * `ROOT/MNIST/raw`. Images stored column by column are transposed.
 * @throws UserError `E_DATA` naming the file when one is missing or damaged, labels and images
 *   differ in number, a label is out of range, or training and test images differ in size.
 */
async function readIdxSet(files: IdxFiles, classes: number, root: string | undefined): Promise<Obtained> {
  const { name, prefixes, torchvision, transposed = false } = files;
  const names = prefixes.flatMap((prefix) => [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`]);
  const paths = locate(name, names, [name, `${name}/raw`, `${torchvision}/raw`], root);
  const [trainImages, trainLabels, testImages, testLabels] = paths as [string, string, string, string];
  const train = await readPart(trainImages, trainLabels, classes, transposed);
  const test = await readPart(testImages, testLabels, classes, transposed);
  if (test.height !== train.height || test.width !== train.width)
    throw refuse(
      `${testImages} holds images of ${test.height} × ${test.width} pixels, but ${trainImages} of ${train.height} × ${train.width}`,
    );
  return { train, test, sources: sourcesOf(paths, [...train.checksums, ...test.checksums], root) };
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
