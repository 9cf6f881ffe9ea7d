/**
 * Evaluates networks with the user's metric. Held-out networks come first, whose scores set the
 * acceptance threshold, and samples last.
 */

import { join } from "node:path";
import { exists } from "../../files/index.ts";
import { at } from "../../lookup.ts";
import { evenIndices } from "../../numeric/index.ts";
import { foldIn, permutation } from "../../random/index.ts";
import type { Results } from "../../records/index.ts";
import {
  checkpointPath,
  readCheckpoint,
  verifiedCheckpoints,
  verifiedHeldOut,
  writeCheckpoint,
} from "../../run/index.ts";
import { generatedTensors, type MetricContext } from "../context.ts";
import { heldOutFor } from "../held-out.ts";
import { type GroupToScore, scoreGroups } from "./score-groups.ts";

/** The files of the groups that every audit has; of held-out networks only those that audit. */
export async function groupFiles(context: MetricContext) {
  const { recipe, paths: p, signal } = context;
  const redo = (stage: string) => `make them again: pdiff ${stage} ${p.folder} --force`;
  const heldOut = await verifiedHeldOut(p, recipe, signal);
  return {
    originals: await verifiedCheckpoints(p.zoo, redo("collect"), signal),
    heldOut: heldOutFor(context, heldOut?.files ?? []).audit,
    samples: await verifiedCheckpoints(p.samples, redo("sample"), signal),
  };
}

/** Scores all groups; without a metric, notes how to give one. */
export async function evaluateByMetric(
  context: MetricContext,
): Promise<Pick<Results, "metric" | "classification" | "scores">> {
  const { recipe, paths: p } = context;
  const files = await groupFiles(context);
  const group = <Name extends keyof typeof files>(name: Name): GroupToScore & { readonly name: Name } => ({
    name,
    files: files[name],
    networks: evenIndices(files[name].length, recipe.measure.networks),
  });
  const shuffled = await shuffledFiles(context);
  const { metric, groups } = await scoreGroups(context, [
    group("heldOut"),
    group("originals"),
    { name: "shuffled" as const, files: shuffled, networks: [...shuffled.keys()] },
    group("samples"),
  ]);
  if (metric === null)
    await context.note(
      `no metric scores the networks, so the audit compares parameters alone; give one with: pdiff evaluate ${p.folder} --force --evaluate 'command {checkpoint}'`,
    );
  else
    await context.note(
      `the metric is ${metric.name}, ${metric.higherIsBetter ? "higher" : "lower"} is better: ${metric.reason}`,
    );
  return { metric, classification: null, scores: groups };
}

/** Number of shuffled networks. */
const SHUFFLED = 3;

/**
 * Originals whose generated parameters are shuffled within each tensor: networks of the right size
 * that have lost what they learned. None where there is no metric.
 */
export async function shuffledFiles(context: MetricContext): Promise<string[]> {
  const { recipe, paths: p, key, measure, signal } = context;
  if (measure === undefined && recipe.measure.command === null) return [];
  const layout = await generatedTensors(context);
  const originals = await verifiedCheckpoints(p.zoo, `make them again: pdiff collect ${p.folder} --force`, signal);
  const folder = join(p.evaluation, "shuffled");
  const files = [];
  for (const [i, k] of evenIndices(originals.length, SHUFFLED).entries()) {
    const path = checkpointPath(folder, i + 1, SHUFFLED);
    files.push(path);
    if (await exists(path)) continue;
    const vector = await readCheckpoint(at(originals, k), layout);
    for (const { name, offset, size } of layout.entries) {
      const order = permutation(foldIn(key, "shuffle", i, name), size);
      const tensor = vector.slice(offset, offset + size);
      for (let i = 0; i < size; i++) vector[offset + i] = at(tensor, at(order, i));
    }
    await writeCheckpoint(path, layout, vector);
  }
  return files;
}
