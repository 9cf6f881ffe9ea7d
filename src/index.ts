/** The library: run recipes, follow their progress, read what they made. */

export {
  type AuditOptions,
  audit,
  type Checkpoints,
  type FitOptions,
  type FittedRun,
  fit,
  type ReadCheckpoint,
  readCheckpoints,
  type SampleOptions,
  sample,
  type Work,
  type WorkOptions,
} from "./api.ts";
export {
  type CheckpointFile,
  type CheckpointFormat,
  type CheckpointReader,
  type FileSummary,
  inspectFile,
  openCheckpoint,
  openFile,
  readSafetensors,
  readStateDict,
  rewriteFile,
  type StateDict,
  type StoredTensor,
  writeSafetensors,
} from "./checkpoints/index.ts";
export {
  type DataOptions,
  type DataSet,
  type DataSetFacts,
  dataSetNames,
  type GetEvent,
  type GetOptions,
  getDataSet,
  listDataSets,
  loadData,
  type RemoteSet,
  remoteSet,
  verifyDataSet,
} from "./data/index.ts";
export { type ErrorCode, Interrupted, UserError } from "./errors.ts";
export { type Layout, type LayoutEntry, layoutOf, select } from "./layout/index.ts";
export type { Measure } from "./metric/index.ts";
export {
  type AnyRecipe,
  type Choice,
  findRecipe,
  isMeasured,
  listRecipes,
  loadRecipe,
  type MeasuredRecipe,
  presetNames,
  type Quick,
  quick,
  type Recipe,
  type RecipeFacts,
  recipeText,
  resolveRecipe,
} from "./recipe/index.ts";
export type { Audit, Results } from "./records/index.ts";
export {
  listRuns,
  type RunEvent,
  type RunSummary,
  readAudit,
  readResults,
  type StageName,
  stageNames,
} from "./run/index.ts";
export {
  type DescribeOptions,
  describeNetwork,
  describeNetworks,
  type ExportNetworksOptions,
  type ExportRunOptions,
  exportNetworks,
  exportRun,
  type NetworkFacts,
  type OwnCheckpoints,
  type OwnCheckpointsOptions,
  openRun,
  type Plan,
  planRun,
  type RunExport,
  type RunOptions,
  recipeForCheckpoints,
  runPipeline,
} from "./stages/index.ts";
export { version } from "./version.ts";
export { type InspectSetOptions, inspectSet, type SetSummary } from "./zoo/index.ts";
