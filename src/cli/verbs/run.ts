/** `pdiff run`: runs all stages of a recipe, from where they stand. */
import { join } from "node:path";
import type { Command } from "commander";

import {
  allowCommandOption,
  allowMemoryOption,
  examples,
  ignoreGateOption,
  runOption,
  terminalOf,
} from "../command.ts";
import { dryRun, timedPlan } from "../dry-run.ts";
import { conclude, execute } from "../execute.ts";
import { isRunFolder } from "../settings.ts";
import { lines } from "../terminal/layout.ts";
import type { Terminal } from "../terminal/terminal.ts";

interface RunOptions {
  readonly run?: string;
  readonly dryRun?: boolean;
  readonly quick?: boolean;
  readonly force?: boolean;
  readonly ignoreGate?: boolean;
  readonly allowMemory?: boolean;
  readonly allowCommand?: boolean;
}

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("run")
    .summary("run a recipe, or resume it")
    .description(
      "Run all stages of a recipe in one folder. Run it again to resume; the result is byte-identical. " +
        "With other values, only the stages that depend on them are done again.",
    )
    .argument("<recipe>", "a YAML file, a name that `recipes` lists, or a run folder to continue")
    .argument("[overrides...]", "key=value pairs that replace values of the recipe")
    .addOption(runOption("the run folder (default: runs/<name of the recipe>)"))
    .option(
      "--dry-run",
      "only print the plan: stages, time, memory and disk, what would be done again, and what would stop it",
    )
    .option("--quick", "scale the recipe down to minutes on a laptop; its numbers are no evidence")
    .option("--force", "do every stage again, even if the folder holds the zoo of another recipe")
    .addOption(ignoreGateOption())
    .addOption(allowMemoryOption())
    .addOption(allowCommandOption())
    .addHelpText(
      "after",
      examples(
        "run glyphs-cnn",
        "run glyphs-cnn sample.count=50",
        "run glyphs-cnn zoo.count=50 seed=2 --run runs/short",
        "run cifar100_resnet18 --quick",
        "run glyphs-cnn --json > results.json",
      ),
    )
    .action((recipe: string, overrides: readonly string[], options: RunOptions, command: Command) =>
      run(terminalOf(command), recipe, overrides, options),
    );
}

/** Prints the plan, and runs it unless this is a dry run. */
async function run(
  terminal: Terminal,
  nameOrPath: string,
  overrides: readonly string[],
  options: RunOptions,
): Promise<void> {
  const {
    run: folderOption,
    dryRun: isDryRun = false,
    quick: isQuick = false,
    force = false,
    ignoreGate = false,
    allowMemory = false,
  } = options;
  const { findRecipe, loadRecipe, loadRunRecipe, quick, requireNetwork } = await import("../../recipe/index.ts");
  const { planFolder } = await import("../../stages/index.ts");
  const { planText } = await import("../summary.ts");
  const isRun = isRunFolder(nameOrPath);
  const path = isRun ? join(nameOrPath, "config.yaml") : await findRecipe(nameOrPath);
  const whole = await (isRun ? loadRunRecipe(path, undefined, overrides) : loadRecipe(path, overrides));
  const { recipe, notices } = isQuick ? quick(requireNetwork(whole, "--quick")) : { recipe: whole, notices: [] };
  for (const notice of notices) terminal.warn(`--quick: ${notice}`);
  const folder = folderOption ?? (isRun ? nameOrPath : join("runs", recipe.name));
  const plan = await (isDryRun ? timedPlan : planFolder)(recipe, folder);
  const text = planText(recipe, [path, ...overrides].join(" "), folder, plan);
  const allowCommand = (options.allowCommand ?? false) || overrides.some((word) => word.startsWith("measure."));
  if (isDryRun) return dryRun(terminal, { recipe, folder, plan, force, allowMemory, allowCommand }, plan, text);
  terminal.say(lines(text, ""));
  await execute(terminal, {
    recipe,
    folder,
    planned: plan.stages,
    force,
    ignoreGate: ignoreGate || isQuick,
    allowMemory,
    allowCommand,
  });
  await conclude(terminal, folder, undefined);
}
