/** A fitted generator on the disk: the autoencoder, as its part saved it, and the denoiser. */
import { join } from "node:path";
import { readSafetensors } from "../../checkpoints/index.ts";
import {
  type AutoencoderPart,
  type Codec,
  type Denoiser,
  guidanceWeights,
  isPreconditioned,
  type LoadSource,
  modelDenoiser,
  type NetworkState,
  type Normalisation,
  partOf,
  processOf,
  type Sampler,
  type Saved,
  type Store,
  type StreamedDecoder,
  sampler,
  savedState,
  snapshotNear,
  stateTensors,
  type TokenShape,
} from "../../diffusion/index.ts";
import { UserError } from "../../errors.ts";
import { exists } from "../../files/index.ts";
import { type AnyRecipe, hasNetwork } from "../../recipe/index.ts";
import { openZoo, type Paths, verify, writeVectors, zooTensors } from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { unitsOf } from "../canonical-form.ts";
import { chosenTensors, classifierOf } from "../context.ts";
import { type GeneratorSetting, redo, verifiedGenerator } from "./generator-index.ts";

/** The tensors of a file of the generator. */
async function openTensors(
  path: string,
  p: Paths,
): Promise<Saved & { readonly metadata: Readonly<Record<string, string>> }> {
  const { tensors, metadata } = await readSafetensors(path).catch((error: unknown) => {
    throw error instanceof UserError ? new UserError(error.code, `${error.message}; or ${redo(p)}`) : error;
  });
  return {
    get(name) {
      const data = tensors.get(name);
      if (data === undefined) throw new UserError("E_CHECKPOINT", `${path} lacks ${name}; ${redo(p)}`);
      return data;
    },
    find: (name) => tensors.get(name),
    metadata,
  };
}

/** Where the autoencoder of a run is kept. */
export const autoencoderStore = ({ recipe, paths: p }: GeneratorSetting): Store => ({
  load: async () => ((await exists(p.autoencoder)) ? openTensors(p.autoencoder, p) : undefined),
  save: (tensors) => writeVectors(p.autoencoder, tensors, { options: JSON.stringify(recipe.autoencoder) }),
});

/** What the autoencoder of a run is loaded with. */
export function loadSource({ recipe, paths: p, parts }: GeneratorSetting): LoadSource {
  const { normalisations } = parts;
  return {
    normalisation: partOf(normalisations, { type: recipe.normalisation }, "normalisation"),
    device: nodeDevice(recipe.device),
    layout: () => zooTensors(recipe, p),
    open: async () => openZoo(p, await zooTensors(recipe, p)),
    units() {
      if (!hasNetwork(recipe)) throw new Error("hidden units are known only of networks that are run here");
      return unitsOf(recipe, chosenTensors(recipe, classifierOf(recipe)));
    },
  };
}

/** The autoencoder that a recipe asks for, as it describes itself. */
export const autoencoderOf = ({ recipe, parts }: Pick<GeneratorSetting, "recipe" | "parts">): AutoencoderPart =>
  partOf(parts.autoencoders, recipe.autoencoder, "autoencoder");

/** The denoiser that a recipe asks for; throws an Error where it has no diffusion model. */
export function denoiserOf(
  { recipe: { diffusion }, parts }: Pick<GeneratorSetting, "recipe" | "parts">,
  tokens: TokenShape | undefined,
): Denoiser {
  if (diffusion === null) throw new Error("this recipe has no diffusion model");
  return modelDenoiser(
    { denoiser: diffusion.denoiser, process: processOf(diffusion.process) },
    tokens,
    parts.denoisers,
  );
}

/** The sampler that a recipe asks for. */
export const samplerOf = ({ recipe, parts }: Pick<GeneratorSetting, "recipe" | "parts">): Sampler =>
  sampler(recipe.sample.sampler, parts.samplers);

/**
 * Loads the fitted autoencoder, for vectors that fit in memory.
 * @throws UserError `E_RUN` where they do not.
 */
export async function loadCodec(setting: GeneratorSetting): Promise<{ codec: Codec; normalisation: Normalisation }> {
  const { recipe, paths: p } = setting;
  const saved = await openTensors(p.autoencoder, p);
  return autoencoderOf(setting).load(recipe.autoencoder, saved, loadSource(setting));
}

/** Opens the fitted autoencoder for vectors of any length; undefined where it holds whole ones. */
export async function openStream(setting: GeneratorSetting): Promise<StreamedDecoder | undefined> {
  const { recipe, paths: p } = setting;
  const part = autoencoderOf(setting);
  if (part.stream === undefined) return undefined;
  const saved = await openTensors(p.autoencoder, p);
  return part.stream(recipe.autoencoder, saved, loadSource(setting));
}

/** A trained denoiser and the scale of the latents that it knows. */
export interface FittedDenoiser {
  readonly scale: Normalisation;
  readonly state: NetworkState;
}

/** The file of the denoiser as it was after some steps of its training. */
export const snapshotPath = (p: Paths, step: number): string =>
  join(p.snapshots, `denoiser-${String(step).padStart(8, "0")}.safetensors`);

/** Writes a denoiser; the one that is sampled, unless another file is named. */
export async function saveDenoiser(
  { recipe, paths: p }: Pick<GeneratorSetting, "recipe" | "paths">,
  { scale: { mean, scale }, state }: FittedDenoiser,
  path = p.denoiser,
): Promise<void> {
  await writeVectors(
    path,
    { "latent.mean": mean, "latent.std": scale, ...stateTensors(state) },
    { options: JSON.stringify(recipe.diffusion), preconditioned: String(asksForPreconditioning(recipe)) },
  );
}

/** Whether a recipe's denoiser is preconditioned. */
const asksForPreconditioning = ({ diffusion }: Pick<AnyRecipe, "diffusion">): boolean =>
  diffusion !== null && isPreconditioned(diffusion.process);

/**
 * Reads a denoiser; the one that is sampled, unless another file is named.
 * @throws UserError `E_CHECKPOINT` where it was trained with other preconditioning than the recipe
 *   asks for: its answers would mean something else.
 */
export async function loadDenoiser(
  { recipe, paths: p }: Pick<GeneratorSetting, "recipe" | "paths">,
  path = p.denoiser,
): Promise<FittedDenoiser> {
  const tensors = await openTensors(path, p);
  const trained = tensors.metadata.preconditioned === "true";
  if (trained !== asksForPreconditioning(recipe))
    throw new UserError(
      "E_CHECKPOINT",
      `${path} was trained ${trained ? "with" : "without"} preconditioning, unlike what the recipe asks for: set diffusion.process.preconditioned=${trained}, or ${redo(p)}`,
    );
  const mean = tensors.get("latent.mean");
  const reference = new Float32Array(mean.length);
  return {
    scale: { mean, scale: tensors.get("latent.std"), reference },
    state: savedState(tensors),
  };
}

/**
 * Reads the denoiser as it was after some steps of its training.
 * @throws UserError `E_CHECKPOINT` when its file is not the one that was kept.
 */
export async function loadSnapshot(
  setting: Pick<GeneratorSetting, "recipe" | "paths">,
  step: number,
): Promise<FittedDenoiser> {
  const { paths: p } = setting;
  const path = snapshotPath(p, step);
  const { snapshots } = await verifiedGenerator(p);
  const kept = snapshots.find((each) => each.step === step);
  if (kept === undefined) throw new UserError("E_CHECKPOINT", `${p.generatorIndex} lists no ${path}; ${redo(p)}`);
  await verify(path, kept.sha256, redo(p));
  return loadDenoiser(setting, path);
}

/** The denoiser that guides the samples. */
export interface Guide {
  readonly state: NetworkState;
  /** The weight of guidance at each time of the process. */
  readonly weights: Float32Array;
}

/**
 * Reads the denoiser that guides the samples of a run. Undefined where none does: without guidance,
 * or where the first snapshot of all was chosen.
 */
export async function loadGuide(setting: GeneratorSetting): Promise<Guide | undefined> {
  const { recipe, paths: p } = setting;
  const { diffusion } = recipe;
  const { guidance } = recipe.sample;
  if (guidance === null || diffusion === null) return undefined;
  const { snapshots, chosen } = await verifiedGenerator(p);
  const steps = snapshots.map(({ step }) => step);
  const step = snapshotNear(guidance.after, steps, chosen);
  if (step === undefined) return undefined;
  const { state } = await loadSnapshot(setting, step);
  return { state, weights: guidanceWeights(guidance, diffusion.process.steps) };
}
