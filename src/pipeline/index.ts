/** The room of runs: recipes, run folders, the six stages in order. */
export { Interrupted, UserError } from "../errors.ts";
export { archiveRun, unpackRun } from "./archive.ts";
export type { Choice } from "./autosize.ts";
export { type RunEvent, type StageName, stageNames } from "./events.ts";
export {
  type ExportRunOptions,
  exportFolder,
  exportRun,
  type TakeAwayOptions,
  type TakenAway,
  takeAway,
} from "./export.ts";
export type { ExportedGenerator } from "./export-generator.ts";
export { type InspectSetOptions, inspectSet, type SetSummary, type TensorVariation } from "./inspect-set.ts";
export type { Measure } from "./measures.ts";
export { type DescribeOptions, describeNetwork, describeNetworks, type NetworkFacts, type Subset } from "./networks.ts";
export {
  type OwnCheckpoints,
  type OwnCheckpointsOptions,
  planFolder,
  recipeForCheckpoints,
} from "./own-checkpoints.ts";
export { type MeasuredPlan, type Plan, planMeasured, planRun } from "./plan.ts";
export { type PresetName, presetNames } from "./presets.ts";
export { type Quick, quick } from "./quick.ts";
export {
  type AnyRecipe,
  isMeasured,
  loadRecipe,
  type MeasuredRecipe,
  type Recipe,
  recipeText,
  requireNetwork,
  resolveRecipe,
} from "./recipe.ts";
export { findRecipe, listRecipes, type RecipeFacts } from "./recipes.ts";
export { readAudit, readMeasured, readResults } from "./results.ts";
export { openRun } from "./open-run.ts";
export { type RunOptions, runPipeline } from "./run.ts";
export { listRuns, type RunSummary } from "./runs.ts";
