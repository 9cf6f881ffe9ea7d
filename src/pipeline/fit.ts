/** Stage two: learn the distribution of the checkpoints. Autoencoder, gate, then diffusion on its latents. */
import { type CheckpointReader, type Layout, openCheckpoint } from "../checkpoints/index.ts";
import {
  autoencoderStep,
  denoiserStep,
  fitLatentScale,
  fitLinearLatents,
  fitNormalisation,
  type LatentScale,
  latentRange,
  noiseSchedule,
  normalise,
  type Rows,
  standardiseLatents,
  unitScale,
  varianceExplained,
} from "../diffusion/index.ts";
import { UserError } from "../errors.ts";
import { makeFolder, remove } from "../files/index.ts";
import { schedule } from "../nn/index.ts";
import { fold, integers, type Key, permutation } from "../random/index.ts";
import { train, trainer } from "../training/index.ts";
import { exists, type StageContext, throwIfAborted, trainingReporter, verifiedCheckpoints } from "./context.ts";
import { loadCodec, saveAutoencoder, saveDenoiser, writeGeneratorIndex } from "./generator.ts";

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
    if (!(await exists(p.denoiser))) await fitDenoiser(context, latents, codec.latent);
    const { type } = recipe.autoencoder;
    await writeGeneratorIndex(p, { type, varianceExplained: explained, latent: codec.latent, range });
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

async function fitAutoencoder(context: StageContext, zoo: Rows, vectors: Float32Array, chosen: Layout): Promise<void> {
  const { recipe, paths: p, signal } = context;
  const options = recipe.autoencoder;
  if (options.type === "linear") return fitLinear(context, zoo, vectors, options.latent, chosen);
  const normalisation = fitNormalisation(recipe.normalisation, vectors, chosen);
  const rows = normalise(normalisation, vectors);
  const { noise, training } = options;
  const step = autoencoderStep({ network: options, noise, training, dimension: zoo.dimension });
  const run = await trainer({ ...step, device: recipe.device });
  try {
    const key = fold(context.key, "autoencoder");
    run.initialise(fold(key, "initialise"));
    const next = batches(fold(key, "order"), zoo.count, training.batch);
    const v = new Float32Array(training.batch * zoo.dimension);
    await train({
      trainer: run,
      steps: training.steps,
      lr: schedule(training.schedule, training),
      noise: fold(key, "noise"),
      feeds: (step) => {
        gatherRows(rows, zoo.dimension, next(step), v);
        return { v };
      },
      saver: context.saver(p.autoencoderState),
      signal,
      onStep: trainingReporter(context, "fit", "training the autoencoder", training.steps),
    });
    await saveAutoencoder(context, normalisation, { theta: run.read("theta") });
  } finally {
    await run.release();
  }
}

async function fitLinear(
  context: StageContext,
  { count, dimension }: Rows,
  vectors: Float32Array,
  latent: number,
  chosen: Layout,
): Promise<void> {
  const { recipe } = context;
  const normalisation = fitNormalisation(recipe.normalisation, vectors, chosen);
  const normal = normalise(normalisation, vectors);
  const rows: Rows = {
    count,
    dimension,
    async read(start, end) {
      const out = new Float32Array(count * (end - start));
      for (let k = 0; k < count; k++)
        out.set(normal.subarray(k * dimension + start, k * dimension + end), k * (end - start));
      return out;
    },
  };
  await context.progress("finding linear latents", 0, 1);
  const { mean, components } = await fitLinearLatents(rows, latent, recipe.device);
  await context.progress("finding linear latents", 1, 1);
  await saveAutoencoder(context, normalisation, { mean, components });
}

async function fitDenoiser(context: StageContext, latents: Float32Array, latent: number): Promise<void> {
  const { recipe, paths: p, signal } = context;
  const { denoiser, process, standardise, ema, training } = recipe.diffusion;
  const scale: LatentScale = standardise ? fitLatentScale(latents, latent) : unitScale(latent);
  const rows = standardiseLatents(latents, scale);
  const step = denoiserStep({ network: denoiser, schedule: noiseSchedule(process), training, ema, latent });
  const run = await trainer({ ...step, device: recipe.device });
  try {
    const key = fold(context.key, "denoiser");
    run.initialise(fold(key, "initialise"));
    const next = batches(fold(key, "order"), rows.length / latent, training.batch);
    const z = new Float32Array(training.batch * latent);
    await train({
      trainer: run,
      steps: training.steps,
      lr: schedule(training.schedule, training),
      noise: fold(key, "noise"),
      feeds: (step) => {
        gatherRows(rows, latent, next(step), z);
        return { z, t: integers(fold(key, "time", step), training.batch, process.steps) };
      },
      saver: context.saver(p.denoiserState),
      signal,
      onStep: trainingReporter(context, "fit", "training the denoiser", training.steps),
    });
    const theta = run.read(ema === null ? "theta" : "ema");
    await saveDenoiser(context, { scale, theta });
  } finally {
    await run.release();
  }
}
