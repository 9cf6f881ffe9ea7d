/** `pdiff fit`: fits a generator to a user's own checkpoints, or runs the stage "fit" of a run. */
import { join } from "node:path";
import type { Command } from "commander";

import type { Choice } from "../../recipe/index.ts";
import type { MetricPlan, Plan } from "../../stages/index.ts";
import { announcePlan } from "../announce-plan.ts";
import {
  allowMemoryOption,
  betterOption,
  examples,
  ignoreGateOption,
  metricOption,
  runOption,
  terminalOf,
  wholeNumber,
} from "../command.ts";
import { timedPlan } from "../dry-run.ts";
import { conclude, execute } from "../execute.ts";
import { bytes, count, roughly } from "../format.ts";
import { commandLine } from "../invocation.ts";
import { isRunFolder, settingsApart } from "../settings.ts";
import { blocks, lines, list, type Text } from "../terminal/layout.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { runStage } from "./stage.ts";

interface FitOptions {
  readonly select?: readonly string[];
  readonly key?: string;
  readonly run?: string;
  readonly like?: string;
  readonly heldOut?: number;
  readonly network?: string;
  readonly data?: string;
  readonly evaluate?: string;
  readonly metric?: string;
  readonly better?: "higher" | "lower";
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly ignoreGate?: boolean;
  readonly allowMemory?: boolean;
}

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("fit")
    .summary("fit a generator to your own checkpoints, or run this stage of a run")
    .description(
      "Fit a generator to checkpoints (.safetensors, .pth, .pt, .pth.tar, .bin, .ckpt, .npz, .npy, .onnx, .zip of " +
        "Stable-Baselines3). Chooses model sizes from the checkpoints and explains why. Given a run folder, runs its " +
        'stage "fit".',
    )
    .argument("<checkpoints...>", "files, folders or patterns, then key=value pairs; or a run folder")
    .option(
      "--select <selections...>",
      "which tensors to generate: names with * and ?, last-norms:N, last-layers:N, all",
    )
    .option("--key <name>", "which network of each file, where it holds several, such as state_dict_ema")
    .addOption(runOption("the run folder (default: runs/<name of the checkpoints' folder>)"))
    .addOption(wholeNumber("--held-out <n>", "checkpoints kept for the audit (default: about one in five)"))
    .option("--like <file>", "the checkpoint that provides all other tensors (default: the first)")
    .option("--network <file>", "evaluate with this ONNX classifier or built-in network; needs --data")
    .option("--data <set>", "evaluate on this data set (see `data list`) or folder of images")
    .option("--evaluate <command>", "command that prints the score of {checkpoint}: a number or a JSON object")
    .addOption(metricOption())
    .addOption(betterOption())
    .option("--dry-run", "only print the plan: what is done, time, memory and disk, and what would stop it")
    .option("--force", "do it again, even if the run folder holds the zoo of other checkpoints or settings")
    .addOption(ignoreGateOption())
    .addOption(allowMemoryOption())
    .addHelpText(
      "after",
      examples(
        "fit 'ckpts/*.pth' --select 'head.*' --run runs/head",
        "fit 'ckpts/*.pth' --select 'head.*' --dry-run",
        "fit ckpts --network model.onnx --data cifar-10 data.normalise=imagenet",
        "fit 'ckpts/*.pth' --evaluate 'python eval.py {checkpoint}' --better lower",
        "fit runs/glyphs-cnn --force",
      ),
    )
    .action(async (words: readonly string[], options: FitOptions, command: Command) => {
      const terminal = terminalOf(command);
      const run = runFolderIn(words);
      if (run === undefined) return fitCheckpoints(terminal, words, options);
      const { force = false, ignoreGate = false, allowMemory = false } = options;
      return runStage(terminal, "fit", run, { force, ignoreGate, allowMemory });
    });
}

/** The run folder, where the words are one run folder and not checkpoints. */
function runFolderIn(words: readonly string[]): string | undefined {
  const [first] = words;
  return words.length === 1 && first !== undefined && isRunFolder(first) ? first : undefined;
}

/** Fits a generator to checkpoints, in a new run. */
async function fitCheckpoints(terminal: Terminal, words: readonly string[], options: FitOptions): Promise<void> {
  const { recipeForCheckpoints } = await import("../../stages/index.ts");
  const { select } = options;
  const given = settingsApart({ checkpoints: words, select });
  const made = await recipeForCheckpoints({
    checkpoints: given.words.checkpoints ?? [],
    overrides: given.settings,
    select: given.words.select,
    key: options.key,
    like: options.like,
    heldOut: options.heldOut,
    network: options.network,
    data: options.data,
    command: options.evaluate,
    metric: options.metric,
    better: options.better,
  });
  const { recipe, choices } = made;
  const folder = options.run ?? join("runs", recipe.name);
  const plan = options.dryRun === true ? await timedPlan(recipe, folder) : made.plan;
  const text = planText(folder, recipe.zoo, plan, choices);
  const stages = ["collect", "fit"] as const;
  if (!(await announcePlan(terminal, { ...made, plan, folder, text, stages }, options))) return;
  const { ignoreGate = false, allowMemory = false, force = false } = options;
  await execute(terminal, { recipe, folder, planned: plan.stages, stages, force, ignoreGate, allowMemory });
  await conclude(terminal, folder, commandLine("sample", folder, "-n", String(recipe.sample.count)));
}

/** The plan, and the reasons of what was chosen. */
function planText(
  folder: string,
  zoo: { readonly count: number; readonly heldOut: number },
  plan: Plan | MetricPlan,
  choices: readonly Choice[],
): Text {
  const facts = list([
    ["folder", folder],
    ["checkpoints", `${count(zoo.count)} to learn from, ${count(zoo.heldOut)} held out for the audit`],
    ["generated", `${count(plan.generated.parameters)} numbers in ${count(plan.generated.tensors)} tensors`],
    ["memory", `about ${bytes(plan.memoryBytes)}; about ${bytes(plan.diskBytes)} on the disk`],
    ["time", `about ${roughly(plan.seconds)}`],
  ]);
  if (choices.length === 0) return facts;
  const reasons = choices.map(({ key, value, reason }) => [`${key}: ${value}`, reason] as const);
  return blocks(facts, lines("chosen (override with key=value at the end of the command)", list(reasons)));
}
