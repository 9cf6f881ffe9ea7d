/**
 * `pdiff audit`: audits the samples of a run, or those that another generator made, in a run of
 * their own.
 */
import { join } from "node:path";
import type { Command } from "commander";

import { UserError } from "../../errors.ts";
import type { GivenSamples } from "../../stages/index.ts";
import { announcePlan } from "../announce-plan.ts";
import {
  allowCommandOption,
  allowMemoryOption,
  betterOption,
  examples,
  FORCE_STAGE,
  metricOption,
  runOption,
  stageSummaries,
  terminalOf,
} from "../command.ts";
import { timedPlan } from "../dry-run.ts";
import { conclude, execute } from "../execute.ts";
import { bytes, count, roughly } from "../format.ts";
import { isRunFolder, settingsApart } from "../settings.ts";
import { list, type Text } from "../terminal/layout.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { runStage } from "./stage.ts";

/** Options that only the audit of files takes. */
interface FileOptions {
  readonly originals?: readonly string[];
  readonly samples?: readonly string[];
  readonly heldOut?: readonly string[];
  readonly unseen?: readonly string[];
  readonly select?: readonly string[];
  readonly key?: string;
  readonly like?: string;
  readonly network?: string;
  readonly data?: string;
  readonly evaluate?: string;
  readonly metric?: string;
  readonly better?: "higher" | "lower";
  readonly run?: string;
  readonly dryRun?: boolean;
}

interface AuditOptions extends FileOptions {
  readonly force?: boolean;
  readonly allowMemory?: boolean;
  readonly allowCommand?: boolean;
}

/** Adds the verb to the command line. */
export function register(root: Command): void {
  root
    .command("audit")
    .summary("find out whether samples are new networks, of a run or of another generator")
    .description(
      `Given a run folder, its stage "audit": ${stageSummaries.audit}. With --originals and --samples, all of it for ` +
        "networks that another generator made, in any format: verdict, baselines, excess, copies and report, in a new run folder.",
    )
    .argument("[words...]", "a run folder; or, with --originals, key=value pairs")
    .option("--originals <files...>", "checkpoints that the generator learned from: files, folders or patterns")
    .option("--samples <files...>", "what it made of them")
    .option("--held-out <files...>", "checkpoints made like the originals that nothing learned from")
    .option("--unseen <files...>", "more of these, not evaluated: are samples nearer to originals than to them?")
    .option("--select <selections...>", "which tensors to compare (default: all that differ)")
    .option(
      "--key <name>",
      "which network of each file, where it holds several, such as state_dict_ema (of samples: sample.key=NAME)",
    )
    .option("--like <file>", "the checkpoint that provides all other tensors (default: the first original)")
    .option("--network <file>", "evaluate with this ONNX classifier or built-in network; needs --data")
    .option("--data <set>", "evaluate on this data set (see `data list`) or folder of images")
    .option("--evaluate <command>", "command that prints the score of {checkpoint}: a number or a JSON object")
    .addOption(metricOption())
    .addOption(betterOption())
    .addOption(runOption("the new run folder (default: runs/<name of the samples' folder>)"))
    .option("--dry-run", "with --originals: only print the plan, what would be done again, and what would stop it")
    .option("--force", FORCE_STAGE)
    .addOption(allowMemoryOption())
    .addOption(allowCommandOption())
    .addHelpText(
      "after",
      examples(
        "audit runs/glyphs-cnn",
        "audit --originals 'zoo/*.pth' --samples 'generated/*.pth' --held-out 'fresh/*.pth' --network model.onnx --data cifar-10",
        "audit --originals zoo --samples generated --held-out fresh --unseen more --evaluate 'python eval.py {checkpoint}'",
        "audit --originals zoo --samples merged --run runs/merged",
      ),
    )
    .action(async (words: readonly string[], options: AuditOptions, command: Command) => {
      const terminal = terminalOf(command);
      const run = runToAudit(words, options);
      if (run === undefined) return auditFiles(terminal, words, options);
      return runStage(terminal, "audit", run, options);
    });
}

/** Options of files by what is typed. */
const FILE_OPTIONS: Readonly<Record<keyof FileOptions, string>> = {
  originals: "--originals",
  samples: "--samples",
  heldOut: "--held-out",
  unseen: "--unseen",
  select: "--select",
  key: "--key",
  like: "--like",
  network: "--network",
  data: "--data",
  evaluate: "--evaluate",
  metric: "--metric",
  better: "--better",
  run: "--run",
  dryRun: "--dry-run",
};

/**
 * The run whose samples are audited; undefined where files are given.
 * @throws UserError `E_USAGE` when it is neither or both.
 */
function runToAudit(words: readonly string[], options: AuditOptions): string | undefined {
  const { originals, samples } = options;
  const [first] = words;
  if (originals !== undefined && samples !== undefined) {
    const run = words.find(isRunFolder);
    if (run === undefined) return undefined;
    throw new UserError(
      "E_USAGE",
      `got the run folder ${run} and --originals, expected one of them: pdiff audit ${run} audits that run, and --run says where a new one goes`,
    );
  }
  if (originals !== undefined || samples !== undefined) {
    const [there, lacking] = originals === undefined ? ["--samples", "--originals"] : ["--originals", "--samples"];
    throw new UserError(
      "E_USAGE",
      `${there} needs ${lacking}: give what the generator learned from and what it made, as in --originals 'zoo/*.pth' --samples 'generated/*.pth'`,
    );
  }
  const other = (Object.keys(FILE_OPTIONS) as (keyof FileOptions)[]).find((name) => options[name] !== undefined);
  if (other !== undefined)
    throw new UserError(
      "E_USAGE",
      `${FILE_OPTIONS[other]} needs --originals and --samples: a run folder holds all that its audit takes`,
    );
  if (first === undefined || words.length > 1)
    throw new UserError(
      "E_USAGE",
      `${first === undefined ? "nothing to audit" : `got ${words.length} words`}, expected a run folder, or --originals and --samples with files`,
    );
  return first.startsWith("-") ? `./${first}` : first;
}

/** Audits files of another generator, in a new run or one that is continued. */
async function auditFiles(terminal: Terminal, words: readonly string[], options: AuditOptions): Promise<void> {
  const { recipeForSamples } = await import("../../stages/index.ts");
  const { originals, samples, heldOut, unseen, select } = options;
  const given = settingsApart({ words, originals, samples, heldOut, unseen, select });
  const [odd] = given.words.words ?? [];
  if (odd !== undefined)
    throw new UserError(
      "E_USAGE",
      `expected key=value, as in seed=2, got ${JSON.stringify(odd)}; files follow an option`,
    );
  const made = await recipeForSamples({
    originals: given.words.originals ?? [],
    samples: given.words.samples ?? [],
    heldOut: given.words.heldOut,
    unseen: given.words.unseen,
    select: given.words.select,
    overrides: given.settings,
    key: options.key,
    like: options.like,
    network: options.network,
    data: options.data,
    command: options.evaluate,
    metric: options.metric,
    better: options.better,
  });
  const { recipe } = made;
  const folder = options.run ?? join("runs", recipe.name);
  const plan = options.dryRun === true ? await timedPlan(recipe, folder) : made.plan;
  const text = planText(folder, { ...made, plan });
  if (!(await announcePlan(terminal, { ...made, plan, folder, text }, options))) return;
  const { allowMemory = false, allowCommand = false, force = false } = options;
  await execute(terminal, { recipe, folder, planned: plan.stages, force, allowMemory, allowCommand });
  await conclude(terminal, folder, undefined);
}

/** What is compared with what, and what cannot be asked of it. */
function planText(folder: string, { recipe, plan, choices, unseen }: GivenSamples): Text {
  const { zoo, sample } = recipe;
  const hasCommand = "measure" in recipe && recipe.measure.command !== null;
  return list([
    ["folder", folder],
    ["originals", `${count(zoo.count)}, that the generator learned from`],
    ["samples", `${count(sample.count)}, that it made`],
    [
      "held out",
      zoo.heldOut > 0
        ? `${count(zoo.heldOut)}, that nothing learned from`
        : "none: copies can be found; whether other samples are new cannot be asked (--held-out)",
    ],
    ...(unseen === 0 ? [] : [["unseen", `${count(unseen)} more that nothing learned from`] as const]),
    ["compared", `${count(plan.generated.parameters)} numbers in ${count(plan.generated.tensors)} tensors`],
    ["memory", `about ${bytes(plan.memoryBytes)}; about ${bytes(plan.diskBytes)} on the disk`],
    ["time", `about ${roughly(plan.seconds)}${hasCommand ? ", without the evaluations by the command" : ""}`],
    ...choices.map(({ key, value, reason }) => [`${key}: ${value}`, reason] as const),
  ]);
}
