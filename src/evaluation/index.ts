/**
 * How good networks are, and whether they are new: predictions, similarity, distances, the audit.
 * @example
 * // Distances of vectors `[n, D]` to their nearest originals.
 * const meter = await distanceMeter({ originals, layout, trajectory: false, device });
 * const { standardised } = await meter.measure(vectors);
 * @module
 */

export {
  ACCURACY,
  type AuditStatistics,
  acceptanceThresholdOf,
  auditNetworks,
  classified,
  distanceUnit,
} from "./audit/audit.ts";
export type { AuditInput, PlacedGroup } from "./audit/audit-input.ts";
export { meanInterval, quantiles, resample } from "./bootstrap.ts";
export { auroc, ece } from "./calibration.ts";
export { compareDistance, compareIoU, liesTogether } from "./comparison.ts";
export { type Cloud, distances } from "./distances.ts";
export { type EmbeddingOptions, embed } from "./embedding.ts";
export { type Classifying, evaluationBatch } from "./evaluation-batch.ts";
export { ENSEMBLE_SCORES, type Evaluator, evaluator, type ImagesListener } from "./evaluator.ts";
export { type CollagedGroup, collageOf } from "./evidence/collage.ts";
export { BETWEEN, straightWayOf, type WayOfGroup } from "./evidence/straight-way.ts";
export {
  type FreshNetworks,
  trainingScale,
  type WorthGroup,
} from "./evidence/training-worth.ts";
export { type DistanceMeter, type Distances, distanceMeter } from "./nearest-distance.ts";
export { accuracies, accuracyOnFirst, type Mistakes, meanWithin, mistakes } from "./similarity.ts";
export { type HeldOutSplit, splitHeldOut } from "./split-held-out.ts";
export { accuracy, mean, spread } from "./statistics.ts";
export { unitMeter } from "./unit-distance.ts";
