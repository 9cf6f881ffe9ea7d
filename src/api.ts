/**
 * The verbs of the library: fit a generator to checkpoints, sample it, audit its samples. Each
 * works in a run folder, as the command of the same name, prints nothing, and reports its progress
 * to whoever iterates over it. All take your own parts beside those of this package.
 */
import { baseline } from "./baselines/index.ts";
import { type Measure, trustCommand } from "./metric/index.ts";
import { type AnyRecipe, hasNetwork, type OwnParts, type Parts, partsWith } from "./recipe/index.ts";
import type { Audit, Results } from "./records/index.ts";
import { paths, readAudit, readResults, type StageName } from "./run/index.ts";
import {
  drawNetworks,
  exportFolder,
  exportNetworks,
  type GivenSamplesOptions,
  isFurtherDraw,
  type OwnCheckpointsOptions,
  openRun,
  recipeForCheckpoints,
  recipeForSamples,
  runPipeline,
} from "./stages/index.ts";
import { beginWork, type Work, type WorkOptions } from "./work.ts";
import { type InspectSetOptions, inspectSet, type SetSummary } from "./zoo/index.ts";

/**
 * A run and its recipe.
 * @category Results
 */
export interface FittedRun {
  readonly folder: string;
  readonly recipe: AnyRecipe;
}

/**
 * Options of `run`.
 * @category Options of the verbs
 */
export interface RunOptions extends WorkOptions, OwnParts {
  /** A resolved recipe, as `loadRecipe` gives it. */
  readonly recipe: AnyRecipe;
  /** The run folder, made where it does not exist; a run that is there is continued. */
  readonly folder: string;
  /** Which stages; all by default. */
  readonly stages?: readonly StageName[] | undefined;
  /**
   * Repeat the stages even if they are done, and remove what later stages made; false by default.
   */
  readonly force?: boolean | undefined;
  /** Go on though the autoencoder explains too little; false by default. */
  readonly ignoreGate?: boolean | undefined;
  /**
   * Run the recipe's command though this user has neither typed nor confirmed it on this machine;
   * false by default.
   */
  readonly allowCommand?: boolean | undefined;
  /** Start what needs more memory, by its plan, than this process may use; false by default. */
  readonly allowMemory?: boolean | undefined;
}

/**
 * Runs a recipe, continuing what is there: the same call after an interruption ends with the same
 * bytes.
 * @throws UserError (from `result`) for mistakes outside the program.
 * @example
 * const recipe = await loadRecipe("recipes/glyphs-cnn.yaml");
 * await run({ recipe, folder: "runs/glyphs" }).result;
 * @category Verbs
 */
export function run({
  recipe,
  folder,
  stages,
  force,
  ignoreGate,
  allowCommand,
  allowMemory,
  signal,
  ...own
}: RunOptions): Work<FittedRun> {
  return beginWork(async (emit) => {
    const parts = partsWith(own);
    await runPipeline({
      recipe,
      folder,
      emit,
      parts,
      ...defined({ stages, force, ignoreGate, allowCommand, allowMemory, signal }),
    });
    return { folder, recipe };
  });
}

/**
 * Options of `fit`.
 * @category Options of the verbs
 */
export interface FitOptions extends OwnCheckpointsOptions, WorkOptions {
  /** The run folder, made where it does not exist; a run that is there is continued. */
  readonly run: string;
  /** Go on though the autoencoder explains too little; false by default. */
  readonly ignoreGate?: boolean | undefined;
  /** Start what needs more memory, by its plan, than this process may use; false by default. */
  readonly allowMemory?: boolean | undefined;
}

/**
 * Fits a generator to checkpoints of any network. Sizes are chosen from the number of parameters
 * and of checkpoints.
 * @throws UserError (from `result`) when the files are of several networks, damaged, or too few,
 *   and when the autoencoder fails its gate.
 * @example
 * const work = fit({ checkpoints: "ckpts/*.pth", select: "head.*", run: "runs/head" });
 * for await (const event of work)
 *   if (event.type === "progress") console.log(event.item.label, event.step, event.total);
 * const { folder } = await work.result;
 * @category Verbs
 */
export function fit({ run: folder, signal, ignoreGate, allowMemory, ...checkpoints }: FitOptions): Work<FittedRun> {
  return beginWork(async (emit) => {
    const { recipe } = await recipeForCheckpoints(checkpoints);
    if (checkpoints.command !== undefined) await trustCommand(checkpoints.command);
    await runPipeline({
      recipe,
      folder,
      emit,
      parts: partsWith(checkpoints),
      stages: ["collect", "fit"],
      ...defined({ signal, ignoreGate, allowMemory }),
    });
    return { folder, recipe };
  });
}

/**
 * Options of a verb that works on an existing run.
 * @category Options of the verbs
 */
export interface ExistingRunOptions extends WorkOptions, OwnParts {
  /** The run folder. */
  readonly run: string;
  /** Start what needs more memory, by its plan, than this process may use; false by default. */
  readonly allowMemory?: boolean | undefined;
}

/**
 * Options of `sample`.
 * @category Options of the verbs
 */
export interface SampleOptions extends ExistingRunOptions {
  /**
   * How many networks to draw; as the recipe says by default. Another number than the run has draws
   * further networks, beside the run's own samples.
   */
  readonly count?: number | undefined;
  /**
   * Draws further networks, of this seed. The run's own samples are of the recipe's seed. Without
   * one, further networks go on where these end; with the recipe's, they begin with them.
   */
  readonly seed?: number | undefined;
  /**
   * Draws further networks and keeps this many, the best by validation: by accuracy on the
   * selection split, never on the test split, or by the run's own metric.
   */
  readonly selectBest?: number | undefined;
  /** With `selectBest`, for a run whose networks cannot be run here: the score of a checkpoint. */
  readonly measure?: Measure | undefined;
  /**
   * With `selectBest`, run the command of the run though this user has neither typed nor confirmed
   * it on this machine; false by default.
   */
  readonly allowCommand?: boolean | undefined;
  /**
   * A checkpoint in any format: whole checkpoints are written like it. The one that the run keeps
   * by default.
   */
  readonly like?: string | undefined;
  /**
   * The folder that they are written to; `checkpoints` in the run folder by default, and of further
   * networks a folder in its `draws`. Their scores are in its `index.json`, a `Draw`.
   */
  readonly to?: string | undefined;
}

/**
 * Draws networks from noise and writes them as whole checkpoints: the run's own samples, which are
 * evaluated and audited, or further ones, as often as you like. The same options draw the same
 * networks. Further networks leave the run as it is.
 * @returns work whose result is their paths, the best first where they were chosen.
 * @throws UserError (from `result`) when the run is not fitted, sampling diverges, or the folder of
 *   further networks holds something else.
 * @example
 * await sample({ run: "runs/head", count: 1000, seed: 7, to: "networks" }).result;
 * const best = await sample({ run: "runs/head", count: 1000, selectBest: 10, to: "best" }).result;
 * @category Verbs
 */
export function sample(options: SampleOptions): Work<readonly string[]> {
  const { run, count, seed, selectBest, to, like, measure, signal, allowCommand, allowMemory, ...own } = options;
  return beginWork(async (emit) => {
    const parts = partsWith(own);
    const opened = await openRun(run, parts);
    const { folder } = opened;
    if (await isFurtherDraw(opened, options)) {
      const what = { count, seed, selectBest, to, like, measure, signal, allowCommand, allowMemory };
      return (await drawNetworks({ ...what, run: folder, parts, emit })).files;
    }
    const recipe =
      count === undefined ? opened.recipe : { ...opened.recipe, sample: { ...opened.recipe.sample, count } };
    await runPipeline({ recipe, folder, emit, parts, stages: ["sample"], ...defined({ signal, allowMemory }) });
    return exportNetworks({ run: folder, to: to ?? exportFolder(folder), like, parts });
  });
}

/**
 * Options of `evaluate` and `audit`.
 * @category Options of the verbs
 */
export interface MetricOptions extends ExistingRunOptions {
  /**
   * The score of a checkpoint, given its path: a number, or several by name. Only for a run whose
   * networks cannot be run here; without one, such a run is audited by its parameters alone.
   */
  readonly measure?: Measure | undefined;
  /** Which of several numbers counts. */
  readonly metric?: string | undefined;
  /**
   * Run the command of the run though this user has neither typed nor confirmed it on this machine;
   * false by default.
   */
  readonly allowCommand?: boolean | undefined;
  /** Whether more or less is better; found out from the numbers by default. */
  readonly better?: "higher" | "lower" | undefined;
}

/**
 * Options of `audit` of an existing run.
 * @category Options of the verbs
 */
export type AuditOptions = MetricOptions;

/**
 * Options of `audit` of samples that another generator made.
 * @category Options of the verbs
 */
export interface AuditSamplesOptions extends GivenSamplesOptions, WorkOptions {
  /** The run folder, made where it does not exist; a run that is there is continued. */
  readonly run: string;
  /** The score of a checkpoint, given its path, in place of `command`. Without a `network` only. */
  readonly measure?: Measure | undefined;
  /** Start what needs more memory, by its plan, than this process may use; false by default. */
  readonly allowMemory?: boolean | undefined;
}

/**
 * Options of `evaluate`.
 * @category Options of the verbs
 */
export type EvaluateOptions = MetricOptions;

/** A recipe whose samples are compared with your own baselines, too. */
function withBaselines(recipe: AnyRecipe, { baselines = [] }: Pick<OwnParts, "baselines">, parts: Parts): AnyRecipe {
  const added = baselines.map(({ type }) => baseline(type, parts.baselines).name);
  const all = [...new Set([...recipe.audit.baselines, ...added])];
  return hasNetwork(recipe)
    ? { ...recipe, audit: { ...recipe.audit, baselines: all } }
    : { ...recipe, audit: { ...recipe.audit, baselines: all } };
}

/** Runs the last stages of a run with a metric and with your own baselines. */
async function runStages(
  { run, measure, metric, better, allowCommand, allowMemory, signal, ...own }: MetricOptions,
  stages: readonly StageName[],
  emit: Parameters<Parameters<typeof beginWork>[0]>[0],
): Promise<string> {
  const parts = partsWith(own);
  const { recipe: known, folder } = await openRun(run, parts);
  const recipe = withBaselines(known, own, parts);
  const changed = hasNetwork(recipe)
    ? recipe
    : { ...recipe, measure: { ...recipe.measure, ...defined({ metric, better }) } };
  await runPipeline({
    recipe: changed,
    folder,
    emit,
    parts,
    stages,
    ...defined({ signal, measure, allowCommand, allowMemory }),
  });
  return folder;
}

/**
 * Evaluates originals, held-out networks and samples of a run that has been sampled: on its data
 * set, or by `measure`. What has been evaluated already is read.
 * @returns work whose result is what the evaluation found: accuracies in `classification`, or the
 *   scores of a metric in `scores`.
 * @throws UserError (from `result`) when there is no such run, or it is not sampled.
 * @example
 * const { scores } = await evaluate({ run: "runs/head", measure: lossOf, better: "lower" }).result;
 * console.log(scores?.samples.values);
 * @category Verbs
 */
export function evaluate(options: EvaluateOptions): Work<Results> {
  return beginWork(async (emit) => {
    const folder = await runStages(options, ["evaluate"], emit);
    return found(await readResults(folder), "results", folder);
  });
}

/**
 * Finds out whether samples are new networks, and writes `report.html` in the run folder: the
 * samples of a run that has been sampled, or, with `originals` and `samples`, those that another
 * generator made. Your own baselines are drawn beside the recipe's.
 * @returns work whose result is what the audit found.
 * @throws UserError (from `result`) when a file does not fit the originals, naming it and the
 *   tensor, or a network stands among originals and held-out ones.
 * @example
 * const { verdict } = await audit({
 *   originals: "zoo/*.pth",
 *   samples: "generated/*.pth",
 *   heldOut: "fresh/*.pth",
 *   network: "model.onnx",
 *   data: "cifar-10",
 *   run: "runs/audit",
 * }).result;
 * @category Verbs
 */
export function audit(options: AuditOptions | AuditSamplesOptions): Work<Audit> {
  return beginWork(async (emit) => {
    const folder =
      "originals" in options
        ? await auditSamples(options, emit)
        : await runStages(options, ["evaluate", "audit", "report"], emit);
    return found(await readAudit(folder), "audit", folder);
  });
}

/** Imports samples of another generator in a run of their own, and audits them. */
async function auditSamples(
  { run: folder, measure, signal, allowMemory, ...files }: AuditSamplesOptions,
  emit: Parameters<Parameters<typeof beginWork>[0]>[0],
): Promise<string> {
  const parts = partsWith({ baselines: files.baselines });
  const { recipe } = await recipeForSamples(files);
  if (files.command !== undefined) await trustCommand(files.command);
  await runPipeline({
    recipe: withBaselines(recipe, files, parts),
    folder,
    emit,
    parts,
    ...defined({ signal, measure, allowMemory }),
  });
  return folder;
}

/**
 * Options of `report`.
 * @category Options of the verbs
 */
export type ReportOptions = ExistingRunOptions;

/**
 * Writes `report.html` of a run that has been audited.
 * @returns work whose result is the path of the page.
 * @category Verbs
 */
export function report(options: ReportOptions): Work<string> {
  return beginWork(async (emit) => paths(await runStages(options, ["report"], emit)).report);
}

/**
 * Options of `inspect`.
 * @category Options of the verbs
 */
export type InspectOptions = InspectSetOptions;

/**
 * Compares checkpoints of one network: which tensors vary and how much, in how many directions, and
 * which tensors could be generated.
 * @param patterns paths, folders or patterns such as `ckpts/*.pth`.
 * @throws UserError `E_CHECKPOINT` when there are none, or they are of several networks.
 * @category Verbs
 */
export const inspect = (patterns: string | readonly string[], options: InspectOptions = {}): Promise<SetSummary> =>
  inspectSet(patterns, options);

function found<T>(record: T | undefined, what: string, folder: string): T {
  if (record === undefined) throw new Error(`the ${what} of ${folder} were not written`);
  return record;
}

const defined = <T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
