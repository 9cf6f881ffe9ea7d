/** A fitted generator on the disk: the autoencoder, the denoiser, and an index of what they are. */
import { join } from "node:path";

import { z } from "zod";
import { type Baseline, baseline } from "../../baselines/index.ts";
import { type Layout, readSafetensors } from "../../checkpoints/index.ts";
import {
  type Codec,
  type LinearSource,
  linearCodec,
  linearDirections,
  type NetworkState,
  type Normalisation,
  networkCodec,
  rangedNormalisation,
  type TensorStatistics,
  type UnitFit,
  unitCodec,
  unnormalised,
} from "../../diffusion/index.ts";
import { UserError } from "../../errors.ts";
import { readJson, sha256File, writeJson } from "../../files/index.ts";
import { type AnyRecipe, isMeasured } from "../../recipe/index.ts";
import { autoencoderFacts } from "../../records/index.ts";
import type { Paths } from "../../run/index.ts";
import { openZoo, verify, writeVectors, zooTensors } from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { unitsOf } from "../canonical-form.ts";
import { chosenTensors, classifierOf, type RunContext } from "../context.ts";

/** The error of a denoiser at one snapshot of its training. */
const snapshot = z.object({
  step: z.number(),
  loss: z.object({ originals: z.number(), heldOut: z.number().nullable() }),
});
export type DenoiserSnapshot = z.output<typeof snapshot>;

const indexSchema = z.object({
  /** Null where the generator needs none. */
  autoencoder: autoencoderFacts.nullable(),
  /** What was kept of the denoiser's training, and the step whose denoiser is sampled. */
  snapshots: z.array(snapshot).default([]),
  chosen: z.number().optional(),
  /** Checksums. */
  files: z.object({ autoencoder: z.string().optional(), denoiser: z.string().optional() }),
});

export type GeneratorIndex = z.output<typeof indexSchema>;

/** What the generator of a recipe consists of. */
export function partsOf({ generator }: Pick<AnyRecipe, "generator">): {
  readonly autoencoder: boolean;
  readonly denoiser: boolean;
  readonly baseline: Baseline | undefined;
} {
  if (generator === "diffusion" || generator === "vae")
    return { autoencoder: true, denoiser: generator === "diffusion", baseline: undefined };
  const found = baseline(generator);
  return { autoencoder: found.space === "latents", denoiser: false, baseline: found };
}

const redo = (p: Paths): string => `fit it again: pdiff fit ${p.folder} --force`;

/** Says that the generator is whole; written last. */
export async function writeGeneratorIndex(
  { recipe, paths: p }: RunContext,
  facts: Pick<GeneratorIndex, "autoencoder" | "snapshots" | "chosen">,
): Promise<void> {
  const parts = partsOf(recipe);
  await writeJson(p.generatorIndex, {
    ...facts,
    files: {
      ...(parts.autoencoder && { autoencoder: await sha256File(p.autoencoder) }),
      ...(parts.denoiser && { denoiser: await sha256File(p.denoiser) }),
    },
  });
}

/**
 * Makes sure that the generator is the one that was fitted.
 * @returns what the fit found out.
 * @throws UserError `E_CHECKPOINT` naming the file that is missing or changed, and how to make it again.
 */
export async function verifiedGenerator(p: Paths): Promise<GeneratorIndex> {
  const index = indexSchema.safeParse(await readJson(p.generatorIndex));
  if (!index.success)
    throw new UserError("E_CHECKPOINT", `${p.generatorIndex} is missing or not the index of a generator; ${redo(p)}`);
  const { files } = index.data;
  if (files.autoencoder !== undefined) await verify(p.autoencoder, files.autoencoder, redo(p));
  if (files.denoiser !== undefined) await verify(p.denoiser, files.denoiser, redo(p));
  return index.data;
}

/** The tensors of a file by name. */
interface Tensors {
  /** Throws an error that says how to make the file again where there is no such tensor. */
  get(name: string): Float32Array;
  /** For what is only written where there is any. */
  find(name: string): Float32Array | undefined;
}

async function open(path: string, p: Paths): Promise<Tensors> {
  const { tensors } = await readSafetensors(path).catch((error: unknown) => {
    throw error instanceof UserError ? new UserError(error.code, `${error.message}; or ${redo(p)}`) : error;
  });
  return {
    get(name) {
      const data = tensors.get(name);
      if (data === undefined) throw new UserError("E_CHECKPOINT", `${path} lacks ${name}; ${redo(p)}`);
      return data;
    },
    find: (name) => tensors.get(name),
  };
}

/** The state of a network as a file holds it: running statistics only where there are any. */
const stateTensors = ({ theta, buffers }: NetworkState): Record<string, Float32Array> => ({
  theta,
  ...(buffers.length > 0 && { buffers }),
});

const readState = (tensors: Tensors): NetworkState => ({
  theta: tensors.get("theta"),
  buffers: tensors.find("buffers") ?? new Float32Array(),
});

/** Writes a trained autoencoder with its normalisation: everything needed to encode and decode. */
export async function saveAutoencoder(
  { recipe, paths: p }: RunContext,
  { mean, scale, reference }: Normalisation,
  state: NetworkState,
): Promise<void> {
  await writeVectors(
    p.autoencoder,
    {
      "normalisation.mean": mean,
      "normalisation.scale": scale,
      ...(reference.some((r) => r !== 0) && { "normalisation.reference": reference }),
      ...stateTensors(state),
    },
    { options: JSON.stringify(recipe.autoencoder) },
  );
}

/** What is kept of linear latents: weights of the checkpoints, which stay where they are. */
export interface FittedLinear {
  readonly statistics: TensorStatistics;
  /** `[latent, K]` */
  readonly weights: Float32Array;
}

/** Writes linear latents. */
export async function saveLinear(
  { recipe, paths: p }: RunContext,
  { statistics, weights }: FittedLinear,
): Promise<void> {
  const { mean, scale, reference } = statistics;
  await writeVectors(
    p.autoencoder,
    { "normalisation.mean": mean, "normalisation.scale": scale, "normalisation.reference": reference, weights },
    { options: JSON.stringify(recipe.autoencoder) },
  );
}

/** Writes what the tokens of units are made with. */
export async function saveUnits({ recipe, paths: p }: RunContext, { space, mean, scale }: UnitFit): Promise<void> {
  const { axes, effects, reference } = space;
  await writeVectors(
    p.autoencoder,
    {
      ...{ "inputs.mean": axes.mean, "inputs.axes": axes.axes, "inputs.variance": axes.variance },
      ...{ effects, reference, "tokens.mean": mean, "tokens.scale": scale },
    },
    { options: JSON.stringify(recipe.autoencoder) },
  );
}

/** Reads it. */
async function loadUnits(recipe: AnyRecipe, p: Paths): Promise<UnitFit> {
  if (isMeasured(recipe)) throw new Error("only of networks that are run here are the units known");
  const tensors = await open(p.autoencoder, p);
  return {
    space: {
      units: unitsOf(recipe, chosenTensors(recipe, classifierOf(recipe))),
      axes: {
        mean: tensors.get("inputs.mean"),
        axes: tensors.get("inputs.axes"),
        variance: tensors.get("inputs.variance"),
      },
      effects: tensors.get("effects"),
      reference: tensors.get("reference"),
    },
    mean: tensors.get("tokens.mean"),
    scale: tensors.get("tokens.scale"),
  };
}

/** Opens linear latents, with the checkpoints that they are made of. */
export async function openLinear(
  recipe: AnyRecipe,
  p: Paths,
  layout: Layout,
): Promise<{ source: LinearSource; weights: Float32Array; close(): Promise<void> }> {
  const tensors = await open(p.autoencoder, p);
  const statistics = {
    mean: tensors.get("normalisation.mean"),
    scale: tensors.get("normalisation.scale"),
    reference: tensors.get("normalisation.reference"),
  };
  const checkpoints = await openZoo(p, layout);
  const normalisation = rangedNormalisation(recipe.normalisation, statistics, layout);
  return {
    source: { checkpoints, normalisation, device: nodeDevice(recipe.device) },
    weights: tensors.get("weights"),
    close: checkpoints.close,
  };
}

/** The most numbers of directions that are held in memory: 4 GiB, the largest buffer of Node 20. */
const MAX_NUMBERS = 2 ** 30;

/**
 * The fitted autoencoder, for vectors that fit in memory.
 * @throws UserError `E_RUN` where they do not.
 */
export async function loadCodec(recipe: AnyRecipe, p: Paths): Promise<{ codec: Codec; normalisation: Normalisation }> {
  const { autoencoder: network } = recipe;
  const device = nodeDevice(recipe.device);
  if (network.type === "units") {
    const codec = unitCodec(await loadUnits(recipe, p), device);
    return { codec, normalisation: unnormalised(codec.dimension) };
  }
  if (network.type !== "linear") {
    const tensors = await open(p.autoencoder, p);
    const centre = tensors.get("normalisation.mean");
    const normalisation: Normalisation = {
      mean: centre,
      scale: tensors.get("normalisation.scale"),
      reference: tensors.find("normalisation.reference") ?? new Float32Array(centre.length),
    };
    const { batch } = network.training;
    return { normalisation, codec: networkCodec({ network, state: readState(tensors), normalisation, batch, device }) };
  }
  const layout = await zooTensors(recipe, p);
  const { source, weights, close } = await openLinear(recipe, p, layout);
  try {
    const latent = weights.length / source.checkpoints.rows;
    if (latent * layout.size > MAX_NUMBERS)
      throw new UserError(
        "E_RUN",
        `${latent} directions of ${layout.size} parameters do not fit in memory; sample and export work without, or generate fewer tensors (zoo.select)`,
      );
    const normalisation = await wholeNormalisation(source);
    return { normalisation, codec: linearCodec(await linearDirections(source, weights), normalisation, device) };
  } finally {
    await close();
  }
}

/** A normalisation by ranges as whole vectors. */
async function wholeNormalisation({ checkpoints, normalisation }: LinearSource): Promise<Normalisation> {
  const { columns } = checkpoints;
  const whole = unnormalised(columns);
  const step = 2 ** 16;
  for (let start = 0; start < columns; start += step) {
    const end = Math.min(start + step, columns);
    const part = normalisation(start, end, await checkpoints.read(start, end));
    whole.mean.set(part.mean, start);
    whole.scale.set(part.scale, start);
    whole.reference.set(part.reference, start);
  }
  return whole;
}

/** A trained noise predictor and the scale of the latents that it knows. */
export interface FittedDenoiser {
  readonly scale: Normalisation;
  readonly state: NetworkState;
}

/** The file of the denoiser as it was after some steps of its training. */
export const snapshotPath = (p: Paths, step: number): string =>
  join(p.snapshots, `denoiser-${String(step).padStart(8, "0")}.safetensors`);

/** Writes a denoiser; the one that is sampled, unless another file is named. */
export async function saveDenoiser(
  { recipe, paths: p }: RunContext,
  { scale: { mean, scale }, state }: FittedDenoiser,
  path = p.denoiser,
): Promise<void> {
  await writeVectors(
    path,
    { "latent.mean": mean, "latent.std": scale, ...stateTensors(state) },
    { options: JSON.stringify(recipe.diffusion) },
  );
}

/** Reads a denoiser; the one that is sampled, unless another file is named. */
export async function loadDenoiser(p: Paths, path = p.denoiser): Promise<FittedDenoiser> {
  const tensors = await open(path, p);
  const mean = tensors.get("latent.mean");
  const scale = { mean, scale: tensors.get("latent.std"), reference: new Float32Array(mean.length) };
  return { scale, state: readState(tensors) };
}
