/**
 * The generator of a run as one ONNX model: noise in, parameters out, the sampler's whole loop
 * inside. It runs wherever ONNX Runtime does, and draws what `pdiff sample` draws from the same
 * noise.
 */
import { generatorGraph, noiseRows, processOf } from "../../diffusion/index.ts";
import { UserError } from "../../errors.ts";
import { writeAtomic } from "../../files/index.ts";
import { encode } from "../../graph/index.ts";
import { denoiserOf, loadCodec, loadDenoiser, loadGuide, samplerOf } from "../fit/generator-files.ts";
import { contentsOf, type GeneratorSetting, verifiedGenerator } from "../fit/generator-index.ts";

/** The most bytes of an ONNX model in one file, a limit of its format. */
const MAX_BYTES = 2 ** 31 - 1;

/** The inputs and outputs of an exported generator. */
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
 * @throws UserError `E_RUN` where the run's generator is no diffusion model, or is too large for
 *   one file.
 */
export async function exportGenerator(setting: GeneratorSetting, file: string, count = 1): Promise<ExportedGenerator> {
  const { recipe, paths: p } = setting;
  await verifiedGenerator(p);
  const { diffusion } = recipe;
  if (diffusion === null || !contentsOf(setting).denoiser)
    throw new UserError("E_RUN", `the generator of ${p.folder} is ${recipe.generator}, which is no diffusion model`);
  const { codec } = await loadCodec(setting);
  try {
    if (count > 1 && codec.decodesAlone)
      throw new UserError("E_RUN", "this autoencoder decodes networks one by one; export one at a time (--batch 1)");
    const { latent, dimension, tokens } = codec;
    const size = 4 * codec.constants;
    if (size > MAX_BYTES)
      throw new UserError(
        "E_RUN",
        `the generator would take ${size} bytes, and an ONNX model at most ${MAX_BYTES}; generate fewer tensors (zoo.select), or use fewer latents (autoencoder.latent)`,
      );
    const process = processOf(diffusion.process);
    const sampler = samplerOf(setting);
    const { scale, state } = await loadDenoiser(setting);
    const parameters = generatorGraph({
      denoiser: denoiserOf(setting, tokens),
      state,
      guide: await loadGuide(setting),
      process,
      sampler,
      scale,
      count,
      latent,
      decode: codec.decoded,
    });
    await writeAtomic(file, encode({ parameters }).bytes);
    return {
      file,
      noise: [noiseRows(sampler, process), count, latent],
      parameters: [count, dimension],
    };
  } finally {
    await codec.release();
  }
}
