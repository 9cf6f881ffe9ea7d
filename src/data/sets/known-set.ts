/** What is known of a data set before a file is read: its constants, and how to get its images. */
import type { Preparation, Source } from "../data-set.ts";
import type { ImageFiles } from "../images/raw-image.ts";
import type { LabelledImages } from "../labelled-images.ts";

/** A data set that a recipe can name. */
export interface KnownSet extends Pick<Preparation, "channels" | "mean" | "std"> {
  /** Its name, and that of its folder in the data folder. */
  readonly name: string;
  /** Other names of its folder: those of its archive, and of torchvision. */
  readonly folders: readonly string[];
  readonly classNames: readonly string[];
  /** Height and width in pixels; undefined when images differ in size. */
  readonly side: number | undefined;
  /** Number of images in the official files, or drawn by default. */
  readonly usual: { readonly train: number; readonly test: number };
  /** The most images of a split that can be drawn; undefined for sets read from files. */
  readonly most?: number;
  /** Reads or draws the images: all of them, or as many as asked for. */
  obtain(options: ObtainOptions): Promise<Obtained>;
}

/** Where to get the images from, and how many to draw. */
export interface ObtainOptions {
  /** The data folder; undefined when there is none. */
  readonly root?: string | undefined;
  readonly train?: number | undefined;
  readonly test?: number | undefined;
  /** The seed of drawings. */
  readonly seed: number;
}

/** Images of one size in memory, or files to decode. */
export interface Obtained {
  readonly train: LabelledImages | ImageFiles;
  readonly test: LabelledImages | ImageFiles;
  /** The names of the classes, when only the files have them. */
  readonly classNames?: readonly string[];
  readonly sources: readonly Source[];
}

/** ImageNet's mean and standard deviation, for pixels in [0, 1]. */
export const imagenetStatistics = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/**
 * What sets of photographs share: colour images of any size, normalised as is usual by ImageNet.
 */
export const photographs = { channels: 3, side: undefined, ...imagenetStatistics } as const;

/** Names of classes that only the files know: "1", "2", … */
export const numberedClasses = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i + 1));
