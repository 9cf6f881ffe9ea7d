/** Plans a run: sizes, memory and time, estimated from the shapes of its graphs. */

import { baseline } from "../baselines/index.ts";
import { stepsPerEpoch } from "../data/index.ts";
import { denoiserStep, modelDenoiser, partOf, processOf, type TokenShape } from "../diffusion/index.ts";
import { BETWEEN, evaluationBatch } from "../evaluation/index.ts";
import { cost, partition, sizeOf } from "../graph/index.ts";
import { type Layout, parameterCount } from "../layout/index.ts";
import { optimiser } from "../nn/index.ts";
import { type AnyRecipe, builtInParts, type MetricRecipe, type Parts, type Recipe } from "../recipe/index.ts";
import type { StageName } from "../run/index.ts";
import { stepCost } from "../training/index.ts";
import { jointLoss } from "../zoo/index.ts";
import { distanceSeconds } from "./audit/distance-cost.ts";
import { IMAGES } from "./audit/straight-way.ts";
import { HALVINGS, trainedCount } from "./audit/trained.ts";
import { hasUnits } from "./canonical-form.ts";
import { checkGenerator, checkRecipe, type GeneratorOutline } from "./check.ts";
import { stepsBetween } from "./collect/collect.ts";
import { referenceCount } from "./collect/references.ts";
import { networksAtOnce } from "./collect/training-groups.ts";
import { networksPerTask } from "./evaluate/predictions.ts";
import { contentsOf } from "./fit/generator-index.ts";
import { PATH_STEPS, SNAPSHOT_SAMPLES } from "./sample/denoising-trajectory.ts";
import { baseStepCost, drawingCost, SECONDS_AN_IMAGE, type Stopwatch, secondsOf } from "./step-cost.ts";
import { mostWorkers } from "./worker-pool.ts";

/** What a run will take. */
export interface Plan {
  readonly network: { readonly name: string; readonly parameters: number };
  readonly generated: { readonly parameters: number; readonly tensors: number };
  readonly zoo: { readonly count: number };
  /** Size of a latent; 0 where there is no autoencoder. */
  readonly latent: number;
  /** Most memory at once, roughly. */
  readonly memoryBytes: number;
  /** What the run's folder takes, roughly. */
  readonly diskBytes: number;
  /** All stages together, on an ordinary machine; a busy or slower one takes a multiple. */
  readonly seconds: number;
  readonly stages: Readonly<Record<StageName, number>>;
}

/** What streams through memory at a time where vectors are read piece by piece. */
const STREAMED_BYTES = 500e6;

/** What Node, ONNX Runtime and this program take before any work. */
const RESIDENT_BYTES = 200e6;

/** What the page and the figures take on the disk, and each predicted class. */
const PAGE_BYTES = 2e6;
const CLASS_BYTES = 2;

/** Kinds of baselines that are trained for scale, and groups whose straight ways are followed. */
const TRAINED_KINDS = 4;
const WAY_GROUPS = 5;

/** Seconds that the audit's other arithmetic takes: bootstrap, a map of the latents. */
const OWN_STATISTICS = 10;

/** How a plan is made. */
export interface PlanOptions {
  /** The parts that recipes can name; the built-in ones by default. */
  readonly parts?: Parts;
  /** Says what a graph takes: estimated from its shapes by default. */
  readonly stopwatch?: Stopwatch;
}

/**
 * Plans a recipe. Needs no data.
 * @throws UserError when the network, the selection or the latent does not fit.
 */
export async function planRun(
  recipe: Recipe,
  { parts = builtInParts, stopwatch = secondsOf }: PlanOptions = {},
): Promise<Plan> {
  const outline = checkRecipe(recipe, parts);
  const { shape, network, chosen, latent } = outline;
  const d = chosen.size;
  const { zoo, sample, evaluate } = recipe;
  const diffusion = modelOf(recipe, parts);
  const {
    collect,
    baseSteps,
    separateStep,
    zooStep,
    atOnce,
    peak: training,
  } = await collectCost(recipe, outline, stopwatch);
  const {
    fit,
    drawing,
    drawStep,
    calls,
    models,
    peak: generating,
    bytes: generatorBytes,
  } = await generatorCost(recipe, chosen, { parts, stopwatch }, outline);

  const { predictSeconds, peak: predicting } = await predictionCost(recipe, outline, stopwatch);
  const own = zoo.count + sample.count + Math.min(evaluate.reconstructions, zoo.count) + 1;
  const evaluating = predictSeconds(own, shape.selection + shape.test);
  const { audit } = recipe;
  const drawsOf = (name: string): number => {
    const { single, space } = baseline(name, parts.baselines);
    if (space === "units" && (zoo.kind === "trajectory" || !hasUnits(recipe))) return 0;
    return single ? 1 : audit.draws;
  };
  const baselines = audit.baselines.reduce((sum, name) => sum + drawsOf(name), 0);
  const more = diffusion === null ? 0 : (PATH_STEPS + 1) * audit.trajectories + diffusion.snapshots * SNAPSHOT_SAMPLES;
  const ensembles = 4 * Math.min(audit.ensemble, sample.count);
  const trained = trainedCount(recipe, atOnce);
  const evidence =
    predictSeconds(trained * (HALVINGS.length + TRAINED_KINDS), shape.test) +
    trained * (baseSteps + TRAINED_KINDS * audit.trained.steps) * separateStep +
    predictSeconds(audit.straightWays * BETWEEN.length * WAY_GROUPS, Math.min(IMAGES, shape.test));
  const auditing =
    evidence +
    predictSeconds(baselines + more + ensembles + zoo.heldOut + audit.fineTuned.count, shape.test) +
    audit.fineTuned.count * audit.fineTuned.steps * zooStep +
    (diffusion === null ? 0 : (diffusion.snapshots + models) * calls * drawStep) +
    distanceSeconds(recipe, chosen, baselines + more + zoo.heldOut + Math.max(sample.count, audit.compared)) +
    OWN_STATISTICS;

  const stages = { collect, fit, sample: drawing, evaluate: evaluating, audit: auditing, report: 2 };
  const drawn = baselines + more + ensembles + audit.fineTuned.count;
  const vectors = zoo.count + zoo.heldOut + zoo.unseen + own + drawn;
  const classified =
    own * (shape.selection + shape.test) +
    (drawn + zoo.heldOut + trained * (HALVINGS.length + TRAINED_KINDS)) * shape.test;
  return {
    network: { name: recipe.network.name, parameters: parameterCount(network.layout) },
    generated: { parameters: d, tensors: chosen.entries.length },
    zoo: { count: zoo.count },
    latent,
    memoryBytes: Math.round(
      RESIDENT_BYTES +
        shape.bytes +
        vectorBytes(recipe, parts, { dimension: d, vectors: 3 * zoo.count + 2 * sample.count }) +
        Math.max(generating, training, predicting),
    ),
    diskBytes:
      PAGE_BYTES +
      4 * (d * vectors + network.layout.size * (1 + referenceCount(recipe))) +
      CLASS_BYTES * classified +
      generatorBytes,
    seconds: Object.values(stages).reduce((a, b) => a + b, 0),
    stages,
  };
}

type Outline = Pick<ReturnType<typeof checkRecipe>, "shape" | "network" | "chosen">;

/** What collecting costs, and the trainings that the audit repeats: times in seconds, bytes. */
async function collectCost(recipe: Recipe, { shape, network, chosen }: Outline, stopwatch: Stopwatch) {
  const { base, zoo } = recipe;
  const names = new Set(chosen.entries.map((e) => e.name));
  const still = network.layout.entries.filter((e) => !names.has(e.name));
  // Only their sizes matter, so all frozen tensors may show the same numbers.
  const nothing = new Float32Array(Math.max(0, ...still.map((e) => e.size)));
  const frozen = new Map(still.map((e) => [e.name, nothing.subarray(0, e.size)]));
  const baseStep = baseStepCost(recipe, { network });
  const traced = network.loss(zoo.batch, zoo.batchNorm === "train" ? "batch" : "running");
  const zooStep = stepCost({ traced, optimiser: optimiser(zoo.optimiser), frozen });
  const baseSteps = base.epochs * stepsPerEpoch(shape.train, base.batch);
  const zooSteps = zoo.skip + zoo.count * stepsBetween(zoo, shape.train);
  const trajectories = zoo.heldOut > 0 ? 2 : 1;
  const separate = zoo.kind === "trajectory" ? 0 : zoo.count + zoo.heldOut + zoo.unseen;
  const atOnce = networksAtOnce(network, recipe.data.augment);
  const processes = mostWorkers(recipe);
  const hands = Math.min(processes, Math.ceil(zoo.count / atOnce));
  const joint =
    separate > 0 && atOnce > 1
      ? stepCost({
          traced: jointLoss(network.loss(base.batch), atOnce, shape.train),
          optimiser: optimiser(base.optimiser),
        })
      : undefined;
  const whole = referenceCount(recipe) + (zoo.kind === "trajectory" ? 1 : 0);
  const baseSeconds = await stopwatch(baseStep);
  const zooSeconds = await stopwatch(zooStep);
  const separateStep = joint === undefined ? baseSeconds : (await stopwatch(joint)) / atOnce;
  const collect =
    (whole * baseSteps * baseSeconds) / Math.min(processes, Math.max(1, whole)) +
    (separate * baseSteps * separateStep) / hands +
    (zoo.kind === "trajectory" ? trajectories * zooSteps * zooSeconds : 0);
  return {
    collect,
    baseSteps,
    /** Seconds of a step of one of the networks that are trained together. */
    separateStep,
    zooStep: zooSeconds,
    /** Networks that are trained together. */
    atOnce,
    peak: Math.max(baseStep.peak, zooStep.peak),
  };
}

/** What it costs to classify images by networks. */
async function predictionCost(recipe: Recipe, { network, chosen }: Outline, stopwatch: Stopwatch) {
  const names = new Set(chosen.entries.map((e) => e.name));
  const batch = evaluationBatch(network, chosen, recipe.evaluate.batch);
  const { outputs, parameters, buffers } = network.logits(batch);
  const moving = [...parameters, ...buffers].filter((each) => names.has(each.name)).map((each) => each.leaf);
  const { prefix, suffix } = partition([outputs], moving);
  const [shared, perNetwork] = [cost(Object.values(prefix)), cost(suffix)];
  const [sharedSeconds, ownSeconds] = [await stopwatch(shared), await stopwatch(perNetwork)];
  const processes = mostWorkers(recipe);
  const together = networksPerTask(chosen.size, chosen.size === network.layout.size);
  return {
    /** Seconds for a number of networks on a number of images. */
    predictSeconds(networks: number, images: number): number {
      const blocks = Math.ceil(networks / together);
      const copying = networks * images * SECONDS_AN_IMAGE;
      return (copying + (images / batch) * (networks * ownSeconds + blocks * sharedSeconds)) / processes;
    },
    peak: Math.max(shared.peak, perNetwork.peak),
  };
}

/** Plans a run that is scored by a user's metric; the time of the metric is not known. */
export interface MetricPlan extends Omit<Plan, "network" | "stages"> {
  readonly stages: Readonly<Record<"collect" | "fit" | "sample", number>>;
}

/** Bytes that a disk gives or takes in a second, for an estimate. */
const DISK_RATE = 400e6;

/**
 * Plans a run whose networks cannot be run here.
 * @param chosen the generated tensors.
 * @throws UserError when the latent does not fit.
 */
export async function planMetric(
  recipe: MetricRecipe,
  chosen: Layout,
  { parts = builtInParts, stopwatch = secondsOf }: PlanOptions = {},
): Promise<MetricPlan> {
  const d = chosen.size;
  const { zoo, sample } = recipe;
  const outline = checkGenerator(recipe, chosen, parts);
  const { latent } = outline;
  const { fit, drawing, peak, bytes } = await generatorCost(recipe, chosen, { parts, stopwatch }, outline);
  const vectors = vectorBytes(recipe, parts, { dimension: d, vectors: 2 * zoo.count + sample.count });
  const networks = zoo.count + zoo.heldOut;
  const collect = (2 * networks * 4 * d) / DISK_RATE;
  const stages = { collect, fit: fit + (zoo.count * 4 * d) / DISK_RATE, sample: drawing };
  return {
    generated: { parameters: d, tensors: chosen.entries.length },
    zoo: { count: zoo.count },
    latent,
    memoryBytes: Math.round(RESIDENT_BYTES + vectors + peak),
    diskBytes: PAGE_BYTES + 4 * d * (networks + sample.count) + bytes,
    seconds: Object.values(stages).reduce((a, b) => a + b, 0),
    stages,
  };
}

/**
 * Bytes of the flat vectors that are in memory at once. Where they are read and written piece by
 * piece, only one is held whole.
 */
function vectorBytes(
  { autoencoder }: AnyRecipe,
  { autoencoders }: Parts,
  { dimension, vectors }: { readonly dimension: number; readonly vectors: number },
): number {
  const whole = 4 * dimension * vectors;
  const streams = partOf(autoencoders, autoencoder, "autoencoder").stream !== undefined;
  return streams ? Math.min(whole, STREAMED_BYTES + 4 * dimension) : whole;
}

/** What it costs to fit a generator to the chosen tensors and to sample it. */
async function generatorCost(
  recipe: AnyRecipe,
  chosen: Layout,
  { parts, stopwatch }: Required<PlanOptions>,
  { latent, tokens, work }: GeneratorOutline,
) {
  const d = chosen.size;
  const coder = work();
  const { denoising, draw, denoisingSteps, calls, models, bytes } = diffusionCost(recipe, parts, latent, tokens);
  const drawStep = await stopwatch(draw);
  return {
    fit: coder.steps * (await stopwatch(coder.step)) + denoisingSteps * (await stopwatch(denoising)),
    drawing: models * calls * drawStep + (recipe.sample.count * d * 40) / 1e9,
    /** Seconds of one of the sampler's steps for all samples. */
    drawStep,
    calls,
    models,
    // A linear autoencoder keeps the mean and the weights of the checkpoints in its directions.
    bytes: bytes + coder.snapshotBytes + 4 * (d + recipe.zoo.count * latent),
    peak: Math.max(coder.step.peak + coder.snapshotBytes, denoising.peak, draw.peak),
  };
}

/** The diffusion model of a generator that has one. */
const modelOf = (recipe: AnyRecipe, parts: Parts) => (contentsOf({ recipe, parts }).denoiser ? recipe.diffusion : null);

/** Vectors in the state of a training. */
const STATE = 4;

/**
 * What the diffusion model costs: a step of its training and one prediction, and how many there are
 * of each.
 */
function diffusionCost(recipe: AnyRecipe, parts: Parts, latent: number, tokens: TokenShape | undefined) {
  const diffusion = modelOf(recipe, parts);
  if (diffusion === null)
    return { denoising: cost([]), draw: cost([]), denoisingSteps: 0, calls: 0, models: 0, bytes: 0 };
  const { training, ema, snapshots } = diffusion;
  const process = processOf(diffusion.process);
  const network = modelDenoiser({ denoiser: diffusion.denoiser, process }, tokens, parts.denoisers);
  const step = denoiserStep({ network, process, training, ema, latent });
  const numbers = step.traced.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return {
    denoising: stepCost(step),
    // While it is trained, its state: weights, two slots of the optimiser and their average.
    bytes: 4 * numbers * (STATE + snapshots),
    denoisingSteps: training.steps,
    ...drawingCost(recipe, parts, { latent, tokens, count: recipe.sample.count }),
  };
}
