/** The library: what programs may use. */
export { UserError } from "./errors.ts";
export {
  type Plan,
  planRun,
  type Recipe,
  type RunEvent,
  type RunOptions,
  readResults,
  resolveRecipe,
  runPipeline,
  type StageName,
} from "./pipeline/index.ts";
