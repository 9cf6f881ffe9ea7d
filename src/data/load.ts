/** Loads a data set by its name: reads or draws it, limits its size, splits and prepares it. */

import { UserError } from "../errors.ts";
import { at } from "../lookup.ts";
import { evenIndices } from "../numeric/index.ts";
import type { DataSet, Split, Unreadable } from "./data-set.ts";
import { packImages } from "./images/pack.ts";
import { selectPixels } from "./images/pixels.ts";
import type { ImageFiles } from "./images/raw-image.ts";
import type { LabelledImages } from "./labelled-images.ts";
import { cacheRoot } from "./locations.ts";
import { type PreparationOptions, preparationOf } from "./preparation.ts";
import type { KnownSet, Obtained } from "./sets/known-set.ts";
import { knownSet } from "./sets/known-sets.ts";
import { copyOut, labelsAt, setApart } from "./splits.ts";

/** Which data set, how much of it, and how the network sees it. */
export interface DataOptions extends PreparationOptions {
  /** One of `dataSetNames`. */
  name: string;
  /** The data folder, with a folder for each set; glyphs needs none. */
  root?: string | undefined;
  /** The folder of the user's own set, when `name` is `folder`. */
  folder?: string | undefined;
  /** Number of training images in the validation split, after `train` has limited them. */
  selection: number;
  /** Zero pixels added on each side of every image; only for sets of images of one size. */
  pad: number;
  /**
   * Number of training images: the first of a file, or evenly spaced ones of a list of files, which
   * is sorted by class. All by default; glyphs draws 12 000.
   */
  train?: number | undefined;
  /** Number of test images, chosen likewise. All by default; glyphs draws 4 000. */
  test?: number | undefined;
  /** What to do with a file that cannot be decoded; `fail` by default. */
  corrupt?: "fail" | "skip" | undefined;
  /** The longest that the shorter side of a decoded image is stored; unlimited by default. */
  store?: number | undefined;
  /** The seed of the drawings; only glyphs uses it. */
  seed: number;
}

/** Follows or stops a long load. */
export interface LoadListener {
  /** Called while files are decoded. */
  readonly onProgress?: ((done: number, total: number) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The widest padding: 28 pixels become 92, and more is a mistake. */
const MAX_PAD = 32;

/** The most bytes of a padded split. File headers decide how much padding adds. */
const MAX_SPLIT_BYTES = 2 ** 30;

/** The training or test images, before the validation split is taken out. */
interface Part {
  readonly labels: Split["labels"];
  /** Height and width of all images, padding included; undefined when they differ. */
  readonly stored: { readonly height: number; readonly width: number } | undefined;
  readonly skipped: readonly Unreadable[];
  pick(indices: Int32Array): Split;
}

/**
 * Loads a data set: images of one size into memory, image files through a cache of decoded images.
 * The validation split is taken from the training images in the same way in every run, whatever the
 * seed (see `setApart`).
 * @throws UserError `E_DATA` when the name is unknown, files are missing or damaged, or there are
 *   fewer images than asked for.
 */
export async function loadData(options: DataOptions, listener: LoadListener = {}): Promise<DataSet> {
  const set = checkedSet(options);
  const { name, selection } = options;
  const obtained = await set.obtain(options);
  const classNames = obtained.classNames ?? set.classNames;
  const classes = classNames.length;
  const totals = { train: wantedOf(obtained, "train", options), test: wantedOf(obtained, "test", options) };
  const load = (part: PartName, before: number) => {
    requireEnough(obtained, part, options);
    return partOf(obtained[part], part, options, {
      ...listener,
      onProgress: listener.onProgress && ((done) => listener.onProgress?.(before + done, totals.train + totals.test)),
    });
  };
  const train = await load("train", 0);
  const test = await load("test", totals.train);
  checkSelection(selection, train.labels.length);
  const apart = setApart(train.labels, classes, selection);
  return {
    ...preparationOf(set, train.stored, options),
    name,
    classes,
    classNames,
    train: train.pick(apart.train),
    selection: train.pick(apart.selection),
    test: test.pick(Int32Array.from(test.labels.keys())),
    sources: obtained.sources,
    skipped: [...train.skipped, ...test.skipped],
  };
}

/**
 * Checks that a data set is here, as `loadData` needs it. Image files are listed but not decoded.
 * @throws UserError `E_DATA` when the name is unknown, files are missing, or there are fewer images
 *   than asked for.
 */
export async function checkData(options: DataOptions): Promise<void> {
  const obtained = await checkedSet(options).obtain(options);
  for (const part of ["train", "test"] as const) requireEnough(obtained, part, options);
  checkSelection(options.selection, wantedOf(obtained, "train", options));
}

type PartName = "train" | "test";

/** Number of images of a part that are loaded. */
const wantedOf = (obtained: Obtained, part: PartName, options: DataOptions): number =>
  Math.min(obtained[part].labels.length, options[part] ?? Infinity);

/** @throws UserError `E_DATA` when more images of a part are asked for than there are. */
function requireEnough(obtained: Obtained, part: PartName, options: DataOptions): void {
  const available = obtained[part].labels.length;
  const wanted = options[part] ?? available;
  if (wanted > available)
    throw refuse(
      `${wanted} ${part === "train" ? "training" : part} images asked for, but there are ${available}; ask for fewer`,
    );
}

const isFiles = (images: LabelledImages | ImageFiles): images is ImageFiles => "files" in images;

/** Reads the training or test images, limited to the number wanted. */
async function partOf(
  images: LabelledImages | ImageFiles,
  part: PartName,
  options: DataOptions,
  { onProgress, signal }: LoadListener,
): Promise<Part> {
  const wanted = options[part] ?? images.labels.length;
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
  return { folder, files: Array.from(chosen, (i) => at(files, i)), labels: labelsAt(labels, chosen) };
}

/** What is known of a data set before it is loaded. */
export interface DataShape extends Pick<DataSet, "channels" | "height" | "width" | "classes"> {
  /** Images of each split. */
  readonly train: number;
  readonly selection: number;
  readonly test: number;
  /** Bytes of all images in memory; those of files stay on disk. */
  readonly bytes: number;
}

/**
 * The shape of a data set, assuming its official files, without reading them.
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
    channels,
    height,
    width,
    classes: classNames.length,
    train: train - selection,
    selection,
    test,
    bytes: stored === undefined ? 0 : (train + test) * channels * stored.height * stored.width,
  };
}

/** The set that options name, after checking their numbers. */
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
