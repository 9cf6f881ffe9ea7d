/** `pdiff sample`: draws networks; of a user's own checkpoints, it also writes whole ones. */
import type { Command } from "commander";

import {
  allowMemoryOption,
  examples,
  FORCE_STAGE,
  runArgument,
  stageSummaries,
  terminalOf,
  wholeNumber,
} from "../command.ts";
import { conclude, execute } from "../execute.ts";
import { count, list } from "../format.ts";
import { commandLine } from "../invocation.ts";
import type { Terminal } from "../terminal.ts";

interface SampleOptions {
  readonly count?: number;
  readonly like?: string;
  readonly to?: string;
  readonly force?: boolean;
  readonly allowMemory?: boolean;
}

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("sample")
    .summary(stageSummaries.sample)
    .description(
      `The stage "sample" of a run: ${stageSummaries.sample}. ` +
        "For your own checkpoints, whole checkpoints are written as well.",
    )
    .addArgument(runArgument())
    .addOption(wholeNumber("-n, --count <n>", "how many networks (default: as the recipe says)"))
    .option("--like <file>", "also write whole checkpoints: this one, in its format, with generated tensors")
    .option("--to <folder>", "where whole checkpoints go (default: checkpoints in the run folder)")
    .option("--force", FORCE_STAGE)
    .addOption(allowMemoryOption())
    .addHelpText(
      "after",
      examples("sample runs/head -n 50 --like ckpts/a.pth", "sample runs/glyphs-cnn", "sample runs/glyphs-cnn --force"),
    )
    .action((run: string, options: SampleOptions, command: Command) => sample(terminalOf(command), run, options));
}

async function sample(terminal: Terminal, run: string, options: SampleOptions): Promise<void> {
  const { exportFolder, exportNetworks, openRun } = await import("../../stages/index.ts");
  const { hasNetwork } = await import("../../recipe/index.ts");
  const opened = await openRun(run);
  const { folder } = opened;
  const { force = false, allowMemory = false } = options;
  const recipe =
    options.count === undefined
      ? opened.recipe
      : { ...opened.recipe, sample: { ...opened.recipe.sample, count: options.count } };
  await execute(terminal, { recipe, folder, stages: ["sample"], force, allowMemory });
  if (hasNetwork(recipe) && options.like === undefined && options.to === undefined)
    return conclude(terminal, folder, commandLine("evaluate", folder));
  const to = options.to ?? exportFolder(folder);
  const files = await exportNetworks({ run: folder, to, like: options.like });
  terminal.result(
    { folder, to, files },
    list([
      ["checkpoints", `${count(files.length)}, from ${files[0]} to ${files.at(-1)}`],
      ["folder", to],
    ]),
  );
  const needsCommand = !hasNetwork(recipe) && recipe.measure.command === null;
  const metric = needsCommand ? ["--evaluate", "command {checkpoint}"] : [];
  terminal.say(`\nnext: ${commandLine("evaluate", folder, ...metric)}`);
}
