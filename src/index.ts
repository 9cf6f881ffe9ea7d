/**
 * The library: the verbs, and the types of what they take and give. What they are made of is in the
 * package's subpaths: `/graph`, `/nn`, `/diffusion`, `/baselines`, `/evaluation`, `/checkpoints`,
 * `/layout` and `/random`.
 * @example
 * await fit({ checkpoints: "ckpts/*.pth", select: "head.*", run: "runs/head" }).result;
 * const files = await sample({ run: "runs/head", count: 5 }).result;
 * const { verdict } = await audit({ run: "runs/head" }).result;
 * @module
 */
export {
  type AuditOptions,
  type AuditSamplesOptions,
  audit,
  type EvaluateOptions,
  type ExistingRunOptions,
  evaluate,
  type FitOptions,
  type FittedRun,
  fit,
  type InspectOptions,
  inspect,
  type MetricOptions,
  type ReportOptions,
  type RunOptions,
  report,
  run,
  type SampleOptions,
  sample,
} from "./api.ts";
export { type ErrorCode, Interrupted, UserError } from "./errors.ts";
export type { Measure } from "./metric/index.ts";
export {
  type Checkpoints,
  type ReadCheckpoint,
  type ReadCheckpointsOptions,
  readCheckpoints,
} from "./read-checkpoints.ts";
export type { AnyRecipe, MetricRecipe, OwnParts, Recipe } from "./recipe/index.ts";
export { loadRecipe } from "./recipe/index.ts";
export type { Audit, Draw, Results } from "./records/index.ts";
export type { ProgressItem, RunEvent, StageName } from "./run/index.ts";
export type { Device, DeviceOptions } from "./runtime/index.ts";
export { nodeDevice } from "./runtime-node/index.ts";
export {
  type ExportNetworksOptions,
  type ExportRunOptions,
  exportRun,
  type GivenSamplesOptions,
  type OwnCheckpointsOptions,
  type RunExport,
} from "./stages/index.ts";
export { version } from "./version.ts";
export type { Work, WorkOptions } from "./work.ts";
export type { SetSummary } from "./zoo/index.ts";
