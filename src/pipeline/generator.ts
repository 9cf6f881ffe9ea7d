/** A fitted generator on the disk: the autoencoder, the denoiser, and an index of what they are. */
import { z } from "zod";

import { readSafetensors } from "../checkpoints/index.ts";
import { type Codec, linearCodec, type Normalisation, networkCodec } from "../diffusion/index.ts";
import { UserError } from "../errors.ts";
import { readJson, sha256File, writeJson } from "../files/index.ts";
import { type StageContext, verify, writeVectors } from "./context.ts";
import type { Recipe } from "./recipe.ts";
import { autoencoderFacts } from "./results.ts";
import type { Paths } from "./run-folder.ts";

const indexSchema = z.object({
  autoencoder: autoencoderFacts,
  /** Checksums. */
  files: z.object({ autoencoder: z.string(), denoiser: z.string() }),
});

type AutoencoderFacts = z.output<typeof autoencoderFacts>;

const redo = (p: Paths): string => `fit it again: pdiff fit ${p.folder} --force`;

/** Says that the generator is whole; written last. */
export async function writeGeneratorIndex(p: Paths, autoencoder: AutoencoderFacts): Promise<void> {
  await writeJson(p.generatorIndex, {
    autoencoder,
    files: { autoencoder: await sha256File(p.autoencoder), denoiser: await sha256File(p.denoiser) },
  });
}

/**
 * Makes sure that the generator is the one that was fitted.
 * @returns what the fit found out about the autoencoder.
 * @throws UserError `E_CHECKPOINT` naming the file that is missing or changed, and how to make it again.
 */
export async function verifiedGenerator(p: Paths): Promise<AutoencoderFacts> {
  const index = indexSchema.safeParse(await readJson(p.generatorIndex));
  if (!index.success)
    throw new UserError("E_CHECKPOINT", `${p.generatorIndex} is missing or not the index of a generator; ${redo(p)}`);
  const { autoencoder, files } = index.data;
  await verify(p.autoencoder, files.autoencoder, redo(p));
  await verify(p.denoiser, files.denoiser, redo(p));
  return autoencoder;
}

/** The tensors of a file by name; a name that is not there is an error that says how to make the file again. */
async function open(path: string, p: Paths): Promise<(name: string) => Float32Array> {
  const { tensors } = await readSafetensors(path).catch((error: unknown) => {
    throw error instanceof UserError ? new UserError(error.code, `${error.message}; or ${redo(p)}`) : error;
  });
  return (name) => {
    const data = tensors.get(name);
    if (data === undefined) throw new UserError("E_CHECKPOINT", `${path} lacks ${name}; ${redo(p)}`);
    return data;
  };
}

/** Writes everything needed to encode and decode. */
export async function saveAutoencoder(
  { recipe, paths: p }: StageContext,
  { mean, scale }: Normalisation,
  tensors: Readonly<Record<string, Float32Array>>,
): Promise<void> {
  await writeVectors(
    p.autoencoder,
    { "normalisation.mean": mean, "normalisation.scale": scale, ...tensors },
    { options: JSON.stringify(recipe.autoencoder) },
  );
}

/** The fitted autoencoder. */
export async function loadCodec(recipe: Recipe, p: Paths): Promise<{ codec: Codec; normalisation: Normalisation }> {
  const tensor = await open(p.autoencoder, p);
  const normalisation = { mean: tensor("normalisation.mean"), scale: tensor("normalisation.scale") };
  const { autoencoder: options, device } = recipe;
  if (options.type !== "linear")
    return { normalisation, codec: await networkCodec(options, tensor("theta"), normalisation, device) };
  const [mean, components] = [tensor("mean"), tensor("components")];
  const latents = { mean, components, latent: components.length / mean.length };
  return { normalisation, codec: await linearCodec(latents, normalisation, device) };
}

/** A trained noise predictor and the scale of the latents that it knows. */
export interface FittedDenoiser {
  readonly scale: Normalisation;
  readonly theta: Float32Array;
}

export async function saveDenoiser(
  { recipe, paths: p }: StageContext,
  { scale: { mean, scale }, theta }: FittedDenoiser,
): Promise<void> {
  await writeVectors(
    p.denoiser,
    { "latent.mean": mean, "latent.std": scale, theta },
    { options: JSON.stringify(recipe.diffusion) },
  );
}

export async function loadDenoiser(p: Paths): Promise<FittedDenoiser> {
  const tensor = await open(p.denoiser, p);
  return { scale: { mean: tensor("latent.mean"), scale: tensor("latent.std") }, theta: tensor("theta") };
}
