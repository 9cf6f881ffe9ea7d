/**
 * How samples compare with the originals, where the originals' own value is 1 or known. These
 * thresholds decide for the verdict and for every sentence of the report.
 */
import type { Comparison } from "../records/index.ts";

/** Distances between these, in units of the originals' own, count as the same. */
const SAME = { from: 0.8, to: 1.25 };

/** Samples nearer to each other than this, in the same unit, are one network repeated. */
const REPEATED = 0.05;

/** Mean IoUs that differ by less than this count as the same. */
const SAME_IOU = 0.05;

/** Samples that share more of their mistakes are one network repeated, unless originals do, too. */
const REPEATED_IOU = 0.95;

/** Whether samples lie so near to the originals' mean, or to one another, as averages do. */
export const liesNearMean = (distance: number): boolean => distance < SAME.from;

/** Whether samples lie so near to one another that they are one network repeated. */
export const liesTogether = (apart: number): boolean => apart < REPEATED;

/** Compares a distance of samples with the originals' own, which is 1; null for NaN. */
export function compareDistance(distance: number): Comparison {
  if (!Number.isFinite(distance)) return null;
  if (distance < SAME.from) return "less";
  return distance > SAME.to ? "more" : "same";
}

/** Compares the mean IoU of samples with that of originals; null where one is NaN. */
export function compareIoU({ samples, originals }: { readonly samples: number; readonly originals: number }): {
  readonly comparison: Comparison;
  readonly repeated: boolean;
} {
  const difference = samples - originals;
  const repeated = samples > REPEATED_IOU && originals < REPEATED_IOU - SAME_IOU;
  if (!Number.isFinite(difference)) return { comparison: null, repeated };
  if (samples > originals + SAME_IOU) return { comparison: "more", repeated };
  return { comparison: samples < originals - SAME_IOU ? "less" : "same", repeated };
}
