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
import { conclude, execute } from "../execute.ts";
import { commandWithout } from "../invocation.ts";
import { isRunFolder } from "../settings.ts";
import { blocks, lines } from "../terminal/layout.ts";
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
    .option("--dry-run", "only print the plan: stages, time and memory, and what would be done again")
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
    dryRun = false,
    quick: isQuick = false,
    force = false,
    ignoreGate = false,
    allowMemory = false,
  } = options;
  const { findRecipe, loadRecipe, loadRunRecipe, quick, requireNetwork } = await import("../../recipe/index.ts");
  const { memoryProblem, planFolder, planRedo } = await import("../../stages/index.ts");
  const { memoryWarning, planText } = await import("../summary.ts");
  const { redoText } = await import("../redo-text.ts");
  const isRun = isRunFolder(nameOrPath);
  const path = isRun ? join(nameOrPath, "config.yaml") : await findRecipe(nameOrPath);
  const whole = await (isRun ? loadRunRecipe(path, undefined, overrides) : loadRecipe(path, overrides));
  const { recipe, notices } = isQuick ? quick(requireNetwork(whole, "--quick")) : { recipe: whole, notices: [] };
  for (const notice of notices) terminal.warn(`--quick: ${notice}`);
  const folder = folderOption ?? (isRun ? nameOrPath : join("runs", recipe.name));
  const plan = await planFolder(recipe, folder);
  const problem = memoryProblem(plan);
  if (problem !== undefined && !allowMemory) terminal.warn(memoryWarning(problem));
  const text = planText(recipe, [path, ...overrides].join(" "), folder, plan);
  if (dryRun) {
    const redo = await planRedo({ recipe, folder, force });
    terminal.result({ ...plan, redo: redo ?? null }, redo === undefined ? text : blocks(text, redoText(redo)));
    terminal.next(commandWithout("--dry-run"));
    return;
  }
  terminal.say(lines(text, ""));
  const typed = overrides.some((word) => word.startsWith("measure."));
  await execute(terminal, {
    recipe,
    folder,
    planned: plan.stages,
    force,
    ignoreGate: ignoreGate || isQuick,
    allowMemory,
    allowCommand: typed || (options.allowCommand ?? false),
  });
  await conclude(terminal, folder, undefined);
}
