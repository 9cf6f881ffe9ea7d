/** `pdiff collect` and `report`: one stage of an existing run. */
import type { Command } from "commander";

import type { StageName } from "../../run/index.ts";
import type { RunOptions } from "../../stages/index.ts";
import { allowMemoryOption, examples, FORCE_STAGE, runArgument, stageSummaries, terminalOf } from "../command.ts";
import { conclude, execute } from "../execute.ts";
import { commandLine } from "../invocation.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** The stages whose verb does nothing else. */
const stages = ["collect", "report"] as const satisfies readonly StageName[];

/** Adds the verbs to the command line. */
export function register(root: Command): void {
  for (const stage of stages) {
    const summary = stageSummaries[stage];
    root
      .command(stage)
      .summary(summary)
      .description(`The stage "${stage}" of a run: ${summary}.`)
      .addArgument(runArgument())
      .option("--force", FORCE_STAGE)
      .addOption(allowMemoryOption())
      .addHelpText("after", examples(`${stage} runs/glyphs-cnn`, `${stage} runs/glyphs-cnn --force`))
      .action((run: string, options: StageOptions, command: Command) =>
        runStage(terminalOf(command), stage, run, options),
      );
  }
}

export type StageOptions = Pick<RunOptions, "force" | "ignoreGate" | "allowMemory" | "allowCommand">;

/** Runs one stage in the run's folder, with the run's own recipe, and prints the next command. */
export async function runStage(
  terminal: Terminal,
  stage: StageName,
  run: string,
  options: StageOptions,
): Promise<void> {
  const { openRun } = await import("../../stages/index.ts");
  const { stageNames } = await import("../../run/index.ts");
  const { recipe, folder } = await openRun(run);
  await execute(terminal, {
    recipe,
    folder,
    stages: [stage],
    force: options.force ?? false,
    ignoreGate: options.ignoreGate ?? false,
    allowMemory: options.allowMemory ?? false,
    allowCommand: options.allowCommand ?? false,
  });
  const next = stageNames[stageNames.indexOf(stage) + 1];
  await conclude(terminal, folder, next && commandLine(next, folder));
}
