/** The room of the stages: a run from collecting checkpoints to its report, in order. */

export { type DrawnNetworks, type DrawOptions, drawFolder, drawNetworks, isFurtherDraw } from "./draw/draw.ts";
export {
  type ExportNetworksOptions,
  type ExportRunOptions,
  exportFolder,
  exportNetworks,
  exportRun,
  type RunExport,
} from "./export/export.ts";
export type { ExportedGenerator } from "./export/export-generator.ts";
export { obstacles, type PlannedRun } from "./obstacles.ts";
export { openRun } from "./open-run.ts";
export { commandOf, planRedo, type RunOptions, runPipeline } from "./pipeline.ts";
export { type MetricPlan, type Plan, planMetric, planRun } from "./plan.ts";
export {
  type OwnCheckpoints,
  type OwnCheckpointsOptions,
  planFolder,
  recipeForCheckpoints,
} from "./recipe-for-checkpoints.ts";
export { type GivenSamples, type GivenSamplesOptions, recipeForSamples } from "./recipe-for-samples.ts";
export { memoryProblem, requireMemory } from "./require-memory.ts";
export { timedGraphs } from "./timed-graphs.ts";
