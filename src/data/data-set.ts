/** What a data set is to the rest of the project: images as bytes, labels, and how to normalise them. */

/** Some images with their labels. */
export interface Split {
  readonly count: number;
  /** `[count, channels, height, width]` */
  readonly images: Uint8Array;
  /** `[count]` */
  readonly labels: Uint8Array;
}

/**
 * A data set in three parts that share no image: networks are fitted on `train`, chosen by `selection`, and `test` only
 * reports.
 */
export interface DataSet {
  readonly name: string;
  readonly channels: number;
  /** Pixels, the padding included. */
  readonly height: number;
  readonly width: number;
  readonly classes: number;
  readonly classNames: readonly string[];
  /** For each channel the mean and the standard deviation of its pixels, scaled to 0..1 and without padding. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly train: Split;
  readonly selection: Split;
  readonly test: Split;
  /** The files it was read from, relative to the data folder; none where it is drawn. */
  readonly sources: readonly Source[];
}

/** A file and its checksum. */
export interface Source {
  readonly file: string;
  readonly sha256: string;
}
