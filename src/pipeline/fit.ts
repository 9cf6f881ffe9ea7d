/** Stage two: learn the distribution of the checkpoints. Autoencoder, gate, then diffusion on its latents. */
import { type CheckpointReader, type Layout, openCheckpoint } from "../checkpoints/index.ts";
import {
  autoencoderStep,
  denoiserStep,
  fitLinearLatents,
  fitNormalisation,
  latentRange,
  type NetworkState,
  type Normalisation,
  noiseSchedule,
  normalisationPerCoordinate,
  normalise,
  type Rows,
  sliceNormalisation,
  type TrainingOptions,
  unnormalised,
  varianceExplained,
} from "../diffusion/index.ts";
import { UserError } from "../errors.ts";
import { makeFolder, remove } from "../files/index.ts";
import { schedule } from "../nn/index.ts";
import { fold, integers, type Key, permutation } from "../random/index.ts";
import type { Feeds } from "../runtime/index.ts";
import { type StepOptions, train, trainer } from "../training/index.ts";
import { exists, type StageContext, throwIfAborted, trainingReporter, verifiedCheckpoints } from "./context.ts";
import { loadCodec, saveAutoencoder, saveDenoiser, writeGeneratorIndex } from "./generator.ts";
import type { Recipe } from "./recipe.ts";

export async function fit(context: StageContext): Promise<void> {
  const { recipe, paths: p } = context;
  const { chosen } = await context.task();
  const zoo = await openZoo(context, chosen);
  try {
    const vectors = await zoo.read(0, zoo.dimension);
    requireDifferent(vectors, zoo.dimension);
    await makeFolder(p.generator);
    if (!(await exists(p.autoencoder))) await fitAutoencoder(context, zoo, vectors, chosen);
    throwIfAborted(context.signal);
    const { codec, normalisation } = await loadCodec(recipe, p);
    const latents = await codec.encode(vectors);
    const explained = varianceExplained(vectors, await codec.decode(latents), normalisation);
    await codec.release();
    const range = latentRange(latents);
    await context.note(
      `the autoencoder explains ${(100 * explained).toFixed(2)} % of the variance between checkpoints; latents of ${codec.latent} numbers from ${range.min.toPrecision(3)} to ${range.max.toPrecision(3)}, sd ${range.sd.toPrecision(3)}`,
    );
    await passGate(context, explained);
    if (recipe.diffusion !== null && !(await exists(p.denoiser)))
      await fitDenoiser(context, recipe.diffusion, latents, codec.latent);
    const { type } = recipe.autoencoder;
    await writeGeneratorIndex(context, { type, varianceExplained: explained, latent: codec.latent, range });
    for (const state of [p.autoencoderState, p.denoiserState]) await remove(state);
  } finally {
    await zoo.close();
  }
}

/** The zoo as rows that can be read by ranges of coordinates, every file checked. */
async function openZoo({ paths: p }: StageContext, layout: Layout): Promise<Rows & { close(): Promise<void> }> {
  const files = await verifiedCheckpoints(p.zoo, `make the zoo again: pdiff collect ${p.folder} --force`);
  const readers: CheckpointReader[] = [];
  const close = async () => {
    await Promise.all(readers.map((r) => r.close()));
  };
  try {
    for (const file of files) readers.push(await openCheckpoint(file, layout));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    count: files.length,
    dimension: layout.size,
    async read(start, end) {
      const rows = new Float32Array(readers.length * (end - start));
      await Promise.all(
        readers.map((r, i) => r.read(start, end, rows.subarray(i * (end - start), (i + 1) * (end - start)))),
      );
      return rows;
    },
    close,
  };
}

/** Equal checkpoints, such as a learning rate of all but nothing makes, teach nothing. */
function requireDifferent(vectors: Float32Array, dimension: number): void {
  for (let i = dimension; i < vectors.length; i++) if (vectors[i] !== vectors[i % dimension]) return;
  throw new UserError(
    "E_RUN",
    "all checkpoints of the zoo are equal: there is nothing to learn; collect them with a higher learning rate (zoo.lr) or further apart (zoo.every=epoch), in another folder",
  );
}

/** The gate of design: an autoencoder that only knows the mean checkpoint reconstructs well and generates nothing. */
async function passGate({ recipe, paths: p, ignoreGate, warn }: StageContext, explained: number): Promise<void> {
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
      if (now !== epoch) order = Int32Array.from(permutation(fold(key, (epoch = now)), rows));
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
}

/** Trains a network on batches of rows. */
async function fitNetwork(context: StageContext, fitting: Fitting): Promise<NetworkState> {
  const { name, training, rows, width, feeds, state } = fitting;
  const run = await trainer({ ...fitting.step, device: context.recipe.device });
  try {
    const key = fold(context.key, name);
    run.initialise(fold(key, "initialise"));
    const next = batches(fold(key, "order"), rows.length / width, training.batch);
    const batch = new Float32Array(training.batch * width);
    await train({
      trainer: run,
      steps: training.steps,
      lr: schedule(training.schedule, training),
      noise: fold(key, "noise"),
      feeds: (step) => {
        gatherRows(rows, width, next(step), batch);
        return feeds(batch, step, key);
      },
      saver: context.saver(state),
      signal: context.signal,
      onStep: trainingReporter(context, "fit", `training the ${name}`, training.steps),
    });
    return {
      theta: run.read(fitting.result),
      buffers: run.moving.length > 0 ? run.read("buffers") : new Float32Array(),
    };
  } finally {
    await run.release();
  }
}

async function fitAutoencoder(context: StageContext, zoo: Rows, vectors: Float32Array, chosen: Layout): Promise<void> {
  const { recipe, paths: p } = context;
  const { autoencoder: options } = recipe;
  const normalisation = fitNormalisation(recipe.normalisation, vectors, chosen);
  if (options.type === "linear") return fitLinear(context, zoo, normalisation, options.latent);
  const { noise, training } = options;
  const state = await fitNetwork(context, {
    name: "autoencoder",
    step: autoencoderStep({ network: options, noise, training, dimension: zoo.dimension }),
    training,
    rows: normalise(normalisation, vectors),
    width: zoo.dimension,
    feeds: (v) => ({ v }),
    state: p.autoencoderState,
    result: "theta",
  });
  await saveAutoencoder(context, normalisation, state);
}

/** Linear latents, streamed from the zoo and normalised on the way. */
async function fitLinear(
  context: StageContext,
  zoo: Rows,
  normalisation: Normalisation,
  latent: number,
): Promise<void> {
  const rows: Rows = {
    ...zoo,
    read: async (start, end) => normalise(sliceNormalisation(normalisation, start, end), await zoo.read(start, end)),
  };
  await context.progress("finding linear latents", 0, 1);
  const found = await fitLinearLatents(rows, latent, context.recipe.device);
  await context.progress("finding linear latents", 1, 1);
  await saveAutoencoder(context, normalisation, { mean: found.mean, components: found.components });
}

async function fitDenoiser(
  context: StageContext,
  { denoiser, process, standardise, ema, training }: NonNullable<Recipe["diffusion"]>,
  latents: Float32Array,
  latent: number,
): Promise<void> {
  const scale = standardise ? normalisationPerCoordinate(latents, latent) : unnormalised(latent);
  const state = await fitNetwork(context, {
    name: "denoiser",
    step: denoiserStep({ network: denoiser, schedule: noiseSchedule(process), training, ema, latent }),
    training,
    rows: normalise(scale, latents),
    width: latent,
    feeds: (z, step, key) => ({ z, t: integers(fold(key, "time", step), training.batch, process.steps) }),
    state: context.paths.denoiserState,
    result: ema === null ? "theta" : "ema",
  });
  await saveDenoiser(context, { scale, state });
}
