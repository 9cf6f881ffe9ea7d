/** An image as bytes, and where the images of a split are stored. */

/** An image: one byte for each sample, one plane for each channel, row by row. */
export interface RawImage {
  /** 1: grey; 3: red, green and blue. */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** `[channels, height, width]` */
  readonly pixels: Uint8Array;
}

/** The class numbers of images. */
export type Labels = Uint8Array | Uint16Array;

/** Image files that are not decoded yet. */
export interface ImageFiles {
  /** The folder that `files` are relative to. */
  readonly folder: string;
  /** Paths with forward slashes. */
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
  /** `[count, channels, height, width]`; shared memory when threads read it. */
  readonly bytes: Uint8Array;
}

/** Decoded images of any sizes, one after the other in a file. */
export interface PackedImages {
  readonly type: "pack";
  readonly file: string;
  readonly channels: number;
  /** Offset of each image in the file, in bytes, `[count]`. */
  readonly offsets: Float64Array;
  readonly heights: Uint32Array;
  readonly widths: Uint32Array;
}

/** Where pixels are stored. Plain data, so that threads and processes can open them. */
export type Pixels = ImagesInMemory | PackedImages;
