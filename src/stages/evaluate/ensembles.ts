/**
 * Ensembles of ever more networks: accuracy and calibration of their averaged probabilities, and
 * how well these separate the images of another data set from those of the run.
 */

import { join } from "node:path";
import type { DataSet } from "../../data/index.ts";
import { auroc, ENSEMBLE_SCORES, ece, mean, meanInterval, resample } from "../../evaluation/index.ts";
import { makeFolder } from "../../files/index.ts";
import { at } from "../../lookup.ts";
import { foldIn, permutation } from "../../random/index.ts";
import type { Audit, EnsemblePoint } from "../../records/index.ts";
import { progressItem } from "../../run/index.ts";
import type { StageContext } from "../context.ts";
import { type NetworkAt, type PredictJob, readScores } from "./predict.ts";
import { imagesPerTask, predictMissing } from "./predictions.ts";

export interface EnsembleGroup {
  readonly name: string;
  readonly networks: readonly NetworkAt[];
  /** Whether the files hold whole networks rather than only the generated tensors. */
  readonly whole: boolean;
}

/** Bytes of memory for the checkpoints of one ensemble. */
const MEMORY = 2 ** 29;

/** 1, 2, 4, 8 … and the largest. */
function sizesUpTo(largest: number): number[] {
  const sizes = [];
  for (let size = 1; size < largest; size *= 2) sizes.push(size);
  return [...sizes, largest];
}

/** Scores the ensembles of every group. Scores that exist are read. */
export async function ensembleCurves(
  context: StageContext,
  groups: readonly EnsembleGroup[],
  other: DataSet | undefined,
): Promise<Audit["ensembles"]> {
  const { recipe, paths: p } = context;
  const { data, chosen, network } = await context.task();
  // Members may be draws of baselines, so the scores lie with these and are removed with them.
  await makeFolder(p.drawnPredictions);
  const splits = other === undefined ? (["test"] as const) : (["test", "other"] as const);
  const countOf = (split: "test" | "other") => (split === "test" ? data : (other ?? data)).test.count;
  const planned = groups
    .filter(({ networks }) => networks.length > 0)
    .map(({ name, networks, whole }) => {
      const most = Math.floor(MEMORY / (4 * (whole ? network.layout.size : chosen.size)));
      const largest = Math.min(networks.length, recipe.audit.ensemble, Math.max(1, most));
      // Consecutive checkpoints are similar, so the members are in random order.
      const order = permutation(foldIn(context.key, "ensemble", name), networks.length).subarray(0, largest);
      const members = Array.from(order, (i) => at(networks, i));
      const sizes = sizesUpTo(largest);
      const images = imagesPerTask(largest, recipe.evaluate.batch);
      const tasks = splits.flatMap((split) =>
        Array.from({ length: Math.ceil(countOf(split) / images) }, (_, i): PredictJob => {
          const first = i * images;
          const out = join(p.drawnPredictions, `ensemble-${name.replace(/\W+/g, "-")}-${split}-${first + 1}.f32`);
          const count = Math.min(images, countOf(split) - first);
          return { networks: members, whole, split, first, count, ensembles: sizes, out };
        }),
      );
      return { name, sizes, tasks };
    });
  const tasks = planned.flatMap((group) => group.tasks);
  const missing = [];
  for (const task of tasks) if ((await readScores(task)) === undefined) missing.push(task);
  await predictMissing(context, tasks, missing, progressItem("predict-ensembles"));

  const { key, signal } = context;
  const images = await resample(countOf("test"), foldIn(key, "ensemble", "images"), { signal });
  const curves = [];
  for (const { name, sizes, tasks } of planned) {
    const scores = { test: [] as Float32Array[], other: [] as Float32Array[] };
    for (const task of tasks) {
      const read = await readScores(task);
      if (read === undefined) throw new Error(`${task.out} was not written`);
      scores[task.split as "test" | "other"].push(read);
    }
    const points: EnsemblePoint[] = [];
    for (const [row, size] of sizes.entries()) {
      const column = (split: "test" | "other", score: number) => columnOf(scores[split], sizes.length, row, score);
      const [right, confidence, nll, brier] = [
        column("test", 0),
        column("test", 1),
        column("test", 2),
        column("test", 3),
      ];
      points.push({
        size,
        accuracy: meanInterval(right, images),
        nll: mean(nll),
        brier: mean(brier),
        ece: ece(confidence, right),
        ...(other && { auroc: auroc(confidence, column("other", 1)) }),
      });
    }
    curves.push({ name, points });
  }
  return curves;
}

/**
 * One score of one ensemble for every image, from parts `[sizes, images of the part,
 * ENSEMBLE_SCORES]`.
 */
function columnOf(parts: readonly Float32Array[], sizes: number, row: number, score: number): Float32Array {
  const columns = parts.map((part) => {
    const images = part.length / (sizes * ENSEMBLE_SCORES);
    return Float32Array.from({ length: images }, (_, i) => at(part, (row * images + i) * ENSEMBLE_SCORES + score));
  });
  return Float32Array.from(columns.flatMap((column) => [...column]));
}
