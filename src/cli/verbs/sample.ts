/**
 * `pdiff sample`: draws the samples of a run, or further networks beside them. Of a user's own
 * checkpoints it also writes whole ones.
 */
import { existsSync } from "node:fs";

import { type Command, InvalidArgumentError, Option } from "commander";

import type { AnyRecipe } from "../../recipe/index.ts";
import {
  allowCommandOption,
  allowMemoryOption,
  belowHelp,
  examples,
  FORCE_STAGE,
  runArgument,
  stageSummaries,
  terminalOf,
  wholeNumber,
} from "../command.ts";
import { conclude, confirmCommand, execute, watch } from "../execute.ts";
import { count } from "../format.ts";
import { commandLine } from "../invocation.ts";
import { list } from "../terminal/layout.ts";
import type { Terminal } from "../terminal/terminal.ts";

interface SampleOptions {
  readonly count?: number;
  readonly seed?: number;
  readonly selectBest?: number;
  readonly like?: string;
  readonly to?: string;
  readonly force?: boolean;
  readonly allowMemory?: boolean;
  readonly allowCommand?: boolean;
}

/** A seed: a whole number from 0. */
const seedOption = (): Option =>
  new Option("--seed <n>", "draw further networks, of this seed; the same seed draws the same").argParser((text) => {
    if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 0.");
    return Number(text);
  });

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("sample")
    .summary(stageSummaries.sample)
    .description(
      `The stage "sample" of a run: ${stageSummaries.sample}. For your own checkpoints, whole checkpoints ` +
        "are written as well. A run has its own samples, which are evaluated and audited. Once they are drawn, another " +
        "number draws further networks, as often as you like: whole checkpoints in a folder of their own. So do --seed and " +
        "--select-best. The run stays as it is.",
    )
    .addArgument(runArgument())
    .addOption(wholeNumber("-n, --count <n>", "how many networks (default: as the recipe says)"))
    .addOption(seedOption())
    .addOption(
      wholeNumber(
        "--select-best <n>",
        "of the further networks keep the n best by validation: accuracy on the selection split, or the run's metric",
      ),
    )
    .option("--like <file>", "also write whole checkpoints: this one, in its format, with generated tensors")
    .option(
      "--to <folder>",
      "where whole checkpoints go (default: checkpoints in the run folder; further networks: a folder in its draws)",
    )
    .option("--force", FORCE_STAGE)
    .addOption(allowMemoryOption())
    .addOption(allowCommandOption())
    .addHelpText(
      "after",
      examples(
        "sample runs/head -n 50 --like ckpts/a.pth",
        "sample runs/glyphs-cnn -n 1000 --seed 7 --to networks",
        "sample runs/glyphs-cnn -n 1000 --select-best 10 --to best",
        "sample runs/glyphs-cnn --force",
      ),
    )
    .addHelpText(
      "after",
      belowHelp(
        "\nSeeds: the run's own samples are of the recipe's seed. Without --seed, further networks go on where these " +
          "end, so they hold none of them. With the recipe's seed, they begin with the run's own samples. The same " +
          "command draws the same networks, and goes on with a draw that was stopped.",
      ),
    )
    .action((run: string, options: SampleOptions, command: Command) => sample(terminalOf(command), run, options));
}

async function sample(terminal: Terminal, run: string, options: SampleOptions): Promise<void> {
  const { isFurtherDraw, openRun } = await import("../../stages/index.ts");
  const { UserError } = await import("../../errors.ts");
  const opened = await openRun(run);
  if (options.like !== undefined && !existsSync(options.like))
    throw new UserError(
      "E_CHECKPOINT",
      `there is no file ${options.like} (--like); give a checkpoint to write copies of`,
    );
  const { force = false, seed, selectBest } = options;
  if (force && (seed !== undefined || selectBest !== undefined))
    throw new UserError(
      "E_USAGE",
      "--force draws the run's own samples again, which have the recipe's seed; leave it out, or --seed and --select-best",
    );
  if (!force && (await isFurtherDraw(opened, options))) await drawFurther(terminal, opened, options);
  else await drawOwn(terminal, opened, options);
}

interface Opened {
  readonly recipe: AnyRecipe;
  readonly folder: string;
}

/** Draws networks beside the run's own samples. */
async function drawFurther(terminal: Terminal, { recipe, folder }: Opened, options: SampleOptions): Promise<void> {
  const { drawNetworks } = await import("../../stages/index.ts");
  const { drawText } = await import("../draw-text.ts");
  const { allowCommand = false } = options;
  if (options.selectBest !== undefined) await confirmCommand(terminal, { recipe, stages: ["evaluate"], allowCommand });
  const drawn = await watch(terminal, (listener) => drawNetworks({ ...options, ...listener, run: folder }));
  terminal.result({ run: folder, ...drawn }, drawText(drawn));
  const [first] = drawn.files;
  if (first !== undefined) terminal.next(commandLine("inspect", first));
}

/** Draws the run's own samples. */
async function drawOwn(terminal: Terminal, opened: Opened, options: SampleOptions): Promise<void> {
  const { exportFolder, exportNetworks } = await import("../../stages/index.ts");
  const { hasNetwork } = await import("../../recipe/index.ts");
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
  terminal.next(commandLine("evaluate", folder, ...metric));
}
