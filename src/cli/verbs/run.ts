/** `pdiff run`: all stages of a recipe, from where they stand. */
import { join } from "node:path";
import { conclude, execute } from "../execute.ts";
import { commandLine } from "../invocation.ts";
import { planText } from "../summary.ts";
import type { Terminal } from "../terminal.ts";

export interface RunCommandOptions {
  /** The run folder; `runs/<recipe's name>` where nothing is said. */
  run?: string;
  dryRun?: boolean;
  /** The same at the size of a laptop. */
  quick?: boolean;
  force?: boolean;
  ignoreGate?: boolean;
}

/** Tells what is about to happen, and lets it happen unless this is a dry run. */
export async function run(
  terminal: Terminal,
  nameOrPath: string,
  overrides: readonly string[],
  { run: folderOption, dryRun = false, quick: small = false, force = false, ignoreGate = false }: RunCommandOptions,
): Promise<void> {
  const { findRecipe, isMeasured, loadRecipe, quick, requireNetwork } = await import("../../recipe/index.ts");
  const { planFolder, planRun } = await import("../../stages/index.ts");
  const path = await findRecipe(nameOrPath);
  const whole = await loadRecipe(path, overrides);
  const { recipe, notices } = small ? quick(requireNetwork(whole, "--quick")) : { recipe: whole, notices: [] };
  for (const notice of notices) terminal.warn(`--quick: ${notice}`);
  const folder = folderOption ?? join("runs", recipe.name);
  const plan = isMeasured(recipe) ? await planFolder(recipe, folder) : await planRun(recipe);
  const text = planText(recipe, [path, ...overrides].join(" "), folder, plan);
  if (dryRun) {
    terminal.result(plan, text);
    terminal.say(`\nnext: ${commandLine(...process.argv.slice(2).filter((word) => word !== "--dry-run"))}`);
    return;
  }
  terminal.say(`${text}\n`);
  await execute(terminal, { recipe, folder, force, ignoreGate: ignoreGate || small });
  await conclude(terminal, folder, commandLine("inspect", join(folder, "samples", "0001.safetensors")));
}
