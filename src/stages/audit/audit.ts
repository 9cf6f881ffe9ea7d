/**
 * Stage five: are the samples new networks, or copies and averages of the old? The protocol is told in docs/method.md. The
 * generator never saw what it is judged by: held-out networks, networks from other seeds, and an acceptance threshold fixed before sampling.
 */
import { join } from "node:path";
import type { Codec } from "../../diffusion/index.ts";
import { throwIfAborted } from "../../errors.ts";
import {
  accuracies,
  auditNetworks,
  type DistanceMeter,
  distanceMeter,
  distances,
  distanceUnit,
  embed,
  type Mistakes,
  mistakes,
  quantiles,
  unitMeter,
} from "../../evaluation/index.ts";
import { writeJson } from "../../files/index.ts";
import { concatenate, evenly, matrix, rowsOf } from "../../numeric/index.ts";
import { foldIn } from "../../random/index.ts";
import type { Audit, EmbeddingFigure, FrontierPoint } from "../../report/index.ts";
import { readCheckpoint, verifiedCheckpoints, verifiedHeldOut } from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { canonicalForms } from "../../symmetry/index.ts";
import { comparableSpace } from "../canonical-form.ts";
import { isTrajectory, ONE_TRAINING } from "../collect/import-checkpoints.ts";
import { referenceCount } from "../collect/references.ts";
import type { StageContext } from "../context.ts";
import { ensembleCurves } from "../evaluate/ensembles.ts";
import { evaluated } from "../evaluate/evaluate.ts";
import { loadOther } from "../evaluate/out-of-distribution.ts";
import type { NetworkAt } from "../evaluate/predict.ts";
import { type Predictions, predict } from "../evaluate/predictions.ts";
import { loadCodec, partsOf, verifiedGenerator } from "../fit/generator-files.ts";
import { denoisingPath, drawAtSnapshot, pathTimes, SNAPSHOT_SAMPLES } from "../sample/denoising-trajectory.ts";
import { type DrawnGroup, drawBaselines, drawnGroup, fineTune, placesOf } from "./audit-networks.ts";
import { costOf } from "./cost.ts";
import { distributionsOf } from "./distributions.ts";

export async function audit(context: StageContext): Promise<void> {
  const { recipe, paths: p } = context;
  const { data, chosen, network } = await context.task();
  const generator = await verifiedGenerator(p);
  const own = await evaluated(context);
  const { originals, samples } = own.vectors;
  const held = await heldOutNetworks(context);
  const device = nodeDevice(recipe.device);
  const trajectory = await isTrajectory(context);
  // Networks of known units that were trained separately are compared, and baselines drawn from them, in canonical form: it changes nothing
  // that they compute, and without it averages would be no baselines and copies with their units shuffled would look new.
  const matrixOf = (vectors: readonly Float32Array[]) => matrix(concatenate(vectors), chosen.size);
  const space = await comparableSpace(context, matrixOf(originals), chosen);
  const inForm = async (vectors: readonly Float32Array[]) =>
    space === undefined ? concatenate(vectors) : (await canonicalForms(matrixOf(vectors), space, device)).values;
  const formed = { originals: await inForm(originals), samples: await inForm(samples) };
  const { baselines, remarks } = await drawBaselines(context, formed.originals, space !== undefined);
  const tuned = await fineTune(context, originals);
  const references = await referenceFiles(context);
  const codec = partsOf(recipe).autoencoder ? (await loadCodec(recipe, p)).codec : undefined;
  try {
    const path = codec && (await pathNetworks(context, codec));
    const snapshots =
      codec === undefined
        ? []
        : await snapshotNetworks(
            context,
            codec,
            generator.snapshots.map((m) => m.step),
          );

    // Of held-out networks on both splits, of all others on the test split only.
    const heldOut = await predict(context, {
      ...{ data, splits: ["selection", "test"], dimension: chosen.size, name: "held-out" },
      groups: { heldOut: held.files.map((file) => ({ file })) },
    });
    const drawn: readonly DrawnGroup[] = [...baselines, tuned, ...(path ? [path.group] : []), ...snapshots];
    const predictions = await predict(context, {
      ...{ data, splits: ["test"], dimension: chosen.size, name: "audit" },
      groups: Object.fromEntries(drawn.map((group) => [group.name, placesOf(group)])),
    });
    const whole = await predict(context, {
      ...{ data, splits: ["test"], whole: true, dimension: network.layout.size, name: "references" },
      groups: { references: references.map((file) => ({ file })) },
    });
    const other = await loadOther(recipe, data);
    const ensembles = await ensembleCurves(
      context,
      [
        { name: "samples", networks: filesOf(own.files.samples), whole: false },
        { name: "originals", networks: filesOf(own.files.originals), whole: false },
        { name: "held-out", networks: filesOf(held.files), whole: false },
        { name: "references", networks: filesOf(references), whole: true },
        ...baselines
          .filter(({ name }) => ENSEMBLED.has(name))
          .map((group) => ({ name: group.name, networks: placesOf(group), whole: false })),
      ],
      other,
    );

    await context.progress("measuring distances", 0, drawn.length);
    const meter =
      space === undefined
        ? await distanceMeter({ originals: formed.originals, layout: chosen, trajectory, device })
        : await unitMeter({ originals: matrix(formed.originals, chosen.size), space, device });
    const test = (of: Predictions): Mistakes => mistakes(of.test!, data.test.labels);
    const selection = (of: Predictions): Mistakes => mistakes(of.selection!, data.selection.labels);
    const placed = async (vectors: Float32Array, of: Predictions) => ({
      ...(await meter.measure(vectors)),
      test: test(of),
    });
    const measured = [];
    for (const [i, { name, family, vectors }] of baselines.entries()) {
      measured.push({ name, family, ...(await placed(await vectors(), predictions[name]!)) });
      await context.progress("measuring distances", i + 1, drawn.length);
      throwIfAborted(context.signal);
    }
    const heldOutMeasured =
      held.files.length === 0
        ? undefined
        : { ...(await placed(concatenate(held.vectors), heldOut.heldOut!)), selection: selection(heldOut.heldOut!) };
    const sampled = own.predictions.samples;
    const comparable = chosen.size === network.layout.size;
    const statistics = auditNetworks({
      originals: {
        ...meter.originals,
        test: test(own.predictions.originals),
        selection: selection(own.predictions.originals),
      },
      heldOut: heldOutMeasured,
      samples: { ...(await placed(concatenate(samples), sampled)), selection: selection(sampled) },
      references:
        references.length === 0
          ? undefined
          : {
              // Of a part of the tensors there is no distance: the others differ as well.
              ...(comparable && (await meter.measure(concatenate(await readAll(references, context))))),
              test: test(whole.references!),
            },
      fineTuned: await placed(await tuned.vectors(), predictions[tuned.name]!),
      reconstructions: { test: test(own.predictions.reconstructions) },
      ...{
        baselines: measured,
        acceptanceThreshold: held.acceptanceThreshold,
        chance: shareOfMostFrequent(data.selection.labels),
      },
      neighbours: meter.neighbours,
      originalsDiffer: originals.some((v) => v.some((x, i) => x !== originals[0]![i])),
      toMean: distances(formed.originals, formed.samples, chosen.size).samplesToMean,
      key: foldIn(context.key, "audit"),
    });

    const result: Audit = {
      ...statistics,
      byUnits: space !== undefined,
      ...{ ensembles, otherData: other?.name ?? null, cost: await costOf(context) },
      trajectory:
        path === undefined
          ? null
          : { times: path.times, accuracy: byStart(accuracies(test(predictions[path.group.name]!)), path.starts) },
      embeddings: await embeddings(context, codec, [
        { name: "originals", vectors: formed.originals },
        { name: "held-out", vectors: await inForm(held.vectors) },
        { name: "samples", vectors: formed.samples },
        ...(await Promise.all(
          baselines
            .filter(({ name }) => EMBEDDED.has(name))
            .map(async (r) => ({ name: r.name, vectors: await r.vectors() })),
        )),
      ]),
      distributions: distributionsOf(
        chosen,
        rowsOf(matrix(formed.originals, chosen.size)),
        rowsOf(matrix(formed.samples, chosen.size)),
      ),
      frontier: await frontierOf({
        meter,
        snapshots,
        unit: distanceUnit(heldOutMeasured?.standardised, meter.originals.standardised),
        test: (name) => test(predictions[name]!),
        losses: generator.snapshots,
      }),
      remarks: [...statistics.remarks, ...remarks, ...missing(context, { other: other?.name, trajectory })],
    };
    await writeJson(p.audit, result);
    await context.note(`${result.verdict.name}: ${result.verdict.meaning} ${result.verdict.rule}`);
  } finally {
    await codec?.release();
  }
}

/** Baselines whose ensembles are compared with those of samples, and baselines that are shown on the maps. */
const ENSEMBLED: ReadonlySet<string> = new Set(["swag", "average:all"]);
const EMBEDDED: ReadonlySet<string> = new Set(["noise:0.05", "average:16"]);

const filesOf = (files: readonly string[]): NetworkAt[] => files.map((file) => ({ file }));

/** Held-out networks. Where half of them chose the denoiser, only the other half may judge. */
async function heldOutNetworks(context: StageContext) {
  const { recipe, paths: p } = context;
  const { chosen } = await context.task();
  const held = await verifiedHeldOut(p, recipe);
  const fresh = partsOf(recipe).denoiser && recipe.diffusion?.choose === "held-out" ? 1 : 0;
  const files = held?.files.filter((_, i) => fresh === 0 || i % 2 === fresh) ?? [];
  return {
    files,
    acceptanceThreshold: held?.acceptanceThreshold,
    vectors: await Promise.all(files.map((file) => readCheckpoint(file, chosen))),
  };
}

async function referenceFiles({ recipe, paths: p }: StageContext): Promise<string[]> {
  if (referenceCount(recipe) === 0) return [];
  return verifiedCheckpoints(p.references, `collect again: pdiff collect ${p.folder} --force`);
}

/** Whole networks as flat vectors. */
async function readAll(files: readonly string[], context: StageContext): Promise<Float32Array[]> {
  const { network } = await context.task();
  return Promise.all(files.map((file) => readCheckpoint(file, network.layout)));
}

/** The first samples on their way from noise, as networks `[times, starts]`. */
async function pathNetworks(context: StageContext, codec: Codec) {
  const { recipe, paths: p } = context;
  const starts = Math.min(recipe.audit.trajectories, recipe.sample.count);
  if (!partsOf(recipe).denoiser || starts === 0) return undefined;
  const times = pathTimes(recipe);
  const group = await drawnGroup(
    "denoising path",
    join(p.baselines, "denoising-path.safetensors"),
    codec.dimension,
    () => denoisingPath(context, codec, starts),
  );
  return { starts, times, group };
}

/** What the denoisers of earlier snapshots draw. */
async function snapshotNetworks(context: StageContext, codec: Codec, steps: readonly number[]): Promise<DrawnGroup[]> {
  const { recipe, paths: p } = context;
  const count = Math.min(SNAPSHOT_SAMPLES, recipe.sample.count);
  const groups = [];
  for (const step of steps) {
    const file = join(p.baselines, `step-${step}.safetensors`);
    groups.push(
      await drawnGroup(`step ${step}`, file, codec.dimension, () => drawAtSnapshot(context, codec, step, count)),
    );
  }
  return groups;
}

/** `[starts][times]` from `[times, starts]`. */
const byStart = (values: ArrayLike<number>, starts: number): number[][] =>
  Array.from({ length: starts }, (_, start) => Array.from(values).filter((_, i) => i % starts === start));

interface FrontierInput {
  readonly meter: DistanceMeter;
  readonly snapshots: readonly DrawnGroup[];
  /** In which distances are told. */
  readonly unit: number;
  test(name: string): Mistakes;
  readonly losses: readonly { readonly step: number; readonly loss: { originals: number; heldOut: number | null } }[];
}

/** Accuracy against distance along the denoiser's training. */
async function frontierOf({ meter, snapshots, unit, test, losses }: FrontierInput): Promise<FrontierPoint[]> {
  const points = [];
  for (const [i, { name, vectors }] of snapshots.entries()) {
    const { standardised } = await meter.measure(await vectors());
    points.push({
      ...losses[i]!,
      accuracy: quantiles(accuracies(test(name))),
      distance: quantiles(standardised.map((d) => d / unit)),
    });
  }
  return points;
}

/** Points of each group on a map: more are no clearer, and the time of a map grows with their square. */
const MAX_POINTS = 120;

/** Maps of latents to the plane; of parameters where there is no autoencoder. */
async function embeddings(
  context: StageContext,
  codec: Codec | undefined,
  groups: readonly { readonly name: string; readonly vectors: Float32Array }[],
): Promise<EmbeddingFigure[]> {
  const { recipe } = context;
  const { chosen } = await context.task();
  const present = groups.filter(({ vectors }) => vectors.length > 0);
  const thinned = present.map(({ name, vectors }) => {
    const rows = evenly(rowsOf(matrix(vectors, chosen.size)), MAX_POINTS);
    return { name, count: rows.length, rows: concatenate(rows) };
  });
  const all = concatenate(thinned.map(({ rows }) => rows));
  const vectors = codec === undefined ? all : await codec.encode(all);
  const dimension = codec?.latent ?? chosen.size;
  const figures: EmbeddingFigure[] = [];
  for (const method of recipe.audit.embeddings) {
    await context.progress("mapping latents", figures.length, recipe.audit.embeddings.length);
    throwIfAborted(context.signal);
    const places = await embed({ method, vectors, dimension, seed: recipe.seed });
    let row = 0;
    figures.push({
      method,
      space: codec === undefined ? "parameters" : "latents",
      groups: thinned.map(({ name, count }) => {
        const points = Array.from({ length: count }, (_, i): [number, number] => [
          places[2 * (row + i)]!,
          places[2 * (row + i) + 1]!,
        ]);
        row += count;
        return { name, points: points.filter((point) => point.every(Number.isFinite)) };
      }),
    });
  }
  return figures;
}

/** What a guess of one class is right on. */
function shareOfMostFrequent(labels: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) counts.set(labels[i]!, (counts.get(labels[i]!) ?? 0) + 1);
  return Math.max(...counts.values()) / labels.length;
}

/** What this run has nothing to say of, and why. */
function missing(
  { recipe }: StageContext,
  { other, trajectory }: { readonly other: string | undefined; readonly trajectory: boolean },
): string[] {
  return [
    ...(recipe.zoo.kind === "files"
      ? [
          ...(trajectory ? [ONE_TRAINING] : []),
          "The checkpoints were made elsewhere: they may have been trained on images of the selection split, which would make these look easier than the test split is.",
        ]
      : []),
    ...(referenceCount(recipe) > 0
      ? []
      : [
          recipe.zoo.kind === "seeds"
            ? "The held-out networks are independently trained, so there are no further reference networks."
            : "No independently trained reference networks (zoo.references): nothing shows how alike networks of other seeds are.",
        ]),
    ...(other === undefined
      ? [
          `No second data set with images of the same size was found whole beside ${recipe.data.name}, so telling foreign images apart was not measured.`,
        ]
      : []),
    ...(recipe.diffusion?.choose === "held-out" && recipe.generator === "diffusion"
      ? ["Half of the held-out networks chose the denoiser; the audit uses the other half."]
      : []),
  ];
}
