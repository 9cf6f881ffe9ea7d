/**
 * What a network sees of an image: in evaluation the centre of the resized image, in training a
 * random crop, perhaps flipped and rotated. Byte for byte like torchvision's transforms on Pillow
 * images.
 */
import { type Key, uniform } from "../../random/index.ts";
import { CROP_TRIES, centreBox, paddedBox, type ResizedCrop, resizedCropBox, resizedSize } from "./geometry.ts";
import type { RawImage } from "./raw-image.ts";
import { type Box, resizeBox } from "./resample.ts";
import { rotate } from "./rotate.ts";

/** How an image is resized and cropped in evaluation. */
export interface View {
  /** Side of the centre crop in pixels. */
  readonly size: number;
  /** Length to which the shorter side is resized first; null for no resizing. */
  readonly resize: number | null;
}

/** How an image is cropped in training. */
export type CropOptions =
  | {
      /** As in evaluation. */
      readonly type: "none";
    }
  | {
      /** A random crop of the image with black padding (RandomCrop). */
      readonly type: "padded";
      /** Black pixels on each side. */
      readonly padding: number;
    }
  | ({
      /** A crop of random size and shape, resized (RandomResizedCrop). */
      readonly type: "resized";
    } & ResizedCrop);

/** How a training image is augmented, in this order. */
export interface Augmentation {
  readonly crop: CropOptions;
  /** Whether images are mirrored left to right with probability one half. */
  readonly flip: boolean;
  /** The largest rotation in degrees, either way. */
  readonly rotation: number;
}

/** The input of a network in evaluation, `[channels, size, size]`. */
export function evaluationView(image: RawImage, { size, resize }: View): Uint8Array {
  const resized = resize === null ? image : resizedTo(image, resize);
  return cutOut(resized, centreBox(resized, size));
}

/** Resizes an image so that its shorter side has `side` pixels. */
export function resizedTo(image: RawImage, side: number): RawImage {
  const { channels, height, width } = image;
  const size = resizedSize(image, side);
  if (size.height === height && size.width === width) return image;
  return { channels, ...size, pixels: resizeBox(image, { top: 0, left: 0, height, width }, size) };
}

/**
 * The input of a network in training, `[channels, size, size]`.
 * @param key decides all random choices.
 */
export function augmentedView(
  image: RawImage,
  view: View,
  { crop, flip, rotation }: Augmentation,
  key: Key,
): Uint8Array {
  const [mirror = 0, turn = 0, top = 0, left = 0, ...draws] = uniform(key, 4 + 2 * CROP_TRIES);
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
    default:
      throw new TypeError(`unknown crop ${String(crop satisfies never)}`);
  }
}

/** Copies a part of an image; pixels beyond the image are black. */
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

/** Mirrors an image left to right. */
export function mirrored({ width, pixels }: RawImage): Uint8Array {
  const out = new Uint8Array(pixels.length);
  for (let row = 0; row < pixels.length; row += width)
    for (let x = 0; x < width; x++) out[row + x] = pixels[row + width - 1 - x]!;
  return out;
}
