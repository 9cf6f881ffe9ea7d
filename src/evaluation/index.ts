/** The room that says what networks are worth, and whether they are new. */

export {
  type AuditInput,
  type AuditStatistics,
  acceptanceThresholdOf,
  auditNetworks,
  distanceUnit,
  type Measured,
} from "./audit.ts";
export { meanInterval, type Quantiles, quantiles } from "./bootstrap.ts";
export { auroc, ece } from "./calibration.ts";
export { type Cloud, distances } from "./distances.ts";
export { type EmbeddingOptions, embed } from "./embedding.ts";
export { ENSEMBLE_SCORES, type Evaluator, evaluator, type ImagesListener } from "./evaluator.ts";
export { auditMeasured, type ValuedAudit, type ValuedAuditInput, type ValuedGroup } from "./metric-audit.ts";
export { type DistanceMeter, type Distances, distanceMeter } from "./nearest-distance.ts";
export { accuracies, type Mistakes, meanWithin, mistakes } from "./similarity.ts";
export { accuracy, mean, type Spread, spread } from "./statistics.ts";
export { unitMeter } from "./unit-distance.ts";
