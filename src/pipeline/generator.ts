/** A fitted generator on the disk: the autoencoder, the denoiser, and an index of what they are. */
import { join } from "node:path";

import { z } from "zod";

import { readSafetensors } from "../checkpoints/index.ts";
import { type Codec, linearCodec, type NetworkState, type Normalisation, networkCodec } from "../diffusion/index.ts";
import { UserError } from "../errors.ts";
import { readJson, sha256File, writeJson } from "../files/index.ts";
import { type Rival, rival } from "../rivals/index.ts";
import { type StageContext, verify, writeVectors } from "./context.ts";
import type { Recipe } from "./recipe.ts";
import { autoencoderFacts } from "./results.ts";
import type { Paths } from "./run-folder.ts";

/** The error of a denoiser at one moment of its training. */
const moment = z.object({
  step: z.number(),
  loss: z.object({ originals: z.number(), heldOut: z.number().nullable() }),
});
export type Moment = z.output<typeof moment>;

const indexSchema = z.object({
  /** Null where the generator needs none. */
  autoencoder: autoencoderFacts.nullable(),
  /** What was kept of the denoiser's training, and the step whose denoiser is sampled. */
  moments: z.array(moment).default([]),
  chosen: z.number().optional(),
  /** Checksums. */
  files: z.object({ autoencoder: z.string().optional(), denoiser: z.string().optional() }),
});

export type GeneratorIndex = z.output<typeof indexSchema>;

/** What the generator of a recipe consists of. */
export function partsOf({ generator }: Recipe): {
  readonly autoencoder: boolean;
  readonly denoiser: boolean;
  readonly rival: Rival | undefined;
} {
  if (generator === "diffusion" || generator === "vae")
    return { autoencoder: true, denoiser: generator === "diffusion", rival: undefined };
  const found = rival(generator);
  return { autoencoder: found.space === "latents", denoiser: false, rival: found };
}

const redo = (p: Paths): string => `fit it again: pdiff fit ${p.folder} --force`;

/** Says that the generator is whole; written last. */
export async function writeGeneratorIndex(
  { recipe, paths: p }: StageContext,
  facts: Pick<GeneratorIndex, "autoencoder" | "moments" | "chosen">,
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

/** What is fitted of an autoencoder: a trained network, or the linear latents' mean and directions. */
export type FittedAutoencoder = NetworkState | { readonly mean: Float32Array; readonly components: Float32Array };

/** Writes everything needed to encode and decode. */
export async function saveAutoencoder(
  { recipe, paths: p }: StageContext,
  { mean, scale, reference }: Normalisation,
  fitted: FittedAutoencoder,
): Promise<void> {
  await writeVectors(
    p.autoencoder,
    {
      "normalisation.mean": mean,
      "normalisation.scale": scale,
      ...(reference.some((r) => r !== 0) && { "normalisation.reference": reference }),
      ...("theta" in fitted ? stateTensors(fitted) : fitted),
    },
    { options: JSON.stringify(recipe.autoencoder) },
  );
}

/** The fitted autoencoder. */
export async function loadCodec(recipe: Recipe, p: Paths): Promise<{ codec: Codec; normalisation: Normalisation }> {
  const tensors = await open(p.autoencoder, p);
  const centre = tensors.get("normalisation.mean");
  const normalisation: Normalisation = {
    mean: centre,
    scale: tensors.get("normalisation.scale"),
    reference: tensors.find("normalisation.reference") ?? new Float32Array(centre.length),
  };
  const { autoencoder: network, device } = recipe;
  if (network.type !== "linear") {
    const { batch } = network.training;
    return { normalisation, codec: networkCodec({ network, state: readState(tensors), normalisation, batch, device }) };
  }
  const [mean, components] = [tensors.get("mean"), tensors.get("components")];
  const latents = { mean, components, latent: components.length / mean.length };
  return { normalisation, codec: linearCodec(latents, normalisation, device) };
}

/** A trained noise predictor and the scale of the latents that it knows. */
export interface FittedDenoiser {
  readonly scale: Normalisation;
  readonly state: NetworkState;
}

/** The file of the denoiser as it was after some steps of its training. */
export const momentPath = (p: Paths, step: number): string =>
  join(p.moments, `denoiser-${String(step).padStart(8, "0")}.safetensors`);

/** Writes a denoiser; the one that is sampled, unless another file is named. */
export async function saveDenoiser(
  { recipe, paths: p }: StageContext,
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
