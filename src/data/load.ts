/** Loading a data set by its name: read from files or drawn, cut to size, split and padded. */
import { suggestion, UserError } from "../errors.ts";
import { fold, key } from "../random/index.ts";
import { cifarSets } from "./cifar-sets.ts";
import type { DataSet } from "./data-set.ts";
import { drawGlyphs, GLYPH_MEAN, GLYPH_SIZE, GLYPH_STD } from "./glyphs.ts";
import { idxSets } from "./idx-sets.ts";
import type { KnownSet } from "./known-set.ts";
import type { LabelledImages } from "./labelled-images.ts";
import { copyOut, setApart } from "./splits.ts";

/** Which data set, and how much of it. */
export interface DataOptions {
  /** One of `dataSetNames`. */
  name: string;
  /** The folder that holds the data sets' folders; glyphs needs none. */
  root?: string | undefined;
  /** How many training images are set apart for selection, after `train` has cut their number. */
  selection: number;
  /** Zero pixels added on each side of every image. */
  pad: number;
  /** Use only the first images of the training and test files; glyphs: draw so many, by default 12 000 and 4 000. */
  train?: number | undefined;
  test?: number | undefined;
  /** The key of the drawings; glyphs only, files are what they are. */
  seed: number;
}

const GLYPHS = "glyphs";

/** Glyphs are drawn as numerous as asked for, up to what the largest IDX files hold, rounded up. */
const glyphs: KnownSet = {
  channels: 1,
  side: GLYPH_SIZE,
  classNames: [..."0123456789"],
  mean: [GLYPH_MEAN],
  std: [GLYPH_STD],
  usual: { train: 12_000, test: 4_000 },
  most: 300_000,
  async obtain({ train = glyphs.usual.train, test = glyphs.usual.test, seed }) {
    const draw = (part: string, count: number) => drawGlyphs(fold(key(seed), GLYPHS, part), count);
    return { train: draw("train", train), test: draw("test", test), sources: [] };
  },
};

const knownSets: ReadonlyMap<string, KnownSet> = new Map([[GLYPHS, glyphs], ...idxSets, ...cifarSets]);

/** The names that `loadData` knows. */
export const dataSetNames: readonly string[] = [...knownSets.keys()];

/** The widest padding: it takes the usual 28 pixels to 92, and more is a slip. */
const MAX_PAD = 32;

/** The most bytes of a padded split: room for the largest files, whose headers decide how much padding adds. */
const MAX_SPLIT_BYTES = 2 ** 30;

/**
 * Loads a data set into memory. The selection split is taken out of the training images in the same way in every run
 * (see `setApart`), whatever the seed; test images are never among them.
 * @throws UserError `E_DATA` when the name is unknown, files are missing or unsound, or more images are asked for than
 * there are.
 */
export async function loadData(options: DataOptions): Promise<DataSet> {
  const set = knownSet(options);
  const { name, selection, pad } = options;
  const { classNames, mean, std } = set;
  const obtained = await set.obtain(options);
  const train = first(obtained.train, options.train, "training");
  const test = first(obtained.test, options.test, "test");
  const classes = classNames.length;
  const available = train.labels.length;
  checkSelection(selection, available);
  const { channels } = train;
  const height = train.height + 2 * pad;
  const width = train.width + 2 * pad;
  if (Math.max(available, test.labels.length) * channels * height * width > MAX_SPLIT_BYTES)
    throw refuse(
      `${available} and ${test.labels.length} images of ${channels > 1 ? `${channels} × ` : ""}${height} × ${width} pixels exceed ${MAX_SPLIT_BYTES} bytes; use fewer or pad less`,
    );

  const parts = setApart(train.labels, classes, selection);
  return {
    ...{ name, channels, height, width, classes, classNames, mean, std },
    train: copyOut(train, parts.train, pad),
    selection: copyOut(train, parts.selection, pad),
    test: copyOut(test, Int32Array.from(test.labels.keys()), pad),
    sources: obtained.sources,
  };
}

/** What is known of a data set before it is loaded. */
export interface DataShape extends Pick<DataSet, "channels" | "height" | "width" | "classes"> {
  /** Images of each split. */
  readonly train: number;
  readonly selection: number;
  readonly test: number;
  /** Of all images in memory. */
  readonly bytes: number;
}

/**
 * The shape of a data set whose official files are as they should be, without reading them.
 * @throws UserError `E_DATA` when the name is unknown or a number is out of range.
 */
export function dataShape(options: DataOptions): DataShape {
  const { channels, side, classNames, usual } = knownSet(options);
  const { selection, pad, train = usual.train, test = usual.test } = options;
  checkSelection(selection, train);
  const padded = side + 2 * pad;
  return {
    channels,
    height: padded,
    width: padded,
    classes: classNames.length,
    train: train - selection,
    selection,
    test,
    bytes: (train + test) * channels * padded * padded,
  };
}

/** The first `count` images, or all where nothing is said. */
function first(all: LabelledImages, count: number | undefined, what: string): LabelledImages {
  const { channels, height, width, images, labels } = all;
  if (count === undefined) return all;
  if (count > labels.length)
    throw refuse(`${count} ${what} images asked for, but there are ${labels.length}; ask for fewer`);
  const size = channels * height * width;
  return { channels, height, width, images: images.subarray(0, count * size), labels: labels.subarray(0, count) };
}

/** The set of that name, for options whose numbers are in range. */
function knownSet(options: DataOptions): KnownSet {
  const { name } = options;
  const set = knownSets.get(name);
  if (set === undefined) throw refuse(`there is no data set ${JSON.stringify(name)}.${suggestion(name, dataSetNames)}`);
  checkWhole("selection", options.selection, 0);
  checkWhole("seed", options.seed, 0);
  checkWhole("pad", options.pad, 0, MAX_PAD);
  for (const part of ["train", "test"] as const)
    if (options[part] !== undefined) checkWhole(part, options[part], 1, set.most);
  return set;
}

function checkSelection(selection: number, available: number): void {
  if (selection >= available)
    throw refuse(
      `selection takes ${selection} of the ${available} training images and leaves none to train on; lower it`,
    );
}

function checkWhole(what: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const bounds = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw refuse(`${what} is ${value}, expected a whole number ${bounds}`);
}

const refuse = (message: string) => new UserError("E_DATA", message);
