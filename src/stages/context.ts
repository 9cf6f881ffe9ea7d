/** What every stage is handed, and what stages share: the task at hand, checkpoints of a folder, snapshots. */
import { type Layout, restrict, select } from "../checkpoints/index.ts";
import { type DataSet, dataRoot, type LoadListener, loadData } from "../data/index.ts";
import type { Measure } from "../metric/index.ts";
import { foldIn, type Key, key } from "../random/index.ts";
import type { AnyRecipe, MeasuredRecipe, Parts, Recipe } from "../recipe/index.ts";
import { shapeOf } from "../recipe/index.ts";
import type { Journal, Paths, ProgressItem, StageName } from "../run/index.ts";
import type { Saver } from "../training/index.ts";
import { type Classifier, classifier } from "../zoo/index.ts";
import { networkOf } from "./network-of.ts";

/** What a stage of any run is handed. */
export interface RunContext<R extends AnyRecipe = AnyRecipe> {
  readonly recipe: R;
  /** What the recipe chooses its parts from. */
  readonly parts: Parts;
  readonly paths: Paths;
  readonly signal: AbortSignal;
  readonly ignoreGate: boolean;
  readonly journal: Journal;
  /** Keeps the snapshots of a long piece of work in a file. */
  readonly saver: (path: string) => Saver;
  /** The key of everything random in the run. */
  readonly key: Key;
  /** The generated tensors, as a layout of their own. */
  chosen(): Promise<Layout>;
  progress(item: ProgressItem, step: number, total: number, values?: Record<string, number>): Promise<void>;
  note(text: string): Promise<void>;
  warn(text: string): Promise<void>;
}

/** What a stage is handed where the networks can be run here. */
export interface StageContext extends RunContext<Recipe> {
  /** The data set and network, loaded once for all stages. */
  task(): Promise<TrainingTask>;
}

/** Whether the networks of a run can be run here. */
export const hasTask = <C extends Pick<RunContext, "recipe">>(
  context: C,
): context is C & Pick<StageContext, "recipe" | "task"> => "task" in context;

/** What a stage is handed where only a user's metric can score the networks. */
export interface MetricContext extends RunContext<MeasuredRecipe> {
  /** A function that says what a checkpoint is worth, in place of the recipe's command. */
  readonly measure: Measure | undefined;
}

export const runKey = (recipe: AnyRecipe): Key => foldIn(key(recipe.seed), "run");

/** The data set, network and chosen tensors of a recipe. */
export interface TrainingTask {
  readonly data: DataSet;
  readonly network: Classifier;
  /** The generated tensors, as a layout of their own. */
  readonly chosen: Layout;
}

/** The network of a recipe, without its data. */
export const classifierOf = (recipe: Recipe): Classifier => classifier(networkOf(recipe.network), shapeOf(recipe));

/** Loads what a recipe works on. */
export async function loadTask(recipe: Recipe, listener: LoadListener = {}): Promise<TrainingTask> {
  const data = await loadData({ ...recipe.data, root: dataRoot(), seed: recipe.seed }, listener);
  const network = classifier(networkOf(recipe.network), data);
  return { data, network, chosen: chosenTensors(recipe, network) };
}

/** The layout of the tensors that a recipe generates. */
export function chosenTensors(recipe: Recipe, { layout }: Pick<Classifier, "layout">): Layout {
  return restrict(layout, new Set(select(layout, recipe.zoo.select).map((e) => e.name)));
}

/** Points of a curve of losses, at most. */
const CURVE_POINTS = 500;

/** Whether a curve of the losses of `total` steps has a point there. */
export const isOnCurve = (done: number, total: number): boolean =>
  done % Math.max(1, Math.floor(total / CURVE_POINTS)) === 0 || done === total;

/** Reports a training step: progress always, a measurement as often as a curve has points. */
export function trainingReporter(context: RunContext, stage: StageName, item: ProgressItem, total: number) {
  return async (done: number, loss: number): Promise<void> => {
    if (isOnCurve(done, total)) await context.journal.measure({ stage, task: item.id, step: done, loss });
    await context.progress(item, done, total, { loss });
  };
}
