/** Loading a data set by its name: read from files or drawn, cut to size, split, and told how the network sees it. */
import { UserError } from "../errors.ts";
import { evenIndices } from "../numeric/index.ts";
import type { DataSet, Split, Unreadable } from "./data-set.ts";
import { packImages } from "./images/pack.ts";
import { selectPixels } from "./images/pixels.ts";
import type { ImageFiles } from "./images/raw-image.ts";
import type { LabelledImages } from "./labelled-images.ts";
import { cacheRoot } from "./locations.ts";
import { type PreparationOptions, preparationOf } from "./preparation.ts";
import type { KnownSet } from "./sets/known-set.ts";
import { knownSet } from "./sets/known-sets.ts";
import { copyOut, labelsAt, setApart } from "./splits.ts";

/** Which data set, how much of it, and how the network sees it. */
export interface DataOptions extends PreparationOptions {
  /** One of `dataSetNames`. */
  name: string;
  /** The folder that holds the data sets' folders; glyphs needs none. */
  root?: string | undefined;
  /** The folder of a user's own set, where `name` is `folder`. */
  folder?: string | undefined;
  /** How many training images are set apart for selection, after `train` has cut their number. */
  selection: number;
  /** Zero pixels added on each side of every image of a set whose images have one size. */
  pad: number;
  /**
   * Use only so many training and test images: the first ones of a file, evenly spaced ones of a list of files, which is
   * sorted by class. Glyphs: draw so many, by default 12 000 and 4 000.
   */
  train?: number | undefined;
  test?: number | undefined;
  /** What to do with a file that cannot be decoded; `fail` by default. */
  corrupt?: "fail" | "skip" | undefined;
  /** Files are decoded once, and kept with a shorter side of at most so many pixels; as they are by default. */
  store?: number | undefined;
  /** The key of the drawings; glyphs only, files are what they are. */
  seed: number;
}

/** Who follows a load that takes long. */
export interface LoadListener {
  /** Hears of files being decoded. */
  readonly onProgress?: ((done: number, total: number) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The widest padding: it takes the usual 28 pixels to 92, and more is a slip. */
const MAX_PAD = 32;

/** The most bytes of a padded split: room for the largest files, whose headers decide how much padding adds. */
const MAX_SPLIT_BYTES = 2 ** 30;

/** A part of a set before training images are set apart. */
interface Part {
  readonly labels: Split["labels"];
  /** Height and width where all images have the same, the padding included. */
  readonly stored: { readonly height: number; readonly width: number } | undefined;
  readonly skipped: readonly Unreadable[];
  pick(indices: Int32Array): Split;
}

/**
 * Loads a data set: pixels of one size into memory, files by way of a file of decoded images in the cache. The selection
 * split is taken out of the training images in the same way in every run (see `setApart`), whatever the seed; test images
 * are never among them.
 * @throws UserError `E_DATA` when the name is unknown, files are missing or unsound, or more images are asked for than
 * there are.
 */
export async function loadData(options: DataOptions, listener: LoadListener = {}): Promise<DataSet> {
  const set = checkedSet(options);
  const { name, selection } = options;
  const obtained = await set.obtain(options);
  const classNames = obtained.classNames ?? set.classNames;
  const classes = classNames.length;
  const parts = [];
  const totals = [obtained.train, obtained.test].map(({ labels }, i) =>
    Math.min(labels.length, [options.train, options.test][i] ?? Infinity),
  );
  const all = totals[0]! + totals[1]!;
  for (const [i, part] of (["train", "test"] as const).entries()) {
    const before = i === 0 ? 0 : totals[0]!;
    const onProgress = listener.onProgress && ((done: number) => listener.onProgress?.(before + done, all));
    parts.push(await partOf(obtained[part], part, options, { ...listener, onProgress }));
  }
  const [train, test] = parts as [Part, Part];
  checkSelection(selection, train.labels.length);
  const apart = setApart(train.labels, classes, selection);
  return {
    ...preparationOf(set, train.stored, options),
    ...{ name, classes, classNames },
    train: train.pick(apart.train),
    selection: train.pick(apart.selection),
    test: test.pick(Int32Array.from(test.labels.keys())),
    sources: obtained.sources,
    skipped: [...train.skipped, ...test.skipped],
  };
}

const isFiles = (images: LabelledImages | ImageFiles): images is ImageFiles => "files" in images;

/** Reads one part of a set, cut to as many images as are wanted. */
async function partOf(
  images: LabelledImages | ImageFiles,
  part: "train" | "test",
  options: DataOptions,
  { onProgress, signal }: LoadListener,
): Promise<Part> {
  const available = images.labels.length;
  const wanted = options[part] ?? available;
  if (wanted > available)
    throw refuse(
      `${wanted} ${part === "train" ? "training" : part} images asked for, but there are ${available}; ask for fewer`,
    );
  if (!isFiles(images)) return memoryPart(first(images, wanted), options.pad);
  const { pixels, labels, skipped } = await packImages({
    images: evenFiles(images, wanted),
    cache: cacheRoot(),
    corrupt: options.corrupt ?? "fail",
    ...(options.store !== undefined && { side: options.store }),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  return {
    labels,
    stored: undefined,
    skipped,
    pick: (indices) => ({
      count: indices.length,
      pixels: selectPixels(pixels, indices),
      labels: labelsAt(labels, indices),
    }),
  };
}

function memoryPart(images: LabelledImages, pad: number): Part {
  const { channels, labels } = images;
  const height = images.height + 2 * pad;
  const width = images.width + 2 * pad;
  if (labels.length * channels * height * width > MAX_SPLIT_BYTES)
    throw refuse(
      `${labels.length} images of ${channels > 1 ? `${channels} × ` : ""}${height} × ${width} pixels exceed ${MAX_SPLIT_BYTES} bytes; use fewer or pad less`,
    );
  return { labels, stored: { height, width }, skipped: [], pick: (indices) => copyOut(images, indices, pad) };
}

/** The first `count` images. */
function first({ channels, height, width, images, labels }: LabelledImages, count: number): LabelledImages {
  const size = channels * height * width;
  return { channels, height, width, images: images.subarray(0, count * size), labels: labels.subarray(0, count) };
}

/** `count` of the files, evenly spaced. */
function evenFiles({ folder, files, labels }: ImageFiles, count: number): ImageFiles {
  const chosen = Int32Array.from(evenIndices(files.length, count));
  return { folder, files: Array.from(chosen, (i) => files[i]!), labels: labelsAt(labels, chosen) };
}

/** What is known of a data set before it is loaded. */
export interface DataShape extends Pick<DataSet, "channels" | "height" | "width" | "classes"> {
  /** Images of each split. */
  readonly train: number;
  readonly selection: number;
  readonly test: number;
  /** Of all images in memory; those of files stay on the disk. */
  readonly bytes: number;
}

/**
 * The shape of a data set whose official files are as they should be, without reading them.
 * @throws UserError `E_DATA` when the name is unknown or a number is out of range.
 */
export function dataShape(options: DataOptions): DataShape {
  const set = checkedSet(options);
  const { channels, side, classNames, usual } = set;
  const { selection, pad, train = usual.train, test = usual.test } = options;
  checkSelection(selection, train);
  const stored = side === undefined ? undefined : { height: side + 2 * pad, width: side + 2 * pad };
  const { height, width } = preparationOf(set, stored, options);
  return {
    ...{ channels, height, width, classes: classNames.length },
    ...{ train: train - selection, selection, test },
    bytes: stored === undefined ? 0 : (train + test) * channels * stored.height * stored.width,
  };
}

/** The set that options name, once their numbers are known to be in range. */
function checkedSet(options: DataOptions): KnownSet {
  const set = knownSet(options);
  checkWhole("selection", options.selection, 0);
  checkWhole("seed", options.seed, 0);
  checkWhole("pad", options.pad, 0, MAX_PAD);
  if (options.pad > 0 && set.side === undefined)
    throw refuse(`pad is ${options.pad}, but images of ${options.name} have sizes of their own; leave it out`);
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
