/** What `fit` and `audit` of a user's files say before their run begins. */
import type { AnyRecipe, Choice } from "../recipe/index.ts";
import type { StageName } from "../run/index.ts";
import type { MetricPlan, Plan } from "../stages/index.ts";
import { dryRun } from "./dry-run.ts";
import { lines, type Text } from "./terminal/layout.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** A run that was made from files, as it is to be announced. */
interface PlannedRun {
  readonly folder: string;
  readonly recipe: AnyRecipe;
  readonly choices: readonly Choice[];
  readonly plan: Plan | MetricPlan;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** The plan as people read it. */
  readonly text: Text;
  /** The stages that are to run; all by default. */
  readonly stages?: readonly StageName[];
}

/** Options of the command that matter before it begins. */
interface AnnouncedOptions {
  readonly evaluate?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly allowMemory?: boolean;
  readonly allowCommand?: boolean;
}

/**
 * Trusts the command that was typed, and prints the plan. Returns whether the run is to begin; with
 * `--dry-run` it is not.
 * @throws UserError `E_DEVICE` when the plan needs more memory than there is, unless it is allowed.
 */
export async function announcePlan(
  terminal: Terminal,
  { folder, recipe, choices, plan, notes, warnings, text, stages }: PlannedRun,
  { evaluate, dryRun: isDryRun = false, force = false, allowMemory = false, allowCommand = false }: AnnouncedOptions,
): Promise<boolean> {
  const { requireMemory } = await import("../stages/index.ts");
  const { trustCommand } = await import("../metric/index.ts");
  if (evaluate !== undefined) await trustCommand(evaluate);
  if (isDryRun) {
    // The run itself says the same.
    for (const note of [...notes, ...warnings]) terminal.warn(note);
    const run = { recipe, folder, plan, force, allowMemory, allowCommand, ...(stages && { stages }) };
    await dryRun(terminal, run, { folder, recipe, choices, plan }, text);
    return false;
  }
  terminal.say(lines(text, ""));
  if (!allowMemory) requireMemory(recipe.name, plan);
  return true;
}
