/**
 * The generator of a run as one ONNX model: noise in, parameters out, the sampler's whole loop inside. It runs wherever ONNX
 * Runtime does, and draws what `pdiff sample` draws from the same noise.
 */
import { generatorGraph, noiseRows, processOf } from "../../diffusion/index.ts";
import { UserError } from "../../errors.ts";
import { writeAtomic } from "../../files/index.ts";
import { encode } from "../../graph/index.ts";
import type { AnyRecipe } from "../../recipe/index.ts";
import type { Paths } from "../../run/index.ts";
import { loadCodec, loadDenoiser, partsOf, verifiedGenerator } from "../fit/generator-files.ts";

/** The most bytes of an ONNX model in one file, a limit of its format. */
const MAX_BYTES = 2 ** 31 - 1;

/** What an exported generator takes and gives. */
export interface ExportedGenerator {
  readonly file: string;
  /** The shape of the input `noise`: rows, networks at a time, numbers of a latent. */
  readonly noise: readonly [rows: number, count: number, latent: number];
  /** The shape of the output `parameters`. */
  readonly parameters: readonly [count: number, dimension: number];
}

/**
 * Writes the generator.
 * @param file where to.
 * @param count networks that the model draws at a time.
 * @throws UserError `E_RUN` where the run's generator is no diffusion model, or is too large for one file.
 */
export async function exportGenerator(
  recipe: AnyRecipe,
  p: Paths,
  file: string,
  count = 1,
): Promise<ExportedGenerator> {
  await verifiedGenerator(p);
  const { diffusion, autoencoder } = recipe;
  if (diffusion === null || !partsOf(recipe).denoiser)
    throw new UserError("E_RUN", `the generator of ${p.folder} is ${recipe.generator}, which is no diffusion model`);
  if (count > 1 && autoencoder.type === "v3" && autoencoder.batchNorm === "batch")
    throw new UserError("E_RUN", "this autoencoder decodes networks one by one; export one at a time (--batch 1)");
  const { codec } = await loadCodec(recipe, p);
  try {
    const { latent, dimension, tokens } = codec;
    const process = processOf(diffusion.process);
    const { sampler } = recipe.sample;
    // Directions, mean and scale of linear latents are most of it; of a network its parameters are counted twice to be safe.
    const size = 4 * dimension * (autoencoder.type === "linear" ? latent + 4 : 4);
    if (size > MAX_BYTES)
      throw new UserError(
        "E_RUN",
        `the generator would take ${size} bytes, and an ONNX model at most ${MAX_BYTES}; generate fewer tensors (zoo.select), or use fewer latents (autoencoder.latent)`,
      );
    const { scale, state } = await loadDenoiser(p);
    const parameters = generatorGraph({
      ...{ denoiser: diffusion.denoiser, state, process, sampler, scale, tokens, count, latent },
      decode: codec.decoded,
    });
    await writeAtomic(file, encode({ parameters }).bytes);
    return { file, noise: [noiseRows(sampler, process), count, latent], parameters: [count, dimension] };
  } finally {
    await codec.release();
  }
}
