/** Stage two: learn the distribution of the checkpoints. Autoencoder, gate, then diffusion on its latents. */
import { mkdir, rm } from "node:fs/promises";

import {
  type CheckpointReader,
  type Layout,
  openCheckpoint,
  readSafetensors,
  writeSafetensors,
} from "../checkpoints/index.ts";
import {
  autoencoderStep,
  type Codec,
  denoiserStep,
  fitLatentScale,
  fitLinearLatents,
  fitNormalisation,
  type LatentScale,
  latentRange,
  linearCodec,
  type Normalisation,
  networkCodec,
  noiseSchedule,
  normalise,
  type Rows,
  standardiseLatents,
  unitScale,
  varianceExplained,
} from "../diffusion/index.ts";
import { UserError } from "../errors.ts";
import { removeTemporaries, sha256File, writeJson } from "../files/index.ts";
import { schedule } from "../nn/index.ts";
import { fold, integers, type Key, permutation } from "../random/index.ts";
import { train, trainer } from "../training/index.ts";
import {
  exists,
  fileSaver,
  type StageContext,
  throwIfAborted,
  trainingReporter,
  verifiedCheckpoints,
} from "./context.ts";
import type { Recipe } from "./recipe.ts";

export async function fit(context: StageContext): Promise<void> {
  const { recipe, paths: p } = context;
  await mkdir(p.generator, { recursive: true });
  await removeTemporaries(p.generator);
  const { chosen } = await context.task();
  const zoo = await openZoo(context, chosen);
  try {
    if (!(await exists(p.autoencoder))) await fitAutoencoder(context, zoo, chosen);
    throwIfAborted(context.signal);
    const { codec, normalisation } = await loadCodec(recipe, p.autoencoder);
    const vectors = await zoo.read(0, zoo.dimension);
    const latents = await codec.encode(vectors);
    const explained = varianceExplained(vectors, await codec.decode(latents), normalisation);
    await codec.release();
    const range = latentRange(latents);
    await context.note(
      `the autoencoder explains ${(100 * explained).toFixed(2)} % of the variance between checkpoints; latents of ${codec.latent} numbers from ${range.min.toPrecision(3)} to ${range.max.toPrecision(3)}, sd ${range.sd.toPrecision(3)}`,
    );
    await passGate(context, explained);
    if (!(await exists(p.denoiser))) await fitDenoiser(context, latents, codec.latent);
    await writeJson(p.generatorIndex, {
      autoencoder: { type: recipe.autoencoder.type, varianceExplained: explained, latent: codec.latent, range },
      files: { autoencoder: await sha256File(p.autoencoder), denoiser: await sha256File(p.denoiser) },
    });
    for (const state of [p.autoencoderState, p.denoiserState]) await rm(state, { force: true });
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

/** The gate of design: an autoencoder that only knows the mean checkpoint reconstructs well and generates nothing. */
async function passGate({ recipe, ignoreGate, warn }: StageContext, explained: number): Promise<void> {
  const { gate } = recipe.autoencoder;
  if (explained >= gate) return;
  const problem = `the autoencoder explains only ${(100 * explained).toFixed(1)} % of the variance between checkpoints (the gate is ${(100 * gate).toFixed(0)} %): its samples would be copies of the mean`;
  if (!ignoreGate) {
    throw new UserError(
      "E_GATE",
      `${problem}; train it longer (autoencoder.training.steps), normalise per coordinate (normalisation=coordinate), use preset=linear, or go on anyway with --ignore-gate`,
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

async function fitAutoencoder(context: StageContext, zoo: Rows, chosen: Layout): Promise<void> {
  const { recipe, paths: p, signal } = context;
  const options = recipe.autoencoder;
  if (options.type === "linear") return fitLinear(context, zoo, chosen);
  if (options.type === "conv" && options.latent > zoo.dimension) throw tooWide(options.latent, zoo.dimension);
  const vectors = await zoo.read(0, zoo.dimension);
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
      saver: fileSaver(p.autoencoderState),
      signal,
      onStep: trainingReporter(context, "fit", "training the autoencoder", training.steps),
    });
    await saveAutoencoder(context, normalisation, [{ name: "theta", data: run.read("theta") }]);
  } finally {
    await run.release();
  }
}

const tooWide = (latent: number, dimension: number) =>
  new UserError(
    "E_CONFIG",
    `autoencoder.latent is ${latent}, wider than the ${dimension} generated parameters; use a smaller one`,
  );

async function fitLinear(context: StageContext, zoo: Rows, chosen: Layout): Promise<void> {
  const { recipe } = context;
  const { latent } = recipe.autoencoder as Extract<Recipe["autoencoder"], { type: "linear" }>;
  if (latent > zoo.dimension) throw tooWide(latent, zoo.dimension);
  const none: Normalisation = { mean: new Float32Array(zoo.dimension), scale: new Float32Array(zoo.dimension).fill(1) };
  let normalisation = none;
  let rows = zoo;
  if (recipe.normalisation !== "none") {
    const vectors = await zoo.read(0, zoo.dimension);
    normalisation = fitNormalisation(recipe.normalisation, vectors, chosen);
    const normal = normalise(normalisation, vectors);
    const { dimension } = zoo;
    rows = {
      ...zoo,
      read: async (start, end) => {
        const out = new Float32Array(zoo.count * (end - start));
        for (let k = 0; k < zoo.count; k++)
          out.set(normal.subarray(k * dimension + start, k * dimension + end), k * (end - start));
        return out;
      },
    };
  }
  await context.progress("finding linear latents", 0, 1);
  const { mean, components } = await fitLinearLatents(rows, latent, recipe.device);
  await context.progress("finding linear latents", 1, 1);
  await saveAutoencoder(context, normalisation, [
    { name: "mean", data: mean },
    { name: "components", data: components },
  ]);
}

/** Everything needed to encode and decode, in one file. */
async function saveAutoencoder(
  { recipe, paths: p }: StageContext,
  { mean, scale }: Normalisation,
  tensors: { name: string; data: Float32Array }[],
): Promise<void> {
  const all = [{ name: "normalisation.mean", data: mean }, { name: "normalisation.scale", data: scale }, ...tensors];
  await writeSafetensors(
    p.autoencoder,
    all.map(({ name, data }) => ({ name, shape: [data.length], data })),
    { options: JSON.stringify(recipe.autoencoder) },
  );
}

/** The fitted autoencoder, from its file. */
export async function loadCodec(recipe: Recipe, path: string): Promise<{ codec: Codec; normalisation: Normalisation }> {
  const { tensors } = await readSafetensors(path);
  const tensor = (name: string): Float32Array => {
    const data = tensors.get(name);
    if (data === undefined)
      throw new UserError("E_CHECKPOINT", `${path} lacks ${name}; fit the run again with --force`);
    return data;
  };
  const normalisation = { mean: tensor("normalisation.mean"), scale: tensor("normalisation.scale") };
  const options = recipe.autoencoder;
  if (options.type !== "linear")
    return { normalisation, codec: await networkCodec(options, tensor("theta"), normalisation, recipe.device) };
  const [mean, components] = [tensor("mean"), tensor("components")];
  return {
    normalisation,
    codec: await linearCodec(
      { mean, components, latent: components.length / mean.length },
      normalisation,
      recipe.device,
    ),
  };
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
      saver: fileSaver(p.denoiserState),
      signal,
      onStep: trainingReporter(context, "fit", "training the denoiser", training.steps),
    });
    const theta = run.read(ema === null ? "theta" : "ema");
    const tensors = { "latent.mean": scale.mean, "latent.std": scale.std, theta };
    await writeSafetensors(
      p.denoiser,
      Object.entries(tensors).map(([name, data]) => ({ name, shape: [data.length], data })),
      { options: JSON.stringify(recipe.diffusion) },
    );
  } finally {
    await run.release();
  }
}
