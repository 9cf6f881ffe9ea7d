/** What a data set is to the rest of the project: images as bytes, labels, and what a network sees of them. */
import type { Labels, Pixels } from "./images/raw-image.ts";
import type { Augmentation, View } from "./images/transforms.ts";

/** Some images with their labels. */
export interface Split {
  readonly count: number;
  readonly pixels: Pixels;
  /** `[count]` */
  readonly labels: Labels;
}

/** How stored images become what a network sees. */
export interface Preparation {
  readonly channels: number;
  /** Pixels that the network sees, the padding included. */
  readonly height: number;
  readonly width: number;
  /** Null where the images are stored as the network sees them. */
  readonly view: View | null;
  /** Of training images; null for none. */
  readonly augmentation: Augmentation | null;
  /** For each channel the mean and the standard deviation by which pixels, scaled to 0..1, are normalised. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * A data set in three parts that share no image: networks are fitted on `train`, chosen by `selection`, and `test` only
 * reports.
 */
export interface DataSet extends Preparation {
  readonly name: string;
  readonly classes: number;
  readonly classNames: readonly string[];
  readonly train: Split;
  readonly selection: Split;
  readonly test: Split;
  /** The files it was read from, relative to the data folder; none where it is drawn. */
  readonly sources: readonly Source[];
  /** Files that could not be decoded and were left out, as asked. */
  readonly skipped: readonly Unreadable[];
}

/** A file and its checksum. */
export interface Source {
  readonly file: string;
  readonly sha256: string;
}

/** An image that cannot be decoded. */
export interface Unreadable {
  readonly file: string;
  readonly problem: string;
}
