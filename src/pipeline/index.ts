/** The room of runs: recipes, run folders, the six stages in order. */
export { Interrupted } from "../errors.ts";
export { type RunEvent, type StageName, stageNames } from "./events.ts";
export { type ExportRunOptions, exportRun } from "./export.ts";
export { type DescribeOptions, describeNetwork, describeNetworks, type NetworkFacts, type Subset } from "./networks.ts";
export { type Plan, planRun } from "./plan.ts";
export { type PresetName, presetNames } from "./presets.ts";
export { type Quick, quick } from "./quick.ts";
export { loadRecipe, type Recipe, recipeText, resolveRecipe } from "./recipe.ts";
export { findRecipe, listRecipes, type RecipeFacts } from "./recipes.ts";
export { readAudit, readResults } from "./results.ts";
export { openRun, type RunOptions, runPipeline } from "./run.ts";
export { listRuns, type RunSummary } from "./runs.ts";
