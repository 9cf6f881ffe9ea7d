/** A fitted generator that is asked for latents, as often as one likes. */
import {
  type CompiledPredictor,
  denormalise,
  guided,
  type NetworkState,
  predictor,
  priorLatents,
  processOf,
  type SampleRun,
  sampleLatents,
  type TokenShape,
} from "../../diffusion/index.ts";
import { UserError } from "../../errors.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import {
  denoiserOf,
  type FittedDenoiser,
  type Guide,
  loadDenoiser,
  loadGuide,
  loadSnapshot,
  samplerOf,
} from "../fit/generator-files.ts";
import type { GeneratorSetting } from "../fit/generator-index.ts";

/** Draws latents, always the same number at once. */
export interface LatentSource {
  /** Latents `[count, latent]`, in the autoencoder's units; not finite where sampling diverges. */
  draw(options: Pick<SampleRun, "key" | "first" | "from" | "onStep">): Promise<Float32Array>;
  /** A state of the sampler in the autoencoder's units. */
  latentsOf(x: Float32Array): Float32Array;
  release(): Promise<void>;
}

/** How many latents at once, and of which form. */
export interface LatentShape {
  readonly count: number;
  readonly latent: number;
  readonly tokens?: TokenShape | undefined;
}

/**
 * Opens the denoiser of a run, guided as the recipe says, or the prior of its variational
 * autoencoder.
 * @param snapshot the step of the training whose denoiser is asked, without guidance; by default
 *   the run's own.
 */
export async function openLatents(
  setting: GeneratorSetting,
  shape: LatentShape,
  snapshot?: number,
): Promise<LatentSource> {
  const { recipe } = setting;
  const { count, latent } = shape;
  const { diffusion } = recipe;
  if (recipe.generator === "vae" || diffusion === null)
    return {
      draw: async ({ key, first }) => priorLatents({ count, latent, key, first }),
      latentsOf: (x) => x,
      release: async () => {},
    };
  const process = processOf(diffusion.process);
  const denoiser = await (snapshot === undefined ? loadDenoiser(setting) : loadSnapshot(setting, snapshot));
  const guide = snapshot === undefined ? await loadGuide(setting) : undefined;
  const { predict, release } = await openPredictor(setting, shape, { denoiser, guide });
  const latentsOf = (x: Float32Array) => denormalise(denoiser.scale, x);
  return {
    draw: async (options) =>
      latentsOf(await sampleLatents(samplerOf(setting), { predict, process, count, latent, ...options })),
    latentsOf,
    release,
  };
}

/** Compiles a denoiser, and the one that guides it. */
async function openPredictor(
  setting: GeneratorSetting,
  { count, latent, tokens }: LatentShape,
  { denoiser, guide }: { readonly denoiser: FittedDenoiser; readonly guide: Guide | undefined },
): Promise<CompiledPredictor> {
  const device = nodeDevice(setting.recipe.device);
  const open = (state: NetworkState) => predictor(denoiserOf(setting, tokens), state, { count, latent, device });
  const better = await open(denoiser.state);
  if (guide === undefined) return better;
  const worse = await open(guide.state);
  return {
    predict: guided(better.predict, worse.predict, guide.weights),
    async release() {
      await better.release();
      await worse.release();
    },
  };
}

/**
 * Makes sure that latents are numbers.
 * @throws UserError `E_RUN` when sampling has diverged.
 */
export function requireFinite(latents: Float32Array): Float32Array {
  if (latents.every(Number.isFinite)) return latents;
  throw new UserError(
    "E_RUN",
    "sampling diverged (non-finite values); train the denoiser longer (diffusion.training.steps), or guide it less (sample.guidance.weight)",
  );
}
