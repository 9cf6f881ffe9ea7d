/** The library: run recipes, follow their progress, read what they made. */
export {
  type CheckpointReader,
  inspectFile,
  type Layout,
  layoutOf,
  openCheckpoint,
  readSafetensors,
  readStateDict,
  type StateDict,
  select,
  writeSafetensors,
} from "./checkpoints/index.ts";
export { type ErrorCode, Interrupted, UserError } from "./errors.ts";
export {
  type DescribeOptions,
  describeNetwork,
  describeNetworks,
  type ExportRunOptions,
  exportRun,
  listRuns,
  loadRecipe,
  type NetworkFacts,
  openRun,
  type Plan,
  planRun,
  presetNames,
  type Recipe,
  type RunEvent,
  type RunOptions,
  type RunSummary,
  readResults,
  recipeText,
  resolveRecipe,
  runPipeline,
  type StageName,
  stageNames,
} from "./pipeline/index.ts";
export type { Results } from "./report/index.ts";
export { version } from "./version.ts";
