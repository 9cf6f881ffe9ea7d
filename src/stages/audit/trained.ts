/**
 * Networks that are trained for the audit, where the zoo was trained separately: fresh ones from
 * seeds that nothing saw, whose accuracy by steps is a scale, and draws of baselines after some
 * steps. They show what a sample saves. No verdict follows from them.
 */
import { join } from "node:path";
import { throwIfAborted } from "../../errors.ts";
import {
  classified,
  type DistanceMeter,
  type FreshNetworks,
  mistakes,
  type PlacedGroup,
} from "../../evaluation/index.ts";
import { given, last } from "../../lookup.ts";
import { concatenate, evenly, matrix, rowsOf } from "../../numeric/index.ts";
import { foldIn } from "../../random/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { progressItem } from "../../run/index.ts";
import type { CanonicalSpace } from "../../symmetry/index.ts";
import { trainClassifier } from "../../zoo/index.ts";
import { trainingOf } from "../collect/task-training.ts";
import { networksAtOnce, separateTrainers } from "../collect/training-groups.ts";
import { stepsOf } from "../collect/whole-training.ts";
import type { StageContext, TrainingTask } from "../context.ts";
import { predict } from "../evaluate/predictions.ts";
import { type DrawnBaseline, type DrawnGroup, drawnGroup, placesOf } from "./baselines.ts";
import { AVERAGES, CROSSOVERS, GAUSSIANS, shownOf } from "./shown-baselines.ts";

/** Powers of ½ of a whole training at which fresh networks are looked at. */
export const HALVINGS = [6, 5, 4, 3, 2, 1.5, 1, 0.5, 0];

/** The numbers of steps at which fresh networks of `steps` steps are looked at, fewest first. */
export const scaleSteps = (steps: number): number[] => [
  ...new Set(HALVINGS.map((halvings) => Math.max(1, Math.round(steps / 2 ** halvings)))),
];

/** Networks whose last layer is trained alone, at most: each is compiled by itself. */
const LAST_LAYERS = 10;

/** What the audit needs of trained networks. */
export interface TrainedNetworks {
  readonly fresh: FreshNetworks;
  /** The fresh networks, `[rows, D]`. */
  readonly freshVectors: Float32Array;
  readonly trained: readonly (PlacedGroup & { readonly name: string })[];
}

interface TrainedOptions {
  readonly baselines: readonly DrawnBaseline[];
  readonly meter: DistanceMeter;
  readonly space: CanonicalSpace | undefined;
}

/**
 * Trains them, predicts with them and measures their distances. Undefined where the zoo was not
 * trained separately, or the recipe wants none.
 * @throws Interrupted when the signal aborts.
 */
export async function trainedNetworks(
  context: StageContext,
  options: TrainedOptions,
): Promise<TrainedNetworks | undefined> {
  const { data, chosen, network } = await context.task();
  if (trainedCount(context.recipe, networksAtOnce(network, data.augmentation)) === 0) return undefined;
  const fresh = await trainFresh(context);
  const trained = await trainBaselines(context, options);
  const groups: [string, DrawnGroup[]][] = trained.map((group) => [group.name, [group]]);
  const predicted = await predict(context, {
    data,
    splits: ["test"],
    dimension: chosen.size,
    name: "trained",
    drawn: true,
    groups: Object.fromEntries(
      [["fresh", fresh.groups] as const, ...groups].map(([name, of]) => [name, of.flatMap(placesOf)]),
    ),
  });
  const testOf = (name: string) => mistakes(given(given(predicted[name]).test), data.test.labels);
  const placed = [];
  for (const { name, vectors } of trained)
    placed.push({ name, ...(await options.meter.measure(await vectors())), ...classified({ test: testOf(name) }) });
  return {
    fresh: { steps: fresh.steps, network: fresh.network, test: testOf("fresh") },
    freshVectors: concatenate(await Promise.all(fresh.groups.map(({ vectors }) => vectors()))),
    trained: placed,
  };
}

/**
 * How many fresh networks are trained, and how many draws of each baseline; 0 where the zoo was not
 * trained separately. Such as are trained one by one cost a tenth of the zoo's at most.
 * @param atOnce networks that are trained at once.
 */
export function trainedCount({ zoo, audit }: Pick<Recipe, "zoo" | "audit">, atOnce: number): number {
  if (zoo.kind !== "seeds" && zoo.kind !== "orders") return 0;
  return Math.min(audit.trained.count, Math.max(atOnce, Math.ceil(zoo.count / 10)));
}

/** How many networks are trained, and how many at once. */
function sizesOf({ recipe }: StageContext, { network, data }: TrainingTask) {
  const atOnce = networksAtOnce(network, data.augmentation);
  return { atOnce, count: trainedCount(recipe, atOnce) };
}

/** Fresh networks along their training, in files of as many as are trained at once. */
async function trainFresh(context: StageContext) {
  const { recipe, paths: p, signal } = context;
  const task = await context.task();
  const { chosen } = task;
  const steps = stepsOf(recipe, task);
  const counts = scaleSteps(steps);
  const { atOnce, count } = sizesOf(context, task);
  const trainers = separateTrainers(
    {
      ...trainingOf(context, task, recipe.base),
      steps,
      ...(recipe.zoo.kind === "orders" && { initialise: foldIn(context.key, "initialise") }),
    },
    atOnce,
  );
  const found = { groups: [] as DrawnGroup[], steps: [] as number[], network: [] as number[] };
  try {
    for (let first = 0; first < count; first += atOnce) {
      const members = Array.from({ length: Math.min(atOnce, count - first) }, (_, i) => first + i);
      const file = join(p.baselines, `fresh-${first + 1}.safetensors`);
      const make = async () => {
        const rows: Float32Array[] = [];
        const keep = async (thetas: readonly Float32Array[]) => rows.push(...thetas.map((theta) => theta.slice()));
        await trainers.train({
          keys: members.map((i) => foldIn(context.key, "fresh", i)),
          watched: (done) => counts.includes(done),
          async onStep(done, _, thetas) {
            if (counts.includes(done)) await keep(await thetas());
            await context.progress(progressItem("train-fresh"), first * steps + done * members.length, count * steps);
          },
        });
        return concatenate(rows);
      };
      found.groups.push(await drawnGroup("fresh", file, chosen.size, make));
      for (const done of counts)
        for (const member of members) {
          found.steps.push(done);
          found.network.push(member);
        }
      throwIfAborted(signal);
    }
  } finally {
    await trainers.release();
  }
  return found;
}

/** Draws of a crossing, an average and a Gaussian, after some steps of all or of the last layer. */
async function trainBaselines(context: StageContext, { baselines, space }: TrainedOptions): Promise<DrawnGroup[]> {
  const { recipe, paths: p } = context;
  const task = await context.task();
  const { chosen } = task;
  const { steps } = recipe.audit.trained;
  const common = { ...trainingOf(context, task, recipe.base), steps };
  const { atOnce, count } = sizesOf(context, task);
  const trainers = separateTrainers(common, atOnce);
  const startsOf = async ({ vectors }: DrawnBaseline, most: number) =>
    evenly(rowsOf(matrix(await vectors(), chosen.size)), most);
  const groups: DrawnGroup[] = [];
  const add = async (name: string, make: () => Promise<Float32Array>) => {
    const file = join(p.baselines, `trained-${groups.length + 1}.safetensors`);
    groups.push(await drawnGroup(name, file, chosen.size, make));
    throwIfAborted(context.signal);
  };
  try {
    for (const baseline of shownOf(baselines, [CROSSOVERS, AVERAGES, GAUSSIANS]))
      await add(`${baseline.name} + ${steps} steps`, async () => {
        const starts = await startsOf(baseline, count);
        const trained: Float32Array[] = [];
        for (let first = 0; first < starts.length; first += atOnce) {
          const some = starts.slice(first, first + atOnce);
          const networks = await trainers.train({
            keys: some.map((_, i) => foldIn(context.key, "trained", baseline.name, first + i)),
            starts: some,
            onStep: (done) =>
              context.progress(
                progressItem("train-baselines"),
                first * steps + done * some.length,
                starts.length * steps,
              ),
          });
          trained.push(...networks.map(({ theta }) => theta));
        }
        return concatenate(trained);
      });
  } finally {
    await trainers.release();
  }
  const [crossover] = shownOf(baselines, [CROSSOVERS]);
  if (crossover === undefined || space === undefined) return groups;
  await add(`${crossover.name} + ${steps} steps, last layer`, async () => {
    const starts = await startsOf(crossover, Math.min(count, LAST_LAYERS));
    const { weight } = last(space.units);
    const refitted = [];
    for (const [i, start] of starts.entries()) {
      const kept = chosen.entries.filter(({ offset }) => offset < weight);
      const frozen = new Map(kept.map(({ name, offset, size }) => [name, start.subarray(offset, offset + size)]));
      const layer = await trainClassifier({
        ...common,
        key: foldIn(context.key, "last layer", i),
        frozen,
        start: start.subarray(weight),
        onStep: (done) => context.progress(progressItem("train-baselines"), i * steps + done, starts.length * steps),
      });
      refitted.push(concatenate([start.subarray(0, weight), layer]));
    }
    return concatenate(refitted);
  });
  return groups;
}
