/** Measuring groups of networks, each laid over a whole checkpoint for as long as it is measured. */
import { join } from "node:path";

import { unflatten } from "../checkpoints/index.ts";
import { makeFolder, remove } from "../files/index.ts";
import { ownTemplate } from "./collect-files.ts";
import { commandMeasure } from "./command.ts";
import { type MeasuredContext, readCheckpoint, throwIfAborted } from "./context.ts";
import { overTemplate } from "./export.ts";
import { betterOf, type Measure, measureAll, type Outcome, pickMetric } from "./measures.ts";

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
 * @throws UserError `E_RUN` when nothing can be measured, or several numbers are printed and none is chosen.
 */
export async function measureGroups<Name extends string>(
  context: MeasuredContext,
  groups: readonly (MeasuredGroup & { readonly name: Name })[],
): Promise<{ metric: Metric | null; groups: Record<Name, Found> }> {
  const { recipe, paths: p, signal } = context;
  const { metric: asked, better, timeout, retries, parallel } = recipe.measure;
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
    const path = join(p.measuring, `${++laid}${writer.ending}`);
    try {
      await writer.write(path, generated);
      return await measure(path, inside);
    } finally {
      await remove(path);
    }
  };
  const total = groups.reduce((sum, { networks }) => sum + networks.length, 0);
  let done = 0;
  const outcomes: Outcome[][] = [];
  for (const { files, networks } of groups) {
    outcomes.push(
      await measureAll({
        checkpoints: networks.map((i) => files[i]!),
        measure: measureLaid,
        ...{ timeoutMs: 1000 * timeout, retries, parallel, signal },
        // A function cannot be told from another one, so only what a command found is kept.
        ...(context.measure === undefined && { cache: { folder: p.measurements, name: recipe.measure.command! } }),
        onDone: () => context.progress("measuring networks", ++done, total),
      }),
    );
    throwIfAborted(signal);
  }
  await remove(p.measuring);
  const name = pickMetric(outcomes.flat(), asked);
  const direction = better === undefined ? betterOf(name) : { better, how: "as was said" };
  const found = groups.map(({ name: group, networks }, g) => [group, foundOf(networks, outcomes[g]!, name)] as const);
  return { metric: { name, ...direction }, groups: Object.fromEntries(found) as Record<Name, Found> };
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
