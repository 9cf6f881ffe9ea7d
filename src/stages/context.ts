/** The context that stages get, and what it is made of: data set, network, generated tensors. */

import { type DataSet, dataRoot, type LoadListener, loadData } from "../data/index.ts";
import { type Layout, restrict, select } from "../layout/index.ts";
import type { Measure } from "../metric/index.ts";
import { foldIn, type Key, key } from "../random/index.ts";
import type { AnyRecipe, MetricRecipe, Parts, Recipe } from "../recipe/index.ts";
import { hasNetwork, shapeOf } from "../recipe/index.ts";
import { type Journal, type Paths, type ProgressItem, progressItem, type StageName, zooTensors } from "../run/index.ts";
import { networkOf } from "../task-network/index.ts";
import type { Saver } from "../training/index.ts";
import { type Classifier, classifier } from "../zoo/index.ts";

/** What every stage gets. */
export interface RunContext<R extends AnyRecipe = AnyRecipe> {
  readonly recipe: R;
  /** What the recipe chooses its parts from. */
  readonly parts: Parts;
  readonly paths: Paths;
  readonly signal: AbortSignal;
  readonly journal: Journal;
  /** Keeps snapshots of long work in a file. */
  readonly saver: (path: string) => Saver;
  /** The root of the run's random keys. */
  readonly key: Key;
  progress(item: ProgressItem, step: number, total: number, values?: Record<string, number>): Promise<void>;
  note(text: string): Promise<void>;
  warn(text: string): Promise<void>;
}

/** What work on a run gets that keeps no journal and no snapshots in it. */
export type ReadingContext<C extends RunContext = RunContext> = Omit<C, "journal" | "saver">;

/** What a stage gets when the networks can be run here. */
export interface StageContext extends RunContext<Recipe> {
  /** The data set and network, loaded once for all stages. */
  task(): Promise<TrainingTask>;
}

/** Whether the networks of a run can be run here. */
export const hasTask = <C extends Pick<RunContext, "recipe">>(
  context: C,
): context is C & Pick<StageContext, "recipe" | "task"> => "task" in context;

/** What a stage gets when only a user's metric can score the networks. */
export interface MetricContext extends RunContext<MetricRecipe> {
  /** Scores a checkpoint, in place of the recipe's command. */
  readonly measure: Measure | undefined;
}

/** The root of a run's random keys. */
export const runKey = ({ seed }: Pick<AnyRecipe, "seed">): Key => foldIn(key(seed), "run");

/** The seed of a recipe's generator: its own, or that of the run. */
export const generatorSeed = ({ seed, generatorSeed: own }: Pick<AnyRecipe, "seed" | "generatorSeed">): number =>
  own ?? seed;

/** The root of the random keys with which a generator is fitted and drawn from. */
export const generatorKey = (recipe: Pick<AnyRecipe, "seed" | "generatorSeed">): Key =>
  runKey({ seed: generatorSeed(recipe) });

/** The data set, network and chosen tensors of a recipe. */
export interface TrainingTask {
  readonly data: DataSet;
  readonly network: Classifier;
  /** The generated tensors, as a layout of their own. */
  readonly chosen: Layout;
}

/** The network of a recipe, without its data. */
export const classifierOf = (recipe: Recipe): Classifier => classifier(networkOf(recipe.network), shapeOf(recipe));

/**
 * Loads the data set and the network of a recipe.
 * @throws UserError `E_DATA` when the data set is missing or damaged.
 */
export async function loadTask(recipe: Recipe, listener: LoadListener = {}): Promise<TrainingTask> {
  const data = await loadData({ ...recipe.data, root: dataRoot(), seed: recipe.seed }, listener);
  const network = classifier(networkOf(recipe.network), data);
  return { data, network, chosen: chosenTensors(recipe, network) };
}

/** Loads the data set and the network, with progress and a warning about images left out. */
export async function loadReported(
  recipe: Recipe,
  { progress, warn, signal }: Pick<RunContext, "progress" | "warn" | "signal">,
): Promise<TrainingTask> {
  const item = progressItem("decode-images");
  const task = await loadTask(recipe, { onProgress: (step, total) => progress(item, step, total), signal });
  const { skipped } = task.data;
  if (skipped.length > 0) await warn(skippedText(skipped));
  return task;
}

/** Files named in a warning, at most. */
const MAX_NAMED = 3;

function skippedText(skipped: DataSet["skipped"]): string {
  const named = skipped.slice(0, MAX_NAMED).map(({ file, problem }) => `${file} ${problem}`);
  const rest = skipped.length - named.length;
  return `left out ${skipped.length} ${skipped.length === 1 ? "image" : "images"} that cannot be decoded, as asked (data.corrupt=skip): ${named.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`;
}

/** The layout of the tensors that a recipe generates. */
export function chosenTensors(recipe: Recipe, { layout }: Pick<Classifier, "layout">): Layout {
  return restrict(layout, new Set(select(layout, recipe.zoo.select).map((e) => e.name)));
}

/** The layout of the tensors that a run generates, without its data. */
export async function generatedTensors({ recipe, paths: p }: Pick<RunContext, "recipe" | "paths">): Promise<Layout> {
  return hasNetwork(recipe) ? chosenTensors(recipe, classifierOf(recipe)) : zooTensors(recipe, p);
}

/** Points of a loss curve, at most. */
const CURVE_POINTS = 500;

/** Whether the loss curve of `total` steps has a point at step `done`. */
export const isOnCurve = (done: number, total: number): boolean =>
  done % Math.max(1, Math.floor(total / CURVE_POINTS)) === 0 || done === total;

/** Returns a function that reports a training step: progress always, a loss for curve points. */
export function trainingReporter(context: RunContext, stage: StageName, item: ProgressItem, total: number) {
  return async (done: number, loss: number): Promise<void> => {
    if (isOnCurve(done, total)) await context.journal.measure({ stage, task: item.id, step: done, loss });
    await context.progress(item, done, total, { loss });
  };
}
