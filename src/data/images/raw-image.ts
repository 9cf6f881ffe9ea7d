/** One image as bytes, and where the images of a split lie: what readers, transforms and batches hand one another. */

/** An image: one byte per sample, a plane per channel, row by row. */
export interface RawImage {
  /** 1: grey; 3: red, green and blue. */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** `[channels, height, width]` */
  readonly pixels: Uint8Array;
}

/** Classes of images, by their numbers. */
export type Labels = Uint8Array | Uint16Array;

/** Images as files, such as JPEGs, that have yet to be decoded. */
export interface ImageFiles {
  /** The folder that `files` are relative to. */
  readonly folder: string;
  /** With forward slashes. */
  readonly files: readonly string[];
  /** `[files.length]` */
  readonly labels: Labels;
}

/** Images of one size, one after the other in memory. */
export interface ImagesInMemory {
  readonly type: "memory";
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** `[count, channels, height, width]`; of shared memory where other threads are to read it. */
  readonly bytes: Uint8Array;
}

/** Decoded images of any sizes, one after the other in a file. */
export interface PackedImages {
  readonly type: "pack";
  readonly file: string;
  readonly channels: number;
  /** For each image, where in the file its pixels begin, `[count]`. */
  readonly offsets: Float64Array;
  readonly heights: Uint32Array;
  readonly widths: Uint32Array;
}

/** Where the pixels of images lie. Plain data, so that other threads and processes can open them. */
export type Pixels = ImagesInMemory | PackedImages;
