/**
 * Stage two: learn the distribution of the checkpoints. Autoencoder, gate, then diffusion on its
 * latents; less where the generator needs less.
 */

import { latentRange, type TrainingHost } from "../../diffusion/index.ts";
import { UserError } from "../../errors.ts";
import { makeFolder, remove } from "../../files/index.ts";
import type { Layout } from "../../layout/index.ts";
import type { FileMatrix } from "../../numeric/index.ts";
import { openZoo, type Paths, progressItem } from "../../run/index.ts";
import { nodeDevice, noiseAhead } from "../../runtime-node/index.ts";
import { canonicalSpaceOf } from "../canonical-form.ts";
import { generatedTensors, generatorKey, type RunContext, trainingReporter } from "../context.ts";
import { fitDenoiser } from "./denoiser.ts";
import { autoencoderOf, autoencoderStore, loadSource } from "./generator-files.ts";
import { contentsOf, writeGeneratorIndex } from "./generator-index.ts";

/**
 * Fits the generator of a recipe.
 *
 * Reads the zoo, and the held-out networks where they choose the denoiser. Writes the autoencoder,
 * the denoiser, its snapshots and the generator's index.
 * @param options.ignoreGate warn, and do not throw, when the autoencoder explains too little.
 * @throws UserError `E_GATE` when the autoencoder explains too little, `E_RUN` when all checkpoints
 *   are equal or a training diverges, `E_CHECKPOINT` when a file of the zoo is damaged.
 * @throws Interrupted after saving, when the run's signal aborts.
 */
export async function fit(context: RunContext, { ignoreGate }: { readonly ignoreGate: boolean }): Promise<void> {
  const { recipe, paths: p } = context;
  const contents = contentsOf(context);
  await makeFolder(p.generator);
  if (!contents.autoencoder) {
    if (recipe.generator === "files")
      await context.note("nothing is fitted: the samples are those of another generator");
    return writeGeneratorIndex(context, { autoencoder: null, snapshots: [] });
  }
  const chosen = await generatedTensors(context);
  const zoo = await openZoo(p, chosen, context.signal);
  try {
    const fitted = await fitAutoencoder(context, zoo, chosen);
    const { latents, latent, explained } = fitted;
    const range = latentRange(latents);
    const [min, max, sd] = [range.min, range.max, range.sd].map((x) => x.toPrecision(3));
    await context.note(
      `the autoencoder explains ${(100 * explained).toFixed(2)} % of the variance between checkpoints; latents of ${latent} numbers from ${min} to ${max}, sd ${sd}`,
    );
    await passGate(context, explained, ignoreGate);
    const denoised =
      contents.denoiser && recipe.diffusion !== null
        ? await fitDenoiser(context, recipe.diffusion, hostOf(context), fitted)
        : { snapshots: [] };
    await fitted.release();
    const { type } = recipe.autoencoder;
    await writeGeneratorIndex(context, {
      autoencoder: { type, varianceExplained: explained, latent, range },
      ...denoised,
    });
    for (const state of [p.autoencoderState, p.denoiserState]) await remove(state);
  } finally {
    await zoo.close();
  }
}

/** Fits the autoencoder that the recipe asks for, in its own way. */
function fitAutoencoder(context: RunContext, zoo: FileMatrix, chosen: Layout) {
  const { recipe } = context;
  return autoencoderOf(context).fit(recipe.autoencoder, {
    zoo,
    layout: chosen,
    trajectory: recipe.zoo.kind === "trajectory",
    source: loadSource(context),
    store: autoencoderStore(context),
    host: hostOf(context),
    canonicalSpace: (networks) => canonicalSpaceOf(context, networks, chosen),
    progress: (done, total) => context.progress(progressItem("find-latents"), done, total),
    note: context.note,
    warn: context.warn,
  });
}

/** Where the snapshots of each training are kept. */
const statePath = (p: Paths, name: string): string => (name === "autoencoder" ? p.autoencoderState : p.denoiserState);

/** What trainings need of the run. */
const hostOf = (context: RunContext): TrainingHost => ({
  device: nodeDevice(context.recipe.device),
  openNoise: noiseAhead,
  key: generatorKey(context.recipe),
  signal: context.signal,
  saver: (name) => context.saver(statePath(context.paths, name)),
  reporter: (name, steps) => trainingReporter(context, "fit", progressItem(`fit-${name}`), steps),
});

/**
 * The gate: an autoencoder that only knows the mean checkpoint reconstructs well and generates
 * nothing.
 */
async function passGate({ recipe, warn }: RunContext, explained: number, ignoreGate: boolean): Promise<void> {
  const { gate } = recipe.autoencoder;
  if (explained >= gate) return;
  const finding =
    explained > 0
      ? `the autoencoder explains only ${(100 * explained).toFixed(1)} % of the variance between checkpoints`
      : "the autoencoder reconstructs checkpoints worse than their mean alone would (variance explained below 0)";
  const problem = `${finding}; required: ${(100 * gate).toFixed(0)} %; samples from a worse autoencoder do not work`;
  if (!ignoreGate)
    throw new UserError(
      "E_GATE",
      `${problem}; train it longer (autoencoder.training.steps), normalise per coordinate (normalisation=coordinate) or use preset=linear, in the same folder, which keeps the zoo; or go on anyway with --ignore-gate`,
    );
  await warn(`${problem}; going on, as asked`);
}
