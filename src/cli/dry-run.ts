/** `--dry-run`: prints a plan, what would be done again, and what would stop the run. */
import type { AnyRecipe } from "../recipe/index.ts";
import type { MetricPlan, Plan, PlannedRun } from "../stages/index.ts";
import { exitCodeOf } from "./failure.ts";
import { commandWithout } from "./invocation.ts";
import { blocks, type Text } from "./terminal/layout.ts";
import type { Terminal } from "./terminal/terminal.ts";

/**
 * Plans a run whose graphs are timed on this machine, which takes a few seconds. A run that begins
 * at once estimates them from their shapes instead.
 */
export async function timedPlan(recipe: AnyRecipe, folder: string): Promise<Plan | MetricPlan> {
  const { planFolder, timedGraphs } = await import("../stages/index.ts");
  const { nodeDevice } = await import("../runtime-node/index.ts");
  return planFolder(recipe, folder, { stopwatch: timedGraphs(nodeDevice(recipe.device)) });
}

/**
 * Prints what a run would do. With obstacles, the process exits with the code that the run would
 * exit with.
 * @param value of `--json`, to which `redo` and `problems` are added.
 */
export async function dryRun(terminal: Terminal, run: PlannedRun, value: object, plan: Text): Promise<void> {
  const { obstacles, planRedo } = await import("../stages/index.ts");
  const { redoText } = await import("./redo-text.ts");
  const redo = await planRedo(run);
  const found = await obstacles(run);
  const problems = found.map(({ code, message }) => ({ code, message }));
  const again = redo === undefined ? [] : [redoText(redo)];
  terminal.result({ ...value, redo: redo ?? null, problems }, blocks(plan, ...again));
  const [first] = found;
  if (first === undefined) return terminal.next(commandWithout("--dry-run"));
  terminal.say("");
  for (const { message } of found) terminal.warn(message);
  process.exitCode = exitCodeOf(first);
}
