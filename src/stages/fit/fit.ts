/**
 * Stage two: learn the distribution of the checkpoints. Autoencoder, gate, then diffusion on its latents; less where the
 * generator needs less.
 */

import type { Layout } from "../../checkpoints/index.ts";
import {
  autoencoderStep,
  denoiserStep,
  denoisingError,
  encodeLinear,
  fitLinearLatents,
  fitNormalisation,
  fitTensorStatistics,
  fitUnits,
  latentRange,
  type NetworkState,
  normalisationPerCoordinate,
  normalise,
  predictor,
  processOf,
  rangedNormalisation,
  type TokenShape,
  type TrainingOptions,
  trainingTimes,
  unitCodec,
  unitWeights,
  unnormalised,
  varianceExplained,
} from "../../diffusion/index.ts";
import { throwIfAborted, UserError } from "../../errors.ts";
import { splitHeldOut } from "../../evaluation/index.ts";
import { exists, makeFolder, remove } from "../../files/index.ts";
import { schedule } from "../../nn/index.ts";
import { evenly, type FileMatrix, matrix, rowsOf, stackRows } from "../../numeric/index.ts";
import { foldIn, type Key, permutation } from "../../random/index.ts";
import type { AnyRecipe } from "../../recipe/index.ts";
import { openCheckpointMatrix, openZoo, progressItem, readCheckpoints, verifiedHeldOut } from "../../run/index.ts";
import type { Feeds } from "../../runtime/index.ts";
import { nodeDevice, noiseAhead } from "../../runtime-node/index.ts";
import { countDeadUnits } from "../../symmetry/index.ts";
import { type StepOptions, train, trainer } from "../../training/index.ts";
import { canonicalSpaceOf } from "../canonical-form.ts";
import { type RunContext, trainingReporter } from "../context.ts";
import {
  type DenoiserSnapshot,
  type GeneratorIndex,
  loadCodec,
  loadDenoiser,
  partsOf,
  saveAutoencoder,
  saveDenoiser,
  saveLinear,
  saveUnits,
  snapshotPath,
  writeGeneratorIndex,
} from "./generator-files.ts";

export async function fit(context: RunContext): Promise<void> {
  const { recipe, paths: p } = context;
  const chosen = await context.chosen();
  const zoo = await openZoo(p, chosen);
  try {
    await makeFolder(p.generator);
    const parts = partsOf(recipe);
    if (!parts.autoencoder) return await writeGeneratorIndex(context, { autoencoder: null, snapshots: [] });
    const coded = await fitCodec(context, zoo, chosen);
    const { latents, latent, explained } = coded;
    const range = latentRange(latents);
    await context.note(
      `the autoencoder explains ${(100 * explained).toFixed(2)} % of the variance between checkpoints; latents of ${latent} numbers from ${range.min.toPrecision(3)} to ${range.max.toPrecision(3)}, sd ${range.sd.toPrecision(3)}`,
    );
    await passGate(context, explained);
    const denoised =
      parts.denoiser && recipe.diffusion !== null
        ? await fitDenoiser(context, recipe.diffusion, coded)
        : { snapshots: [] };
    await coded.release();
    const { type } = recipe.autoencoder;
    await writeGeneratorIndex(context, {
      autoencoder: { type, varianceExplained: explained, latent, range },
      ...denoised,
    });
    for (const state of [p.autoencoderState, p.denoiserState]) await remove(state);
  } finally {
    await zoo.close();
  }
}

/** The zoo as an autoencoder sees it. */
interface Coded {
  readonly latent: number;
  /** Of the zoo, `[K, latent]`. */
  readonly latents: Float32Array;
  /** The share of the variance between checkpoints that survives. */
  readonly explained: number;
  /** What latents consist of, where they are tokens, and how much each number of them counts. */
  readonly tokens?: TokenShape | undefined;
  readonly weight?: Float32Array;
  /** Latents `[n, latent]` of other checkpoints. */
  encode(files: readonly string[]): Promise<Float32Array>;
  release(): Promise<void>;
}

function fitCodec(context: RunContext, zoo: FileMatrix, chosen: Layout): Promise<Coded> {
  const { autoencoder } = context.recipe;
  switch (autoencoder.type) {
    case "linear":
      return fitLinear(context, zoo, chosen, autoencoder.latent);
    case "units":
      return fitUnitCodec(context, zoo, chosen);
    default:
      return fitNetworkCodec(context, zoo, chosen);
  }
}

/** Tokens of hidden units, which are worked out. */
async function fitUnitCodec(context: RunContext, zoo: FileMatrix, chosen: Layout): Promise<Coded> {
  const { recipe, warn } = context;
  const device = nodeDevice(recipe.device);
  if (recipe.zoo.kind === "trajectory")
    await warn(
      "the checkpoints are of one training, in which units keep their order: nothing is gained from not minding it, and the audit will find samples like averages",
    );
  const networks = matrix(await zoo.read(0, zoo.columns), zoo.columns);
  requireDifferent(networks.values, zoo.columns);
  const space = await canonicalSpaceOf(context, networks, chosen);
  const dead = countDeadUnits(networks, space.units);
  if (dead > 0)
    await context.note(
      `${dead} hidden units of the ${zoo.rows} networks are dead (no weights into them or none out of them) and learned as they are`,
    );
  const { fit: fitted, latents } = await fitUnits(networks, space, device);
  await saveUnits(context, fitted);
  const codec = unitCodec(fitted, device);
  const again = await codec.encode(await codec.decode(latents));
  return {
    ...{ latents, latent: codec.latent, tokens: codec.tokens, weight: await unitWeights(fitted, device) },
    explained: varianceExplained(latents, again, unnormalised(codec.latent)),
    encode: async (files) => codec.encode((await readCheckpoints(files, chosen)).values),
    release: () => codec.release(),
  };
}

/** A trained autoencoder, for vectors that fit in memory together. */
async function fitNetworkCodec(context: RunContext, zoo: FileMatrix, chosen: Layout): Promise<Coded> {
  const { recipe, paths: p } = context;
  const vectors = await zoo.read(0, zoo.columns);
  requireDifferent(vectors, zoo.columns);
  if (!(await exists(p.autoencoder))) await fitAutoencoder(context, vectors, chosen);
  throwIfAborted(context.signal);
  const { codec, normalisation } = await loadCodec(recipe, p);
  const latents = await codec.encode(vectors);
  return {
    ...{ latents, latent: codec.latent },
    explained: varianceExplained(vectors, await codec.decode(latents), normalisation),
    encode: async (files) => codec.encode((await readCheckpoints(files, chosen)).values),
    release: () => codec.release(),
  };
}

/** Linear latents, streamed from the zoo. */
async function fitLinear(context: RunContext, zoo: FileMatrix, chosen: Layout, latent: number): Promise<Coded> {
  const { recipe } = context;
  const device = nodeDevice(recipe.device);
  const statistics = await fitTensorStatistics(recipe.normalisation, zoo, chosen);
  const source = {
    checkpoints: zoo,
    device,
    normalisation: rangedNormalisation(recipe.normalisation, statistics, chosen),
  };
  const found = await fitLinearLatents(source, latent, async (done) => {
    await context.progress(progressItem("find-latents"), done, zoo.columns);
    throwIfAborted(context.signal);
  }).catch((error: unknown) => {
    throw error instanceof UserError && error.message.startsWith(ALL_EQUAL) ? allEqual() : error;
  });
  await saveLinear(context, { statistics, weights: found.weights });
  return {
    ...found,
    async encode(files) {
      const others = await openCheckpointMatrix(files, chosen);
      try {
        return await encodeLinear(source, found.weights, others);
      } finally {
        await others.close();
      }
    },
    release: async () => {},
  };
}

/** Equal checkpoints, such as a learning rate of all but nothing makes, teach nothing. */
function requireDifferent(vectors: Float32Array, dimension: number): void {
  for (let i = dimension; i < vectors.length; i++) if (vectors[i] !== vectors[i % dimension]) return;
  throw allEqual();
}

/** How a fit says that there is nothing to learn. */
const ALL_EQUAL = "all checkpoints are equal";

const allEqual = (): UserError =>
  new UserError(
    "E_RUN",
    "all checkpoints of the zoo are equal: there is nothing to learn; collect them with a higher learning rate (zoo.lr) or further apart (zoo.every=epoch), in another folder",
  );

/** The gate of design: an autoencoder that only knows the mean checkpoint reconstructs well and generates nothing. */
async function passGate({ recipe, paths: p, ignoreGate, warn }: RunContext, explained: number): Promise<void> {
  const { gate } = recipe.autoencoder;
  if (explained >= gate) return;
  const finding =
    explained > 0
      ? `the autoencoder explains only ${(100 * explained).toFixed(1)} % of the variance between checkpoints`
      : "the autoencoder reconstructs checkpoints worse than their mean alone would (variance explained below 0)";
  const problem = `${finding}; the gate is ${(100 * gate).toFixed(0)} %, as nothing good can be sampled from it`;
  if (!ignoreGate) {
    throw new UserError(
      "E_GATE",
      `${problem}; train it longer (autoencoder.training.steps), normalise per coordinate (normalisation=coordinate) or use preset=linear in another folder, with zoo.reuse=${p.folder} to keep the zoo; or go on anyway with --ignore-gate`,
    );
  }
  await warn(`${problem}; going on, as asked`);
}

/** Row numbers of each step's batch: one shuffling of the rows after another. */
function batches(key: Key, rows: number, batch: number): (step: number) => Int32Array {
  let epoch = -1;
  let order = new Int32Array();
  return (step) =>
    Int32Array.from({ length: batch }, (_, i) => {
      const position = step * batch + i;
      const now = Math.floor(position / rows);
      if (now !== epoch) order = Int32Array.from(permutation(foldIn(key, (epoch = now)), rows));
      return order[position % rows]!;
    });
}

/** Copies rows `[…, width]` of a matrix into a batch. */
function gatherRows(from: Float32Array, width: number, rows: Int32Array, into: Float32Array): void {
  rows.forEach((row, i) => {
    into.set(from.subarray(row * width, (row + 1) * width), i * width);
  });
}

interface Fitting {
  /** Names the training's random streams. */
  readonly name: "autoencoder" | "denoiser";
  readonly step: StepOptions;
  readonly training: TrainingOptions;
  /** What is learned from, `[count, width]`. */
  readonly rows: Float32Array;
  readonly width: number;
  /** What a step is fed, from its batch of rows `[batch, width]`. */
  feeds(batch: Float32Array, step: number, key: Key): Feeds;
  /** Where its snapshots are kept. */
  readonly state: string;
  /** Which vector of the trained state is wanted. */
  readonly result: "theta" | "ema";
  /** Called with the state that is wanted, after each of these numbers of steps. */
  readonly snapshots?: { readonly steps: readonly number[]; keep(step: number, state: NetworkState): Promise<void> };
}

/** Trains a network on batches of rows. */
async function fitNetwork(context: RunContext, fitting: Fitting): Promise<NetworkState> {
  const { name, training, rows, width, feeds, state, snapshots } = fitting;
  const run = await trainer({ ...fitting.step, device: nodeDevice(context.recipe.device) });
  const read = async (): Promise<NetworkState> => ({
    theta: await run.read(fitting.result),
    buffers: run.moving.length > 0 ? await run.read("buffers") : new Float32Array(),
  });
  const report = trainingReporter(context, "fit", progressItem(`fit-${name}`), training.steps);
  try {
    const key = foldIn(context.key, name);
    run.initialise(foldIn(key, "initialise"));
    const next = batches(foldIn(key, "order"), rows.length / width, training.batch);
    const batch = new Float32Array(training.batch * width);
    await train({
      trainer: run,
      steps: training.steps,
      lr: schedule(training.schedule, training),
      noise: foldIn(key, "noise"),
      openNoise: noiseAhead,
      feeds: (step) => {
        gatherRows(rows, width, next(step), batch);
        return feeds(batch, step, key);
      },
      saver: context.saver(state),
      signal: context.signal,
      watched: (done) => snapshots?.steps.includes(done) ?? false,
      async onStep(done, loss) {
        if (snapshots?.steps.includes(done)) await snapshots.keep(done, await read());
        await report(done, loss);
      },
    });
    return await read();
  } finally {
    await run.release();
  }
}

async function fitAutoencoder(context: RunContext, vectors: Float32Array, chosen: Layout): Promise<void> {
  const { recipe, paths: p } = context;
  const { autoencoder: options } = recipe;
  if (options.type === "linear" || options.type === "units") throw new Error("these latents are not trained");
  const normalisation = fitNormalisation(recipe.normalisation, vectors, chosen);
  const { noise, training } = options;
  const state = await fitNetwork(context, {
    name: "autoencoder",
    step: autoencoderStep({ network: options, noise, training, dimension: chosen.size }),
    training,
    rows: normalise(normalisation, vectors),
    width: chosen.size,
    feeds: (v) => ({ v }),
    state: p.autoencoderState,
    result: "theta",
  });
  await saveAutoencoder(context, normalisation, state);
}

/** Numbers of steps at which a denoiser is kept: geometrically spaced from a hundredth of the training to its end. */
export function snapshotSteps(steps: number, count: number): number[] {
  const at = Array.from({ length: count }, (_, i) => Math.round(steps * 100 ** ((i + 1) / count - 1)));
  return [...new Set(at)].filter((step) => step > 0);
}

/** Fits the diffusion model, keeps snapshots of its training, and chooses among them as the recipe says. */
async function fitDenoiser(
  context: RunContext,
  options: NonNullable<AnyRecipe["diffusion"]>,
  coded: Coded,
): Promise<Pick<GeneratorIndex, "snapshots" | "chosen">> {
  const { denoiser, standardise, ema, training } = options;
  const { paths: p } = context;
  const { latent, latents, tokens, weight } = coded;
  const process = processOf(options.process);
  const scale = standardise ? normalisationPerCoordinate(latents, latent) : unnormalised(latent);
  const steps = snapshotSteps(training.steps, options.snapshots);
  if (steps.length > 0) await makeFolder(p.snapshots);
  if (!(await exists(p.denoiser))) {
    const state = await fitNetwork(context, {
      name: "denoiser",
      step: denoiserStep({ network: denoiser, process, training, ema, latent, tokens, weight }),
      training,
      rows: normalise(scale, latents),
      width: latent,
      feeds: (z, step, key) => ({ z, t: trainingTimes(process, foldIn(key, "time", step), training.batch) }),
      state: p.denoiserState,
      result: ema === null ? "theta" : "ema",
      snapshots: { steps, keep: (step, kept) => saveDenoiser(context, { scale, state: kept }, snapshotPath(p, step)) },
    });
    await saveDenoiser(context, { scale, state });
  }
  if (steps.length === 0) return { snapshots: [] };
  const snapshots = await measureSnapshots(context, options, steps, coded);
  if (options.choose === "last") return { snapshots };
  const best = snapshots.reduce((a, b) => ((b.loss.heldOut ?? Infinity) < (a.loss.heldOut ?? Infinity) ? b : a));
  await saveDenoiser(context, await loadDenoiser(p, snapshotPath(p, best.step)));
  await context.note(`the denoiser of step ${best.step} is right on held-out networks most, and is sampled`);
  return { snapshots, chosen: best.step };
}

/** Originals on which a denoiser's error is told, at most, evenly chosen: more cost time and memory, and change it little. */
const MAX_MEASURED = 256;

/** The error of the kept denoisers on the originals and on held-out networks: where these part, it learns by heart. */
async function measureSnapshots(
  context: RunContext,
  options: NonNullable<AnyRecipe["diffusion"]>,
  steps: readonly number[],
  { latents, latent, tokens, weight, encode }: Coded,
): Promise<DenoiserSnapshot[]> {
  const { recipe, paths: p } = context;
  const heldOut = await verifiedHeldOut(p, recipe);
  // One half may choose the denoiser; the audit then knows only the other half.
  const files = splitHeldOut(heldOut?.files ?? [], true).choose;
  const process = processOf(options.process);
  const originals = stackRows(evenly(rowsOf(matrix(latents, latent)), MAX_MEASURED)).values;
  const held = files.length === 0 ? new Float32Array() : await encode(files);
  const errorOf = async (step: number, rows: Float32Array): Promise<number> => {
    const { scale, state } = await loadDenoiser(p, snapshotPath(p, step));
    const count = rows.length / latent;
    const asked = await predictor(options.denoiser, state, {
      ...{ steps: process.steps, count, latent, tokens },
      device: nodeDevice(recipe.device),
    });
    try {
      return await denoisingError({
        ...{ predict: asked.predict, process, weight },
        latents: normalise(scale, rows),
        key: foldIn(context.key, "denoising error"),
      });
    } finally {
      await asked.release();
    }
  };
  const snapshots: DenoiserSnapshot[] = [];
  for (const step of steps) {
    const heldOutError = files.length === 0 ? null : await errorOf(step, held);
    snapshots.push({ step, loss: { originals: await errorOf(step, originals), heldOut: heldOutError } });
    throwIfAborted(context.signal);
  }
  return snapshots;
}
