/** Loading a data set by its name: read from files or drawn, cut to size, split and padded. */
import { suggestion, UserError } from "../errors.ts";
import { fold, key } from "../random/index.ts";
import type { DataSet, Source } from "./data-set.ts";
import { drawGlyphs, GLYPH_MEAN, GLYPH_STD } from "./glyphs.ts";
import { IDX_SIDE, idxSets, readIdxSet } from "./idx-sets.ts";
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

/** The names that `loadData` knows. */
export const dataSetNames: readonly string[] = [GLYPHS, ...idxSets.keys()];

const DEFAULT_DRAWN = { train: 12_000, test: 4_000 };

/** The most drawings of a split: as many as the largest IDX files hold, rounded up. */
const MAX_DRAWN = 300_000;

/** The widest padding: it takes the usual 28 pixels to 92, and more is a slip. */
const MAX_PAD = 32;

/** The most bytes of a padded split: room for the largest IDX files, whose headers decide how much padding adds. */
const MAX_SPLIT_BYTES = 2 ** 30;

/**
 * Loads a data set into memory. The selection split is taken out of the training images in the same way in every run
 * (see `setApart`), whatever the seed; test images are never among them.
 * @throws UserError `E_DATA` when the name is unknown, files are missing or unsound, or more images are asked for than
 * there are.
 */
export async function loadData(options: DataOptions): Promise<DataSet> {
  checkNumbers(options);
  const { name, selection, pad } = options;
  const { classNames, mean, std, train, test, sources } = await obtain(options);
  const classes = classNames.length;
  const available = train.labels.length;
  checkSelection(selection, available);
  const height = train.height + 2 * pad;
  const width = train.width + 2 * pad;
  if (Math.max(available, test.labels.length) * height * width > MAX_SPLIT_BYTES)
    throw refuse(
      `${available} and ${test.labels.length} images of ${height} × ${width} pixels exceed ${MAX_SPLIT_BYTES} bytes; use fewer or pad less`,
    );

  const parts = setApart(train.labels, classes, selection);
  return {
    name,
    channels: 1,
    height,
    width,
    classes,
    classNames,
    mean: [mean],
    std: [std],
    train: copyOut(train, parts.train, pad),
    selection: copyOut(train, parts.selection, pad),
    test: copyOut(test, Int32Array.from(test.labels.keys()), pad),
    sources,
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
  checkNumbers(options);
  const { name, selection, pad, train, test } = options;
  const set = idxSets.get(name);
  if (set === undefined && name !== GLYPHS)
    throw refuse(`there is no data set ${JSON.stringify(name)}.${suggestion(name, dataSetNames)}`);
  const official = set?.official ?? DEFAULT_DRAWN;
  const all = { train: train ?? official.train, test: test ?? official.test };
  checkSelection(selection, all.train);
  const side = IDX_SIDE + 2 * pad;
  return {
    channels: 1,
    height: side,
    width: side,
    classes: set?.classNames.length ?? 10,
    train: all.train - selection,
    selection,
    test: all.test,
    bytes: (all.train + all.test) * side * side,
  };
}

/** A data set as it comes, cut to the numbers asked for. */
interface Obtained {
  readonly classNames: readonly string[];
  readonly mean: number;
  readonly std: number;
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  readonly sources: readonly Source[];
}

async function obtain(options: DataOptions): Promise<Obtained> {
  const { name, root } = options;
  if (name === GLYPHS) {
    const draw = (part: "train" | "test") => {
      const count = options[part] ?? DEFAULT_DRAWN[part];
      return drawGlyphs(fold(key(options.seed), GLYPHS, part), count);
    };
    const [train, test] = [draw("train"), draw("test")];
    return { classNames: [..."0123456789"], mean: GLYPH_MEAN, std: GLYPH_STD, train, test, sources: [] };
  }
  const set = idxSets.get(name);
  if (set === undefined) throw refuse(`there is no data set ${JSON.stringify(name)}.${suggestion(name, dataSetNames)}`);
  const { train, test, sources } = await readIdxSet(name, set, root);
  return {
    classNames: set.classNames,
    mean: set.mean,
    std: set.std,
    train: first(train, options.train, "training"),
    test: first(test, options.test, "test"),
    sources,
  };
}

/** The first `count` images, or all where nothing is said. */
function first(all: LabelledImages, count: number | undefined, what: string): LabelledImages {
  const { height, width, images, labels } = all;
  if (count === undefined) return all;
  if (count > labels.length)
    throw refuse(`${count} ${what} images asked for, but there are ${labels.length}; ask for fewer`);
  return { height, width, images: images.subarray(0, count * height * width), labels: labels.subarray(0, count) };
}

function checkNumbers(options: DataOptions): void {
  checkWhole("selection", options.selection, 0);
  checkWhole("seed", options.seed, 0);
  checkWhole("pad", options.pad, 0, MAX_PAD);
  const most = options.name === GLYPHS ? MAX_DRAWN : undefined;
  for (const part of ["train", "test"] as const)
    if (options[part] !== undefined) checkWhole(part, options[part], 1, most);
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
