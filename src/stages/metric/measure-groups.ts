/** Measuring groups of networks, each laid over a whole checkpoint for as long as it is measured. */
import { join } from "node:path";

import { unflatten } from "../../checkpoints/index.ts";
import { makeFolder, remove } from "../../files/index.ts";
import { betterOf, commandMeasure, type Measure, measureAll, type Outcome, pickMetric } from "../../metric/index.ts";
import { readCheckpoint } from "../../run/index.ts";
import { ownTemplate } from "../collect/files.ts";
import type { MeasuredContext } from "../context.ts";
import { overTemplate } from "../export/export.ts";

/** Networks to measure: some of a group's files. */
export interface MeasuredGroup {
  readonly name: string;
  readonly files: readonly string[];
  /** Places of those to measure, from 0. */
  readonly networks: readonly number[];
}

/** What was found of a group: a value, or null, for each network that was to be measured. */
export interface Found {
  readonly networks: readonly number[];
  readonly values: readonly (number | null)[];
  readonly failures: readonly { readonly network: number; readonly problem: string }[];
}

/** What counts, and how it is known which way is better. */
export interface Metric {
  readonly name: string;
  readonly better: "higher" | "lower";
  readonly how: string;
}

/** What measures the networks of a run; undefined where nothing does. */
function measureOf({ recipe, measure }: MeasuredContext): Measure | undefined {
  if (measure !== undefined) return measure;
  return recipe.measure.command === null ? undefined : commandMeasure(recipe.measure.command);
}

/**
 * Measures groups, one after another.
 * @param known what counts, where it was found by this measure before: then networks that come to nothing are a finding,
 *   even where all do.
 * @throws UserError `E_RUN` when nothing can be measured, or several numbers are printed and none is chosen.
 */
export async function measureGroups<Name extends string>(
  context: MeasuredContext,
  groups: readonly (MeasuredGroup & { readonly name: Name })[],
  known?: Metric,
): Promise<{ metric: Metric | null; groups: Record<Name, Found> }> {
  const { recipe, paths: p, signal } = context;
  const { timeout, retries, parallel } = recipe.measure;
  const measure = measureOf(context);
  if (measure === undefined) {
    const nothing: Found = { networks: [], values: [], failures: [] };
    return {
      metric: null,
      groups: Object.fromEntries(groups.map(({ name }) => [name, nothing])) as Record<Name, Found>,
    };
  }
  const writer = await overTemplate(await ownTemplate(p), await context.chosen());
  await makeFolder(p.measuring);
  let laid = 0;
  /** Lays a network over the run's whole checkpoint, and measures that file. */
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
  // All at once, so that a group of which nothing works is told from a measure that does not.
  const checkpoints = groups.flatMap(({ files, networks }) => networks.map((i) => files[i]!));
  let done = 0;
  const outcomes = await measureAll({
    ...{ checkpoints, measure: measureLaid, timeoutMs: 1000 * timeout, retries, parallel, signal },
    proven: known !== undefined,
    // A function cannot be told from another one, so only what a command found is kept.
    ...(context.measure === undefined && { cache: { folder: p.measurements, name: recipe.measure.command! } }),
    onDone: () => context.progress("measuring networks", ++done, checkpoints.length),
  });
  await remove(p.measuring);
  const metric = known ?? metricOf(outcomes, recipe.measure);
  let first = 0;
  const found = groups.map(({ name, networks }) => {
    const own = outcomes.slice(first, (first += networks.length));
    return [name, foundOf(networks, own, metric.name)] as const;
  });
  return { metric, groups: Object.fromEntries(found) as Record<Name, Found> };
}

/** What counts of what was measured. */
function metricOf(outcomes: readonly Outcome[], { metric, better }: MeasuredContext["recipe"]["measure"]): Metric {
  const name = pickMetric(outcomes, metric);
  return { name, ...(better === undefined ? betterOf(name) : { better, how: "as was said" }) };
}

function foundOf(networks: readonly number[], outcomes: readonly Outcome[], metric: string): Found {
  const values = outcomes.map((outcome) => (outcome.ok ? (outcome.values[metric] ?? null) : null));
  const failures = outcomes.flatMap((outcome, i) => {
    if (values[i] !== null) return [];
    const problem = outcome.ok ? `it printed no ${metric}` : outcome.problem;
    return [{ network: networks[i]!, problem }];
  });
  return { networks, values, failures };
}
