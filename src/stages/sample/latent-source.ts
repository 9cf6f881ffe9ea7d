/** A fitted generator that is asked for latents, as often as one likes. */
import {
  denormalise,
  predictor,
  priorLatents,
  processOf,
  type SampleRun,
  sampleLatents,
  type TokenShape,
} from "../../diffusion/index.ts";
import { UserError } from "../../errors.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { denoiserOf, loadDenoiser, samplerOf } from "../fit/generator-files.ts";
import type { GeneratorSetting } from "../fit/generator-index.ts";

/** Draws latents, always the same number at once. */
export interface LatentSource {
  /**
   * Latents `[count, latent]`, in the autoencoder's units.
   * @throws UserError `E_RUN` when sampling diverges.
   */
  draw(options: Pick<SampleRun, "key" | "first" | "from" | "onStep">): Promise<Float32Array>;
  release(): Promise<void>;
}

/** How many latents at once, and of which form. */
export interface LatentShape {
  readonly count: number;
  readonly latent: number;
  readonly tokens?: TokenShape | undefined;
}

/** Opens the denoiser of a run, or the prior of its variational autoencoder. */
export async function openLatents(
  setting: GeneratorSetting,
  { count, latent, tokens }: LatentShape,
): Promise<LatentSource> {
  const { recipe, paths: p } = setting;
  const { diffusion } = recipe;
  if (recipe.generator === "vae" || diffusion === null)
    return { draw: async ({ key, first }) => priorLatents({ count, latent, key, first }), release: async () => {} };
  const process = processOf(diffusion.process);
  const { scale, state } = await loadDenoiser(p);
  const { predict, release } = await predictor(denoiserOf(setting, tokens), state, {
    count,
    latent,
    device: nodeDevice(recipe.device),
  });
  return {
    async draw(options) {
      const latents = await sampleLatents(samplerOf(setting), { predict, process, count, latent, ...options });
      if (!latents.every(Number.isFinite))
        throw new UserError(
          "E_RUN",
          "sampling diverged (non-finite values); train the denoiser longer (diffusion.training.steps)",
        );
      return denormalise(scale, latents);
    },
    release,
  };
}
