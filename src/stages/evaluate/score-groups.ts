/**
 * Scores networks with the user's metric: each is laid over a whole checkpoint for as long as the
 * metric looks at it.
 */

import { join } from "node:path";
import { makeFolder, remove } from "../../files/index.ts";
import { unflatten } from "../../layout/index.ts";
import { at, given } from "../../lookup.ts";
import { betterOf, commandMeasure, type Measure, measureAll, type Outcome, pickMetric } from "../../metric/index.ts";
import type { Metric, Scores } from "../../records/index.ts";
import { progressItem, readCheckpoint } from "../../run/index.ts";
import { ownTemplate, tiedTensors } from "../collect/files.ts";
import { generatedTensors, type MetricContext, type ReadingContext } from "../context.ts";
import { overTemplate } from "../export/over-template.ts";

/** Networks to score: some of a group's files. */
export interface GroupToScore {
  readonly name: string;
  readonly files: readonly string[];
  /** Places of those to score, from 0. */
  readonly networks: readonly number[];
}

/** The metric that the caller or the recipe gives; undefined where there is none. */
function measureOf({ recipe, measure }: Pick<MetricContext, "recipe" | "measure">): Measure | undefined {
  if (measure !== undefined) return measure;
  return recipe.measure.command === null ? undefined : commandMeasure(recipe.measure.command);
}

/**
 * Scores groups, one after another.
 * @param known the metric, if it has scored networks before: then it is a finding, and no error,
 *   that it fails on all networks.
 * @throws UserError `E_RUN` if no network can be scored, or if there are several numbers and none
 *   is chosen.
 */
export async function scoreGroups<Name extends string>(
  context: ReadingContext<MetricContext>,
  groups: readonly (GroupToScore & { readonly name: Name })[],
  known?: Metric,
): Promise<{ metric: Metric | null; groups: Record<Name, Scores> }> {
  const { recipe, paths: p, signal } = context;
  const { timeout, retries, parallel } = recipe.measure;
  const measure = measureOf(context);
  if (measure === undefined) {
    const nothing: Scores = { networks: [], values: [], failures: [] };
    return {
      metric: null,
      groups: Object.fromEntries(groups.map(({ name }) => [name, nothing])) as Record<Name, Scores>,
    };
  }
  const writer = await overTemplate(await ownTemplate(p), {
    chosen: await generatedTensors(context),
    tied: await tiedTensors(p),
    key: recipe.zoo.key,
  });
  await makeFolder(p.measuring);
  let laid = 0;
  /** Writes a network over the run's whole checkpoint, and scores that file. */
  const measureLaid: Measure = async (file, inside) => {
    const generated = unflatten(writer.chosen, await readCheckpoint(file, writer.chosen));
    const folder = join(p.measuring, `${++laid}`);
    const path = join(folder, `network${writer.ending}`);
    try {
      await writer.write(path, generated);
      return await measure(path, inside);
    } finally {
      await remove(folder);
    }
  };
  // All groups at once, to distinguish a group in which nothing works from a metric that fails.
  const checkpoints = groups.flatMap(({ files, networks }) => networks.map((i) => at(files, i)));
  let done = 0;
  const outcomes = await measureAll({
    checkpoints,
    measure: measureLaid,
    timeoutMs: 1000 * timeout,
    retries,
    parallel,
    signal,
    proven: known !== undefined,
    // Functions cannot be identified, so only results of commands are cached.
    ...(context.measure === undefined && { cache: { folder: p.measurements, name: given(recipe.measure.command) } }),
    onDone: () => context.progress(progressItem("score"), ++done, checkpoints.length),
  });
  await remove(p.measuring);
  const metric = known ?? metricOf(outcomes, recipe.measure);
  let first = 0;
  const found = groups.map(({ name, networks }) => {
    const own = outcomes.slice(first, (first += networks.length));
    return [name, scoresOf(networks, own, metric.name)] as const;
  });
  return { metric, groups: Object.fromEntries(found) as Record<Name, Scores> };
}

/** The metric among the numbers that were measured. */
function metricOf(outcomes: readonly Outcome[], { metric, better }: MetricContext["recipe"]["measure"]): Metric {
  const name = pickMetric(outcomes, metric);
  return { name, unit: "number", ...directionOf(name, better) };
}

/** Whether higher is better, and how that is known. */
function directionOf(name: string, asked: "higher" | "lower" | undefined): Pick<Metric, "higherIsBetter" | "reason"> {
  const { better, how } = asked === undefined ? betterOf(name) : { better: asked, how: "as the recipe says" };
  return { higherIsBetter: better === "higher", reason: how };
}

function scoresOf(networks: readonly number[], outcomes: readonly Outcome[], metric: string): Scores {
  const values = outcomes.map((outcome) => (outcome.ok ? (outcome.values[metric] ?? null) : null));
  const failures = outcomes.flatMap((outcome, i) => {
    if (values[i] !== null) return [];
    const problem = outcome.ok ? `it printed no ${metric}` : outcome.problem;
    return [{ network: at(networks, i), problem }];
  });
  return { networks, values, failures };
}
