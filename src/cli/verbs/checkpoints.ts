/**
 * `pdiff fit` of somebody's own checkpoints, and `pdiff sample` and `pdiff evaluate` where they go on from there: what will
 * be done and why is said first, whole checkpoints are written in the format that came in.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { Choice } from "../../recipe/index.ts";
import type { MeasuredPlan, OwnCheckpointsOptions, Plan } from "../../stages/index.ts";
import { conclude, execute } from "../execute.ts";
import { bytes, count, list, roughly } from "../format.ts";
import { commandLine } from "../invocation.ts";
import type { Terminal } from "../terminal.ts";

export interface FitOptions {
  readonly select?: readonly string[];
  readonly run?: string;
  readonly like?: string;
  readonly heldOut?: number;
  readonly network?: string;
  readonly data?: string;
  readonly evaluate?: string;
  readonly metric?: string;
  readonly better?: "higher" | "lower";
  readonly dryRun?: boolean;
  readonly ignoreGate?: boolean;
}

/** Words such as `sample.count=20`, which are no files. */
const isOverride = (word: string): boolean => /^[a-zA-Z]\w*(\.\w+)*=/.test(word) && !existsSync(word);

/** Whether words name checkpoints, and not one run folder. */
export function namesCheckpoints(words: readonly string[]): boolean {
  const [first] = words;
  return !(words.length === 1 && first !== undefined && existsSync(join(first, "config.yaml")));
}

/** Fits a generator to checkpoints, in a new run. */
export async function fitCheckpoints(terminal: Terminal, words: readonly string[], options: FitOptions): Promise<void> {
  const { recipeForCheckpoints } = await import("../../stages/index.ts");
  const { select, like, heldOut, network, data, evaluate: command, metric, better, ignoreGate } = options;
  const asked: OwnCheckpointsOptions = {
    checkpoints: words.filter((word) => !isOverride(word)),
    overrides: words.filter(isOverride),
    ...{ select, like, heldOut, network, data, command, metric, better },
  };
  const { recipe, choices, plan, notes } = await recipeForCheckpoints(asked);
  const folder = options.run ?? join("runs", recipe.name);
  for (const note of notes) terminal.warn(note);
  const text = planned(folder, recipe.zoo, plan, choices);
  if (options.dryRun) {
    terminal.result({ folder, recipe, choices, plan }, text);
    terminal.say(`\nnext: ${commandLine(...process.argv.slice(2).filter((word) => word !== "--dry-run"))}`);
    return;
  }
  terminal.say(`${text}\n`);
  await execute(terminal, { recipe, folder, stages: ["collect", "fit"], ...(ignoreGate && { ignoreGate }) });
  await conclude(terminal, folder, commandLine("sample", folder, "-n", String(recipe.sample.count)));
}

/** What is about to happen, and why so. */
function planned(
  folder: string,
  zoo: { readonly count: number; readonly heldOut: number },
  plan: Plan | MeasuredPlan,
  choices: readonly Choice[],
): string {
  const disk = "diskBytes" in plan ? `; about ${bytes(plan.diskBytes)} on the disk` : "";
  const facts = list([
    ["folder", folder],
    ["checkpoints", `${count(zoo.count)} to learn from, ${count(zoo.heldOut)} held out for the audit`],
    ["generated", `${count(plan.generated.parameters)} numbers in ${count(plan.generated.tensors)} tensors`],
    ["memory", `about ${bytes(plan.memoryBytes)}${disk}`],
    ["time", `about ${roughly(plan.seconds)}`],
  ]);
  if (choices.length === 0) return facts;
  const reasons = choices.map(({ key, value, reason }) => [`${key}: ${value}`, reason] as const);
  return `${facts}\n\nchosen (key=value at the end of the command changes any of it)\n${list(reasons)}`;
}

export interface SampleOptions {
  readonly count?: number;
  readonly like?: string;
  readonly to?: string;
  readonly force?: boolean;
}

/** Draws networks and, of somebody's own, writes them whole. */
export async function sampleRun(terminal: Terminal, run: string, options: SampleOptions): Promise<void> {
  const { exportFolder, exportNetworks, openRun } = await import("../../stages/index.ts");
  const { isMeasured } = await import("../../recipe/index.ts");
  const opened = await openRun(run);
  const { folder } = opened;
  const recipe =
    options.count === undefined
      ? opened.recipe
      : { ...opened.recipe, sample: { ...opened.recipe.sample, count: options.count } };
  await execute(terminal, { recipe, folder, stages: ["sample"], ...(options.force && { force: true }) });
  if (!isMeasured(recipe) && options.like === undefined && options.to === undefined)
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
  const unmeasured = isMeasured(recipe) && recipe.measure.command === null;
  const measuring = unmeasured ? ["--evaluate", "command {checkpoint}"] : [];
  terminal.say(`\nnext: ${commandLine("evaluate", folder, ...measuring)}`);
}

export interface EvaluateOptions {
  readonly evaluate?: string;
  readonly metric?: string;
  readonly better?: "higher" | "lower";
  readonly timeout?: number;
  readonly retries?: number;
  readonly parallel?: number;
  readonly force?: boolean;
}

/** Evaluates a run; of somebody's own checkpoints by a command, perhaps. */
export async function evaluateRun(terminal: Terminal, run: string, options: EvaluateOptions): Promise<void> {
  const { isMeasured } = await import("../../recipe/index.ts");
  const { openRun } = await import("../../stages/index.ts");
  const { UserError } = await import("../../errors.ts");
  const { recipe, folder } = await openRun(run);
  const { evaluate: command, force, ...rest } = options;
  const asked = Object.entries({ command, ...rest }).filter(([, value]) => value !== undefined);
  if (asked.length > 0 && !isMeasured(recipe))
    throw new UserError(
      "E_USAGE",
      `the networks of ${folder} are evaluated here, on ${recipe.data.name}; leave out --evaluate and what belongs to it`,
    );
  const changed = isMeasured(recipe)
    ? { ...recipe, measure: { ...recipe.measure, ...Object.fromEntries(asked) } }
    : recipe;
  await execute(terminal, { recipe: changed, folder, stages: ["evaluate"], ...(force && { force }) });
  await conclude(terminal, folder, commandLine("audit", folder));
}
