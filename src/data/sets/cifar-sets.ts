/**
 * CIFAR-10 and CIFAR-100: small colour photographs of ten or a hundred kinds of things. Means and
 * standard deviations are those of all training pixels in [0, 1]. The mean of each image's own
 * deviation, which is also common, is smaller.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { CIFAR_CHANNELS, CIFAR_SIDE, type CifarLayout, readCifar } from "../cifar.ts";
import { readPythonCifar } from "../cifar-python.ts";
import { locate, sourcesOf } from "../locate.ts";
import type { KnownSet, Obtained } from "./known-set.ts";

/** The names and the layout of a set's files. */
interface CifarFiles {
  /** The name of the set, and of its folder. */
  readonly name: string;
  /** The folder in the official archive. */
  readonly archive: string;
  readonly train: readonly string[];
  readonly test: string;
  readonly layout: CifarLayout;
  /** The Python version. */
  readonly python: {
    readonly archive: string;
    readonly train: readonly string[];
    readonly test: string;
    /** The name of the list of classes. */
    readonly labels: string;
  };
}

const things = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

const fineThings = `
  apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle
  bowl boy bridge bus butterfly camel can castle caterpillar cattle
  chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur
  dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard
  lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain
  mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree
  plain plate poppy porcupine possum rabbit raccoon ray road rocket
  rose sea seal shark shrew skunk skyscraper snail snake spider
  squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor
  train trout tulip turtle wardrobe whale willow_tree wolf woman worm
`
  .trim()
  .split(/\s+/);

const cifar10: CifarFiles = {
  name: "cifar-10",
  archive: "cifar-10-batches-bin",
  train: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
  test: "test_batch.bin",
  layout: { labels: [{ what: "label", values: things.length }], records: 10_000 },
  python: {
    archive: "cifar-10-batches-py",
    train: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}`),
    test: "test_batch",
    labels: "labels",
  },
};

/** The number of records is free, so that excerpts can be used. */
const cifar100: CifarFiles = {
  name: "cifar-100",
  archive: "cifar-100-binary",
  train: ["train.bin"],
  test: "test.bin",
  layout: {
    labels: [
      { what: "coarse label", values: 20 },
      { what: "fine label", values: fineThings.length },
    ],
  },
  python: { archive: "cifar-100-python", train: ["train"], test: "test", labels: "fine_labels" },
};

const common = { channels: CIFAR_CHANNELS, side: CIFAR_SIDE, usual: { train: 50_000, test: 10_000 } };

/** The two sets. CIFAR-100's classes are the hundred fine ones. */
export const cifarSets: readonly KnownSet[] = [
  {
    ...common,
    name: cifar10.name,
    folders: [cifar10.archive, cifar10.python.archive],
    classNames: things,
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.247, 0.2435, 0.2616],
    obtain: ({ root }) => readCifarSet(cifar10, root),
  },
  {
    ...common,
    name: cifar100.name,
    folders: [cifar100.archive, cifar100.python.archive],
    classNames: fineThings,
    mean: [0.5071, 0.4865, 0.4409],
    std: [0.2673, 0.2564, 0.2762],
    obtain: ({ root }) => readCifarSet(cifar100, root),
  },
];

/**
 * Reads the files of a set, plain or `.gz`, from `ROOT/NAME` or the official archive's folder, in
 * `ROOT` or `ROOT/NAME`. The Python version is read when there is no binary one.
 * @throws UserError `E_DATA` naming the file when one is missing or damaged.
 */
async function readCifarSet(set: CifarFiles, root: string | undefined): Promise<Obtained> {
  const { name, archive, layout, python } = set;
  const folders = [name, archive, `${name}/${archive}`];
  const pythonFolders = [python.archive, `${name}/${python.archive}`];
  const has = (folder: string, file: string) => root !== undefined && existsSync(join(root, folder, file));
  const binary = folders.some((folder) => [set.test, `${set.test}.gz`].some((file) => has(folder, file)));
  const usePython = !binary && pythonFolders.some((folder) => has(folder, python.test));
  const files = usePython ? python : set;
  const paths = locate(name, [...files.train, files.test], usePython ? pythonFolders : folders, root);
  const classes = { name: python.labels, values: layout.labels.at(-1)?.values ?? 0 };
  const read = (some: readonly string[]) => (usePython ? readPythonCifar(some, classes) : readCifar(some, layout));
  const train = await read(paths.slice(0, -1));
  const test = await read(paths.slice(-1));
  return { train, test, sources: sourcesOf(paths, [...train.checksums, ...test.checksums], root) };
}
