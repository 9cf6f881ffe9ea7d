/** What a recipe says of how a network sees the images of a set: their size, their normalisation, their augmentation. */
import { UserError } from "../errors.ts";
import type { Preparation } from "./data-set.ts";
import type { Augmentation, View } from "./images/transforms.ts";
import type { KnownSet } from "./sets/known-set.ts";
import { knownSet } from "./sets/known-sets.ts";
import { imagenetStatistics } from "./sets/photo-sets.ts";

/** Whose mean and standard deviation normalise: the set's own, those of another, 0.5 and 0.5, or none, so that pixels lie in [0, 1]. */
export const normaliserNames = ["own", "imagenet", "half", "none", "cifar-10", "cifar-100"] as const;
export type NormaliserName = (typeof normaliserNames)[number];

/** A mean and a standard deviation for each channel, of pixels in [0, 1]. */
export interface ChannelStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export interface PreparationOptions {
  /** Side of the square images that the network sees; the set's own where it has one, or 224. */
  size?: number | undefined;
  /** In evaluation, the shorter side before the centre is cut out; 8/7 of `size`, or nothing where images have it already. */
  resize?: number | undefined;
  normalise?: NormaliserName | ChannelStatistics | undefined;
  augment?: Augmentation | null | undefined;
}

/** The customary size of networks that were pretrained on ImageNet. */
const USUAL_SIZE = 224;

/**
 * Works out how stored images become what a network sees.
 * @param stored height and width of the images where all have the same, the padding included.
 * @throws UserError `E_DATA` when images that are no squares are to be augmented or resized without a size.
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
