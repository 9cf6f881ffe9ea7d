/**
 * What the audit needs to know of classifiers that can be run here: predictions, distances in
 * canonical form where hidden units are known, ensembles, and what figures show.
 */

import type { Codec } from "../../diffusion/index.ts";
import { throwIfAborted } from "../../errors.ts";
import {
  ACCURACY,
  type AuditInput,
  acceptanceThresholdOf,
  accuracies,
  classified,
  type DistanceMeter,
  distanceMeter,
  distances,
  distanceUnit,
  mistakes,
  unitMeter,
} from "../../evaluation/index.ts";
import { mapFiles } from "../../files/index.ts";
import { at, given } from "../../lookup.ts";
import { concatenate, matrix, rowsOf } from "../../numeric/index.ts";
import { progressItem, readCheckpoint, verifiedCheckpoints, verifiedHeldOut } from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { canonicalForms } from "../../symmetry/index.ts";
import { comparableSpace } from "../canonical-form.ts";
import { differingRemarks, isTrajectory, oneTrainingRemark } from "../collect/import-checkpoints.ts";
import { referenceCount } from "../collect/references.ts";
import type { StageContext } from "../context.ts";
import { evaluated } from "../evaluate/classification.ts";
import { type EnsembleGroup, ensembleCurves } from "../evaluate/ensembles.ts";
import { loadOther } from "../evaluate/out-of-distribution.ts";
import type { NetworkAt } from "../evaluate/predict.ts";
import { type Predictions, predict } from "../evaluate/predictions.ts";
import { loadCodec } from "../fit/generator-files.ts";
import { contentsOf, verifiedGenerator } from "../fit/generator-index.ts";
import { choosesByHeldOut, HALF_CHOSE, heldOutFor } from "../held-out.ts";
import { type DrawnGroup, drawBaselines, placesOf } from "./baselines.ts";
import { costOf } from "./cost.ts";
import { distributionsOf } from "./distributions.ts";
import { embeddings } from "./embeddings.ts";
import { type Evidence, evidenceOf } from "./evidence.ts";
import { fineTune } from "./fine-tuned.ts";
import type { AuditFigures, Gathered } from "./gathered.ts";
import { apartIn, poolOf } from "./seen-unseen.ts";
import { byStart, frontierOf, NOT_SAMPLED, type SampledNetworks, sampledNetworks } from "./snapshots.ts";
import { type TrainedNetworks, trainedNetworks } from "./trained.ts";

/** Gathers groups of networks, draws baselines, and predicts with all of them. */
export async function gatherClassifiers(context: StageContext): Promise<Gathered> {
  const { recipe } = context;
  const codec = contentsOf(context).autoencoder ? (await loadCodec(context)).codec : undefined;
  try {
    const networks = await networksOf(context, codec);
    const predictions = await predictionsOf(context, networks);
    const other = await loadOther(recipe, (await context.task()).data);
    const ensembles = await ensembleCurves(context, ensembleGroups(networks), other);
    const measured = await measureDistances(context, networks, predictions);
    const figures = await figuresOf(context, { networks, predictions, measured, codec });
    const training = await trainedNetworks(context, { ...networks, meter: measured.meter });
    const input = await inputOf(context, { networks, predictions, measured, training });
    const evidence = await evidenceOf(context, { ...networks, input, training, meter: measured.meter });
    return {
      input,
      figures: { ...figures, ...evidence, ensembles, otherData: other?.name ?? null },
      failures: [],
      remarks: [
        ...networks.remarks,
        ...remarksOf(context, { other: other?.name, trajectory: networks.trajectory }),
        ...(recipe.zoo.kind === "files" ? await differingRemarks(context) : []),
      ],
    };
  } finally {
    await codec?.release();
  }
}

/** All networks that the audit looks at. */
type Networks = Awaited<ReturnType<typeof networksOf>>;

/** Reads the networks of the run and draws those that the audit alone needs. */
async function networksOf(context: StageContext, codec: Codec | undefined) {
  const { recipe, paths: p } = context;
  const { chosen } = await context.task();
  const generator = await verifiedGenerator(p);
  const own = await evaluated(context);
  const held = await heldOutNetworks(context);
  const device = nodeDevice(recipe.device);
  // Separately trained networks with known hidden units are compared in canonical form, and
  // baselines are drawn from it. It changes no output; without it averages would be broken
  // networks, and copies with permuted units would look new.
  const matrixOf = (vectors: readonly Float32Array[]) => matrix(concatenate(vectors), chosen.size);
  const space = await comparableSpace(context, matrixOf(own.vectors.originals), chosen);
  const inForm = async (vectors: readonly Float32Array[]) =>
    space === undefined
      ? concatenate(vectors)
      : (await canonicalForms(matrixOf(vectors), space, device, context.signal)).values;
  const originals = await inForm(own.vectors.originals);
  const { baselines, remarks } = await drawBaselines(context, {
    originals,
    layout: chosen,
    space,
    latents: true,
  });
  const tuned = await fineTune(context, own.vectors.originals);
  const references = await referenceFiles(context);
  const trajectory = await isTrajectory(context);
  const steps = generator.snapshots.map(({ step }) => step);
  const { path, snapshots, further }: SampledNetworks =
    codec === undefined ? NOT_SAMPLED : await sampledNetworks(context, codec, { steps, trajectory });
  return {
    own,
    held,
    baselines,
    remarks,
    tuned,
    references,
    path,
    snapshots,
    further,
    space,
    losses: generator.snapshots,
    trajectory,
    /** In canonical form where there is one, `[K, D]`. */
    formed: { originals, samples: await inForm(own.vectors.samples), heldOut: await inForm(held.vectors) },
    drawn: [...baselines, tuned, ...(path ? [path.group] : []), ...snapshots] as readonly DrawnGroup[],
  };
}

/** Mistakes of networks on the splits that were predicted. */
type NetworkPredictions = Awaited<ReturnType<typeof predictionsOf>>;

/** Predicts for held-out networks on both splits, and for all others on the test split only. */
async function predictionsOf(context: StageContext, { own, held, references, drawn }: Networks) {
  const { data, chosen, network } = await context.task();
  const heldOut = await predict(context, {
    data,
    splits: ["selection", "test"],
    dimension: chosen.size,
    name: "held-out",
    groups: { heldOut: held.files.map((file) => ({ file })) },
  });
  const predicted = await predict(context, {
    data,
    splits: ["test"],
    dimension: chosen.size,
    name: "audit",
    drawn: true,
    groups: Object.fromEntries(drawn.map((group) => [group.name, placesOf(group)])),
  });
  const whole = await predict(context, {
    data,
    splits: ["test"],
    whole: true,
    dimension: network.layout.size,
    name: "references",
    groups: { references: references.map((file) => ({ file })) },
  });
  const test = (of: Predictions) => mistakes(given(of.test), data.test.labels);
  const both = (of: Predictions) =>
    classified({ test: test(of), selection: mistakes(given(of.selection), data.selection.labels) });
  return {
    originals: both(own.predictions.originals),
    samples: both(own.predictions.samples),
    heldOut: both(given(heldOut.heldOut)),
    references: classified({ test: test(given(whole.references)) }),
    reconstructions: classified({ test: test(own.predictions.reconstructions) }),
    /** A group that was drawn for the audit. */
    drawn: (name: string) => classified({ test: test(given(predicted[name])) }),
  };
}

/** The groups whose ensembles are compared. */
function ensembleGroups({ own, held, references, baselines }: Networks): EnsembleGroup[] {
  return [
    { name: "samples", networks: filesOf(own.files.samples), whole: false },
    { name: "originals", networks: filesOf(own.files.originals), whole: false },
    { name: "held-out", networks: filesOf(held.files), whole: false },
    { name: "references", networks: filesOf(references), whole: true },
    ...baselines
      .filter(({ name }) => ENSEMBLED.has(name))
      .map((group) => ({ name: group.name, networks: placesOf(group), whole: false })),
  ];
}

/**
 * Baselines whose ensembles are compared with those of samples, and baselines that are embedded.
 */
const ENSEMBLED: ReadonlySet<string> = new Set(["swag", "average:all"]);
const EMBEDDED: ReadonlySet<string> = new Set(["noise:0.05", "average:16"]);

const filesOf = (files: readonly string[]): NetworkAt[] => files.map((file) => ({ file }));

/** Distances to the nearest original, and how they are measured. */
interface MeasuredNetworks {
  readonly meter: DistanceMeter;
  readonly heldOut: AuditInput["heldOut"];
  readonly baselines: AuditInput["baselines"];
}

/** Measures the distances of baselines and held-out networks. */
async function measureDistances(
  context: StageContext,
  { baselines, held, space, formed, trajectory, drawn }: Networks,
  predictions: NetworkPredictions,
): Promise<MeasuredNetworks> {
  const { chosen } = await context.task();
  const { signal } = context;
  const device = nodeDevice(context.recipe.device);
  await context.progress(progressItem("measure-distances"), 0, drawn.length);
  const { originals } = formed;
  const meter =
    space === undefined
      ? await distanceMeter({ originals, layout: chosen, trajectory, device, signal })
      : await unitMeter({ originals: matrix(originals, chosen.size), space, device, signal });
  const measured = [];
  for (const [i, { name, family, vectors }] of baselines.entries()) {
    measured.push({ name, family, ...(await meter.measure(await vectors())), ...predictions.drawn(name) });
    await context.progress(progressItem("measure-distances"), i + 1, drawn.length);
    throwIfAborted(context.signal);
  }
  const heldOut =
    held.files.length === 0
      ? undefined
      : {
          ...(await meter.measure(concatenate(held.vectors))),
          ...predictions.heldOut,
          apart: await apartIn(meter, concatenate(held.vectors)),
        };
  return { meter, heldOut, baselines: measured };
}

/** What the statistics follow from. */
async function inputOf(
  context: StageContext,
  {
    networks: { own, held, references, tuned, formed, trajectory, space, further, baselines: drawnBaselines },
    predictions,
    measured: { meter, heldOut, baselines },
    training,
  }: {
    networks: Networks;
    predictions: NetworkPredictions;
    measured: MeasuredNetworks;
    training: TrainedNetworks | undefined;
  },
): Promise<Gathered["input"]> {
  const { data, chosen, network } = await context.task();
  const { originals, samples } = own.vectors;
  const { samplesToMean, samplesApart } = await distances(
    formed.originals,
    formed.samples,
    chosen.size,
    context.signal,
  );
  // Where only some tensors are generated, references differ in the others as well: no distance.
  const comparable = references.length > 0 && chosen.size === network.layout.size;
  const drawn = concatenate(samples);
  return {
    metric: ACCURACY,
    originals: { ...meter.originals, ...predictions.originals },
    heldOut,
    samples: { ...(await meter.measure(drawn)), ...predictions.samples, apart: await apartIn(meter, drawn) },
    references: {
      ...(comparable && (await meter.measure(concatenate(await readAll(references, context))))),
      ...predictions.references,
    },
    reconstructions: predictions.reconstructions,
    fineTuned: { ...(await meter.measure(await tuned.vectors())), ...predictions.drawn(tuned.name) },
    baselines,
    trained: training?.trained,
    acceptanceThreshold: held.threshold ?? acceptanceThresholdOf(accuracies(predictions.originals.selection)),
    chance: shareOfMostFrequent(data.selection.labels),
    ...(!trajectory && {
      ...(await poolOf(context, {
        own,
        held,
        baselines: drawnBaselines,
        measured: baselines,
        fresh: training?.freshVectors,
        further: await further?.vectors(),
        meter,
      })),
    }),
    separate: !trajectory,
    byUnits: space !== undefined,
    neighbours: meter.neighbours,
    originalsDiffer: originals.some((v) => v.some((x, i) => x !== at(originals, 0)[i])),
    toMean: samplesToMean,
    apart: samplesApart,
  };
}

/** What only figures show. */
async function figuresOf(
  context: StageContext,
  {
    networks: { baselines, formed, path, space, snapshots, losses },
    predictions,
    measured: { meter, heldOut },
    codec,
  }: {
    readonly networks: Networks;
    readonly predictions: NetworkPredictions;
    readonly measured: MeasuredNetworks;
    readonly codec: Codec | undefined;
  },
): Promise<Omit<AuditFigures, "ensembles" | "otherData" | keyof Evidence>> {
  const { chosen } = await context.task();
  const embedded = baselines.filter(({ name }) => EMBEDDED.has(name));
  return {
    byUnits: space !== undefined,
    cost: await costOf(context),
    trajectory:
      path === undefined
        ? null
        : {
            times: path.times,
            accuracy: byStart(accuracies(predictions.drawn(path.group.name).test), path.starts),
          },
    embeddings: await embeddings(context, codec, [
      { name: "originals", vectors: formed.originals },
      { name: "held-out", vectors: formed.heldOut },
      { name: "samples", vectors: formed.samples },
      ...(await Promise.all(embedded.map(async ({ name, vectors }) => ({ name, vectors: await vectors() })))),
    ]),
    distributions: await distributionsOf(
      chosen,
      rowsOf(matrix(formed.originals, chosen.size)),
      rowsOf(matrix(formed.samples, chosen.size)),
      context.signal,
    ),
    frontier: await frontierOf({
      meter,
      snapshots,
      losses,
      unit: distanceUnit(heldOut?.standardised, meter.originals.standardised),
      test: (name) => predictions.drawn(name).test,
    }),
  };
}

/** The held-out networks that do not choose the denoiser, and the acceptance threshold. */
async function heldOutNetworks(context: StageContext) {
  const { recipe, paths: p } = context;
  const { chosen } = await context.task();
  const held = await verifiedHeldOut(p, recipe, context.signal);
  const files = heldOutFor(context, held?.files ?? []).audit;
  const vectors = await mapFiles(files, (file) => readCheckpoint(file, chosen), context.signal);
  return { files, threshold: held?.acceptanceThreshold, vectors };
}

async function referenceFiles({ recipe, paths: p, signal }: StageContext): Promise<string[]> {
  if (referenceCount(recipe) === 0) return [];
  return verifiedCheckpoints(p.references, `collect again: pdiff collect ${p.folder} --force`, signal);
}

/** Whole networks as flat vectors. */
async function readAll(files: readonly string[], context: StageContext): Promise<Float32Array[]> {
  const { network } = await context.task();
  return mapFiles(files, (file) => readCheckpoint(file, network.layout), context.signal);
}

/** The accuracy of always predicting the most frequent class. */
function shareOfMostFrequent(labels: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) counts.set(at(labels, i), (counts.get(at(labels, i)) ?? 0) + 1);
  return Math.max(...counts.values()) / labels.length;
}

/** What this run cannot show, and why. */
function remarksOf(
  context: StageContext,
  { other, trajectory }: { readonly other: string | undefined; readonly trajectory: boolean },
): string[] {
  const { recipe } = context;
  return [
    ...(recipe.zoo.kind === "files"
      ? [
          ...(trajectory ? [oneTrainingRemark(recipe.zoo)] : []),
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
    ...(choosesByHeldOut(context) ? [HALF_CHOSE] : []),
  ];
}
