/**
 * What a network sees of an image: in evaluation the centre of the resized image, in training a random part of it, perhaps
 * flipped and turned. The results are those of torchvision's transforms on Pillow's images, byte for byte.
 */
import { type Key, uniform } from "../../random/index.ts";
import { CROP_TRIES, centreBox, paddedBox, type ResizedCrop, resizedCropBox, resizedSize } from "./geometry.ts";
import type { RawImage } from "./raw-image.ts";
import { type Box, resizeBox } from "./resample.ts";
import { rotate } from "./rotate.ts";

/** What a network sees in evaluation. */
export interface View {
  /** Side in pixels of what is cut out of the centre. */
  readonly size: number;
  /** The shorter side before that; null leaves images as large as they are. */
  readonly resize: number | null;
}

/** Which part of an image a network is shown in training. */
export type CropOptions =
  | {
      /** What it sees in evaluation. */
      readonly type: "none";
    }
  | {
      /** Any part of the image with so many black pixels on each side (RandomCrop). */
      readonly type: "padded";
      readonly padding: number;
    }
  | ({
      /** A part of random size and shape, resized (RandomResizedCrop). */
      readonly type: "resized";
    } & ResizedCrop);

/** What is done to a training image, in this order. */
export interface Augmentation {
  readonly crop: CropOptions;
  /** Whether every second image is mirrored, left to right. */
  readonly flip: boolean;
  /** Degrees by which an image is turned at most, either way. */
  readonly rotation: number;
}

/** What a network sees of an image in evaluation, `[channels, size, size]`. */
export function evaluationView(image: RawImage, { size, resize }: View): Uint8Array {
  const resized = resize === null ? image : resizedTo(image, resize);
  return cutOut(resized, centreBox(resized, size));
}

/** An image with a shorter side of `side` pixels. */
export function resizedTo(image: RawImage, side: number): RawImage {
  const { channels, height, width } = image;
  const size = resizedSize(image, side);
  if (size.height === height && size.width === width) return image;
  return { channels, ...size, pixels: resizeBox(image, { top: 0, left: 0, height, width }, size) };
}

/**
 * What a network sees of an image in training, `[channels, size, size]`.
 * @param key decides everything random.
 */
export function augmentedView(
  image: RawImage,
  view: View,
  { crop, flip, rotation }: Augmentation,
  key: Key,
): Uint8Array {
  const [mirror, turn, top, left, ...draws] = uniform(key, 4 + 2 * CROP_TRIES) as unknown as [
    ...[number, number, number, number],
    ...number[],
  ];
  let pixels = cropped(image, view, crop, draws, [top, left]);
  const { channels } = image;
  const shape = { channels, height: view.size, width: view.size };
  if (flip && mirror < 0.5) pixels = mirrored({ ...shape, pixels });
  if (rotation > 0) pixels = rotate({ ...shape, pixels }, (2 * turn - 1) * rotation);
  return pixels;
}

function cropped(
  image: RawImage,
  view: View,
  crop: CropOptions,
  draws: readonly number[],
  at: readonly [number, number],
): Uint8Array {
  const { size, resize } = view;
  switch (crop.type) {
    case "none":
      return evaluationView(image, view);
    case "padded": {
      const resized = resize === null ? image : resizedTo(image, resize);
      return cutOut(resized, paddedBox(resized, size, crop.padding, at));
    }
    case "resized":
      return resizeBox(image, resizedCropBox(image, crop, draws, at), { height: size, width: size });
  }
}

/** Copies a part of an image, which is black where it reaches beyond it. */
export function cutOut({ channels, height: rows, width: columns, pixels }: RawImage, box: Box): Uint8Array {
  const { top, left, height, width } = box;
  const out = new Uint8Array(channels * height * width);
  const first = Math.max(0, left);
  const last = Math.min(columns, left + width);
  for (let channel = 0; channel < channels; channel++)
    for (let y = Math.max(0, top); y < Math.min(rows, top + height); y++) {
      const from = (channel * rows + y) * columns;
      const to = (channel * height + y - top) * width;
      if (last > first) out.set(pixels.subarray(from + first, from + last), to + first - left);
    }
  return out;
}

/** An image mirrored left to right. */
export function mirrored({ width, pixels }: RawImage): Uint8Array {
  const out = new Uint8Array(pixels.length);
  for (let row = 0; row < pixels.length; row += width)
    for (let x = 0; x < width; x++) out[row + x] = pixels[row + width - 1 - x]!;
  return out;
}
