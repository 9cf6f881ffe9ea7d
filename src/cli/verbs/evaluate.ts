/** `pdiff evaluate`: evaluates a run, on its data set or by a user's command. */
import type { Command } from "commander";

import {
  allowCommandOption,
  allowMemoryOption,
  betterOption,
  examples,
  FORCE_STAGE,
  metricOption,
  runArgument,
  stageSummaries,
  terminalOf,
  wholeNumber,
} from "../command.ts";
import { conclude, execute } from "../execute.ts";
import { commandLine } from "../invocation.ts";
import type { Terminal } from "../terminal/terminal.ts";

interface EvaluateOptions {
  readonly evaluate?: string;
  readonly metric?: string;
  readonly better?: "higher" | "lower";
  readonly timeout?: number;
  readonly retries?: number;
  readonly parallel?: number;
  readonly force?: boolean;
  readonly allowMemory?: boolean;
  readonly allowCommand?: boolean;
}

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("evaluate")
    .summary(stageSummaries.evaluate)
    .description(`The stage "evaluate" of a run: ${stageSummaries.evaluate}.`)
    .addArgument(runArgument())
    .option("--evaluate <command>", "for your own checkpoints: command that prints the score of {checkpoint}")
    .addOption(metricOption())
    .addOption(betterOption())
    .addOption(wholeNumber("--timeout <seconds>", "give up one evaluation after this time (default: 600)"))
    .addOption(wholeNumber("--retries <n>", "how often a failed evaluation is tried again (default: 1)"))
    .addOption(wholeNumber("--parallel <n>", "commands that run at the same time (default: 1)"))
    .option("--force", FORCE_STAGE)
    .addOption(allowMemoryOption())
    .addOption(allowCommandOption())
    .addHelpText(
      "after",
      examples("evaluate runs/glyphs-cnn", "evaluate runs/head --evaluate 'python eval.py {checkpoint}' --parallel 4"),
    )
    .action((run: string, options: EvaluateOptions, command: Command) => evaluate(terminalOf(command), run, options));
}

async function evaluate(terminal: Terminal, run: string, options: EvaluateOptions): Promise<void> {
  const { hasNetwork } = await import("../../recipe/index.ts");
  const { openRun } = await import("../../stages/index.ts");
  const { UserError } = await import("../../errors.ts");
  const { recipe, folder } = await openRun(run);
  const { evaluate: command, force = false, allowCommand = false, allowMemory = false, ...rest } = options;
  const asked = Object.entries({ command, ...rest }).filter(([, value]) => value !== undefined);
  if (asked.length > 0 && hasNetwork(recipe))
    throw new UserError(
      "E_USAGE",
      `the networks of ${folder} are evaluated on ${recipe.data.name}; leave out --evaluate and its options`,
    );
  const changed = hasNetwork(recipe)
    ? recipe
    : { ...recipe, measure: { ...recipe.measure, ...Object.fromEntries(asked) } };
  await execute(terminal, {
    recipe: changed,
    folder,
    stages: ["evaluate"],
    force,
    allowMemory,
    allowCommand: command !== undefined || allowCommand,
  });
  await conclude(terminal, folder, commandLine("audit", folder));
}
