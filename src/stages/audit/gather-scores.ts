/**
 * What the audit needs to know of networks that only a user's metric can score, if anything does:
 * scores, and distances over as many parameters as memory holds.
 */

import { join } from "node:path";
import { throwIfAborted } from "../../errors.ts";
import { type Distances, distanceMeter, distances } from "../../evaluation/index.ts";
import { exists, makeFolder } from "../../files/index.ts";
import { at } from "../../lookup.ts";
import { matrix, rowsOf } from "../../numeric/index.ts";
import type { Failure, Metric, Scores } from "../../records/index.ts";
import {
  checkpointPath,
  readResults,
  readSampledCoordinates,
  sampleCoordinates,
  writeCheckpoint,
} from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { differingRemarks, isTrajectory, oneTrainingRemark } from "../collect/import-checkpoints.ts";
import { generatedTensors, type MetricContext } from "../context.ts";
import { scoreGroups } from "../evaluate/score-groups.ts";
import { groupFiles, shuffledFiles } from "../evaluate/scores.ts";
import { choosesByHeldOut, HALF_CHOSE } from "../held-out.ts";
import { type DrawnBaseline, drawBaselines } from "./baselines.ts";
import { type Gathered, noFigures } from "./gathered.ts";
import { poolOf, unseenFiles } from "./seen-unseen.ts";

/**
 * Gathers groups of networks, draws baselines and scores them.
 * @throws Error when the run has no scores.
 */
export async function gatherScores(context: MetricContext): Promise<Gathered> {
  const { recipe } = context;
  const chosen = await generatedTensors(context);
  const files = await groupFiles(context);
  const { metric, scores } = await scoresOf(context);
  const unseen = await unseenFiles(context);
  const view = sampleCoordinates(
    chosen,
    files.originals.length + files.heldOut.length + unseen.length + files.samples.length,
  );
  const { layout } = view;
  const { values: originals } = await readSampledCoordinates(files.originals, chosen, view);
  const { values: samples } = await readSampledCoordinates(files.samples, chosen, view);
  const { baselines, remarks } = await drawBaselines(context, {
    originals,
    layout,
    space: undefined,
    latents: view.whole,
  });
  const trajectory = await isTrajectory(context);
  const { signal } = context;
  const meter = await distanceMeter({ originals, layout, trajectory, device: nodeDevice(recipe.device), signal });
  const placed = async (vectors: Float32Array, of: Scores) =>
    scored(await meter.measure(vectors), of, metric, vectors.length / layout.size);
  const { values: heldOut } = await readSampledCoordinates(files.heldOut, chosen, view);
  const lost = metric === null ? [] : await shuffledFiles(context);
  const shuffled = lost.length === 0 ? undefined : (await readSampledCoordinates(lost, chosen, view)).values;
  const scoredBaselines = [];
  const failures: Failure[] = [];
  for (const { name, family, vectors } of baselines) {
    const found = metric === null || !view.whole ? undefined : await scoreDraws(context, { name, vectors }, metric);
    const rows = await vectors();
    const count = rows.length / layout.size;
    const all = { networks: Array.from({ length: count }, (_, i) => i), values: Array<null>(count).fill(null) };
    const group = scored(await meter.measure(rows), found ?? { ...all, failures: [] }, metric, count);
    scoredBaselines.push({ name, family, ...group });
    failures.push(...failuresOf(name, found));
  }
  const apartIn = async (vectors: Float32Array) => (await meter.nearestAmong(vectors, vectors)).distance;
  // Of other files nobody says that those held out were made in the same way.
  const isNamed = (recipe.zoo.heldOutFiles ?? recipe.zoo.unseenFiles) !== undefined && !trajectory;
  const rows = (values: Float32Array) => rowsOf(matrix(values, layout.size));
  const { samplesToMean, samplesApart } = await distances(originals, samples, layout.size, signal);
  return {
    input: {
      metric,
      originals: scored(meter.originals, scores.originals, metric, files.originals.length),
      heldOut:
        files.heldOut.length === 0
          ? undefined
          : { ...(await placed(heldOut, scores.heldOut)), apart: await apartIn(heldOut) },
      samples: { ...(await placed(samples, scores.samples)), apart: await apartIn(samples) },
      shuffled: shuffled === undefined ? undefined : await placed(shuffled, scores.shuffled),
      baselines: scoredBaselines,
      ...(isNamed &&
        (await poolOf(context, {
          own: { vectors: { originals: rows(originals), samples: rows(samples) } },
          held: { vectors: rows(heldOut) },
          baselines,
          measured: scoredBaselines,
          meter,
          read: async (paths) => rows((await readSampledCoordinates(paths, chosen, view)).values),
        }))),
      separate: recipe.generator === "files" && !trajectory,
      byUnits: false,
      neighbours: meter.neighbours,
      originalsDiffer: originals.some((x, i) => x !== originals[i % layout.size]),
      toMean: samplesToMean,
      apart: samplesApart,
    },
    figures: noFigures,
    failures: [
      ...failuresOf("held-out", scores.heldOut),
      ...failuresOf("originals", scores.originals),
      ...failuresOf("samples", scores.samples),
      ...failuresOf("shuffled", scores.shuffled),
      ...failures,
    ],
    remarks: [
      ...remarks,
      ...(metric !== null && !view.whole
        ? ["Baselines were not measured: whole networks of them do not fit in memory together."]
        : []),
      ...(view.whole
        ? []
        : [
            `Distances are measured on ${layout.size} of the ${chosen.size} generated numbers, the same blocks of every network, evenly spread over each tensor.`,
          ]),
      ...(choosesByHeldOut(context) && files.heldOut.length > 0 ? [HALF_CHOSE] : []),
      ...(trajectory ? [oneTrainingRemark(recipe.zoo)] : []),
      ...(await differingRemarks(context)),
    ],
  };
}

/** The metric and the scores that the evaluation recorded. */
async function scoresOf({ paths: p }: MetricContext) {
  const results = await readResults(p.folder);
  if (results == null || results.scores === null) throw new Error(`${p.results} holds no scores`);
  return { metric: results.metric, scores: results.scores };
}

/** Distances with scores. Where there is a metric, only of the networks that it was given. */
function scored(of: Distances, { networks, values }: Scores, metric: Metric | null, count: number) {
  if (metric === null)
    return {
      ...doubles(
        of,
        Array.from({ length: count }, (_, i) => i),
      ),
      scores: Array<null>(count).fill(null),
    };
  return { ...doubles(of, networks), scores: values };
}

/** Some rows of distances, in double precision. */
function doubles(of: Distances, rows: readonly number[]): Distances {
  const some = (values: ArrayLike<number>) => Float64Array.from(rows, (i) => at(values, i));
  return { raw: some(of.raw), standardised: some(of.standardised), isolation: some(of.isolation) };
}

const failuresOf = (group: string, scores: Pick<Scores, "failures"> | undefined): Failure[] =>
  (scores?.failures ?? []).map(({ network, problem }) => ({ group, network: network + 1, problem }));

/** Writes draws of a baseline as checkpoints of the generated tensors, and scores them. */
async function scoreDraws(
  context: MetricContext,
  { name, vectors }: Pick<DrawnBaseline, "name" | "vectors">,
  metric: Metric,
): Promise<Scores> {
  const chosen = await generatedTensors(context);
  const folder = join(context.paths.baselines, name.replace(/[^\w.]+/g, "-"));
  await makeFolder(folder);
  const rows = await vectors();
  const count = rows.length / chosen.size;
  const files = Array.from({ length: count }, (_, i) => checkpointPath(folder, i + 1, count));
  for (const [i, file] of files.entries())
    if (!(await exists(file)))
      await writeCheckpoint(file, chosen, rows.subarray(i * chosen.size, (i + 1) * chosen.size));
  throwIfAborted(context.signal);
  const { groups } = await scoreGroups(context, [{ name: "draws", files, networks: [...files.keys()] }], metric);
  return groups.draws;
}
