/**
 * The room of records: what evaluation finds out about the networks of a run, as `results.json` and
 * `audit.json` hold it. Evaluation fills the records and the report renders them.
 */
export {
  type Audit,
  type AuditGroup,
  audit,
  type Choice,
  type Copies,
  type Cost,
  type Excess,
  type Failure,
  type Pull,
  type Verdict,
  type VerdictName,
  verdictNames,
} from "./audit.ts";
export type { Curve } from "./curve.ts";
export { type Draw, type DrawIdentity, type DrawnNetwork, draw } from "./draw.ts";
export type { Collage, Diversity, StraightWay, TrainingScale } from "./evidence.ts";
export { type BaselineFamily, baselineFamilies, type Family, families } from "./family.ts";
export type {
  Distribution,
  Embedding,
  EnsemblePoint,
  FrontierPoint,
  SimilarityByCount,
  Trajectory,
} from "./figures.ts";
export type { Metric } from "./metric.ts";
export {
  type AutoencoderFacts,
  autoencoderFacts,
  type Classification,
  type ClassifierGroup,
  type ClassifierGroupName,
  type Comparison,
  classifierGroupNames,
  type Results,
  results,
  type Scores,
} from "./results.ts";
export type { Interval, Quantiles, Spread } from "./statistics.ts";
export { SCHEMA_VERSION } from "./version.ts";
