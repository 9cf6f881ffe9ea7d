/** What a data set is: images as bytes, labels, and how a network sees them. */
import type { Labels, Pixels } from "./images/raw-image.ts";
import type { Augmentation, View } from "./images/transforms.ts";

/** Some images with their labels. */
export interface Split {
  readonly count: number;
  readonly pixels: Pixels;
  /** `[count]` */
  readonly labels: Labels;
}

/** How stored images become the input of a network. */
export interface Preparation {
  readonly channels: number;
  /** Size of the input in pixels, padding included. */
  readonly height: number;
  readonly width: number;
  /** How images are resized and cut; null when the stored images are used as they are. */
  readonly view: View | null;
  /** How training images are augmented; null for no augmentation. */
  readonly augmentation: Augmentation | null;
  /** Mean of each channel that normalises pixels in [0, 1]. */
  readonly mean: readonly number[];
  /** Standard deviation of each channel. */
  readonly std: readonly number[];
}

/**
 * A data set in three splits that share no image: networks are trained on `train` and chosen by the
 * validation split `selection`; results are reported on `test`.
 */
export interface DataSet extends Preparation {
  readonly name: string;
  readonly classes: number;
  readonly classNames: readonly string[];
  readonly train: Split;
  readonly selection: Split;
  readonly test: Split;
  /** The files it was read from, relative to the data folder; none when it is drawn. */
  readonly sources: readonly Source[];
  /** Files that were skipped because they cannot be decoded. */
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
