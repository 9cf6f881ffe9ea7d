/** How a network sees the images of a set: their size, normalisation and augmentation. */
import { UserError } from "../errors.ts";
import type { Preparation } from "./data-set.ts";
import type { Augmentation, View } from "./images/transforms.ts";
import { imagenetStatistics, type KnownSet } from "./sets/known-set.ts";
import { knownSet } from "./sets/known-sets.ts";

/**
 * The statistics that normalise pixels: the set's own, those of another set, 0.5 and 0.5 (`half`),
 * or none, so that pixels stay in [0, 1].
 */
export const normaliserNames = ["own", "imagenet", "half", "none", "cifar-10", "cifar-100"] as const;
/** One of `normaliserNames`. */
export type NormaliserName = (typeof normaliserNames)[number];

/** A mean and a standard deviation for each channel, of pixels in [0, 1]. */
export interface ChannelStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** How a recipe prepares images. */
export interface PreparationOptions {
  /** Side of the square input; by default the set's own, or 224 when its images differ in size. */
  size?: number | undefined;
  /**
   * The shorter side before the centre is cut out; by default 8/7 of `size`, or no resizing when
   * images have that size already.
   */
  resize?: number | undefined;
  /** By which statistics pixels are normalised; `own` by default. */
  normalise?: NormaliserName | ChannelStatistics | undefined;
  /** How training images are augmented; null, not at all, by default. */
  augment?: Augmentation | null | undefined;
}

/** The usual input size of networks pretrained on ImageNet. */
const USUAL_SIZE = 224;

/**
 * Decides how stored images become the input of a network.
 * @param stored height and width of all images, padding included; undefined when they differ.
 * @throws UserError `E_DATA` when the images are not square and need a size, or the statistics have
 *   another number of channels.
 */
export function preparationOf(
  { channels, mean, std }: Pick<KnownSet, "channels" | "mean" | "std">,
  stored: { readonly height: number; readonly width: number } | undefined,
  { size, resize, normalise = "own", augment: augmentation = null }: PreparationOptions,
): Preparation {
  const constants = normalise === "own" ? { mean, std } : constantsOf(normalise, channels);
  const native = stored !== undefined && stored.height === stored.width ? stored.height : undefined;
  const asStored = resize === undefined && (size === undefined || size === native);
  if (stored !== undefined && asStored && augmentation === null)
    return { channels, ...stored, view: null, augmentation, ...constants };
  if (stored !== undefined && native === undefined && size === undefined)
    throw new UserError(
      "E_DATA",
      `the images are of ${stored.height} × ${stored.width} pixels, no squares; say which size the network is to see (data.size)`,
    );
  const side = size ?? native ?? USUAL_SIZE;
  const view: View = {
    size: side,
    resize: asStored && native !== undefined ? null : (resize ?? Math.round((side * 8) / 7)),
  };
  return { channels, height: side, width: side, view, augmentation, ...constants };
}

function constantsOf(
  normalise: Exclude<NormaliserName, "own"> | ChannelStatistics,
  channels: number,
): ChannelStatistics {
  const every = (value: number) => Array<number>(channels).fill(value);
  if (normalise === "half") return { mean: every(0.5), std: every(0.5) };
  if (normalise === "none") return { mean: every(0), std: every(1) };
  const given = typeof normalise === "object";
  const { mean, std } = given
    ? normalise
    : normalise === "imagenet"
      ? imagenetStatistics
      : knownSet({ name: normalise });
  if (mean.length !== channels || std.length !== channels)
    throw new UserError(
      "E_DATA",
      given
        ? `data.normalise has ${mean.length} means and ${std.length} standard deviations, but the images have ${channels} channels; give one of each for every channel`
        : `data.normalise is ${normalise}, which has ${mean.length} channels, but the images have ${channels}; use own, half or none`,
    );
  return { mean, std };
}
