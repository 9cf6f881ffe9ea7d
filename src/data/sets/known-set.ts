/** What the project knows of a data set by its name, before a file is read: its constants, and the way to get it. */
import type { Preparation, Source } from "../data-set.ts";
import type { ImageFiles } from "../images/raw-image.ts";
import type { LabelledImages } from "../labelled-images.ts";

/** A data set that can be asked for. */
export interface KnownSet extends Pick<Preparation, "channels" | "mean" | "std"> {
  readonly classNames: readonly string[];
  /** Height and width in pixels; undefined where every image has its own. */
  readonly side: number | undefined;
  /** How many images the official files hold, for plans made without them, or are drawn where nothing is said. */
  readonly usual: { readonly train: number; readonly test: number };
  /** The most images of a split that may be asked for, where no file says how many there are. */
  readonly most?: number;
  /** Gets the images, at least as many as are asked for where there are as many. */
  obtain(options: ObtainOptions): Promise<Obtained>;
}

/** Where to get the images from, and how many. */
export interface ObtainOptions {
  /** The folder that holds the data sets' folders. */
  readonly root?: string | undefined;
  readonly train?: number | undefined;
  readonly test?: number | undefined;
  /** The key of drawings. */
  readonly seed: number;
}

/** A data set as it comes: pixels of one size, or files to decode. */
export interface Obtained {
  readonly train: LabelledImages | ImageFiles;
  readonly test: LabelledImages | ImageFiles;
  /** Where the files know better than what is known of the set before they are read. */
  readonly classNames?: readonly string[];
  readonly sources: readonly Source[];
}
