/** The diffusion model of a run: its training, snapshots of it, and the choice among them. */
import {
  denoiserStep,
  denoisingError,
  type FittedAutoencoder,
  fitNetwork,
  normalise,
  predictor,
  processOf,
  snapshotSteps,
  standardisation,
  type TrainingHost,
  trainingTimes,
  unnormalised,
} from "../../diffusion/index.ts";
import { throwIfAborted } from "../../errors.ts";
import { splitHeldOut } from "../../evaluation/index.ts";
import { exists, makeFolder, sha256File } from "../../files/index.ts";
import { evenly, matrix, rowsOf, stackRows } from "../../numeric/index.ts";
import { foldIn } from "../../random/index.ts";
import type { AnyRecipe } from "../../recipe/index.ts";
import { openCheckpointMatrix, verifiedHeldOut } from "../../run/index.ts";
import type { Device } from "../../runtime/index.ts";
import { generatedTensors, generatorKey, type RunContext } from "../context.ts";
import { denoiserOf, loadDenoiser, saveDenoiser, snapshotPath } from "./generator-files.ts";
import type { DenoiserSnapshot, GeneratorIndex } from "./generator-index.ts";

type DiffusionOptions = NonNullable<AnyRecipe["diffusion"]>;

/**
 * Fits the diffusion model, keeps snapshots of its training, and chooses among them as the recipe
 * says.
 */
export async function fitDenoiser(
  context: RunContext,
  options: DiffusionOptions,
  host: TrainingHost,
  fitted: FittedAutoencoder,
): Promise<Pick<GeneratorIndex, "snapshots" | "chosen">> {
  const { standardise, ema, training } = options;
  const { paths: p } = context;
  const { latent, latents, tokens, weight } = fitted;
  const process = processOf(options.process);
  const scale = standardise ? standardisation(latents, latent) : unnormalised(latent);
  const steps = snapshotSteps(training.steps, options.snapshots);
  if (steps.length > 0) await makeFolder(p.snapshots);
  if (!(await exists(p.denoiser))) {
    const network = denoiserOf(context, tokens);
    const state = await fitNetwork(host, {
      name: "denoiser",
      step: denoiserStep({ network, process, training, ema, latent, weight }),
      training,
      rows: normalise(scale, latents),
      width: latent,
      feeds: (z, step, key) => ({
        z,
        t: trainingTimes(process, foldIn(key, "time", step), training.batch),
      }),
      result: ema === null ? "theta" : "ema",
      snapshots: {
        steps,
        keep: (step, kept) => saveDenoiser(context, { scale, state: kept }, snapshotPath(p, step)),
      },
    });
    await saveDenoiser(context, { scale, state });
  }
  if (steps.length === 0) return { snapshots: [] };
  const snapshots = await measureSnapshots(context, options, { steps, device: host.device }, fitted);
  if (options.choose === "last") return { snapshots };
  const errorOf = ({ loss }: DenoiserSnapshot) => loss.heldOut ?? Infinity;
  const best = snapshots.reduce((a, b) => (errorOf(b) < errorOf(a) ? b : a));
  await saveDenoiser(context, await loadDenoiser(context, snapshotPath(p, best.step)));
  await context.note(`using the denoiser from step ${best.step}: lowest error on held-out networks`);
  return { snapshots, chosen: best.step };
}

/**
 * Originals on which a denoiser's error is measured, at most, evenly chosen: more cost time and
 * memory, and change it little.
 */
const MAX_MEASURED = 256;

/**
 * Measures the error of the kept denoisers on the originals and on held-out networks: where these
 * part, the denoiser memorises the originals.
 */
async function measureSnapshots(
  context: RunContext,
  options: DiffusionOptions,
  { steps, device }: { readonly steps: readonly number[]; readonly device: Device },
  { latents, latent, tokens, weight, encode }: FittedAutoencoder,
): Promise<DenoiserSnapshot[]> {
  const { recipe, paths: p } = context;
  const heldOut = await verifiedHeldOut(p, recipe, context.signal);
  // One half may choose the denoiser; the audit then knows only the other half.
  const files = splitHeldOut(heldOut?.files ?? [], true).choose;
  const process = processOf(options.process);
  const network = denoiserOf(context, tokens);
  const originals = stackRows(evenly(rowsOf(matrix(latents, latent)), MAX_MEASURED)).values;
  const held = files.length === 0 ? new Float32Array() : await encodeFiles(context, files, encode);
  const errorOf = async (step: number, rows: Float32Array): Promise<number> => {
    const { scale, state } = await loadDenoiser(context, snapshotPath(p, step));
    const count = rows.length / latent;
    const asked = await predictor(network, state, { count, latent, device });
    try {
      return await denoisingError({
        predict: asked.predict,
        process,
        weight,
        latents: normalise(scale, rows),
        key: foldIn(generatorKey(context.recipe), "denoising error"),
      });
    } finally {
      await asked.release();
    }
  };
  const snapshots: DenoiserSnapshot[] = [];
  for (const step of steps) {
    const heldOutError = files.length === 0 ? null : await errorOf(step, held);
    const loss = { originals: await errorOf(step, originals), heldOut: heldOutError };
    snapshots.push({ step, loss, sha256: await sha256File(snapshotPath(p, step)) });
    throwIfAborted(context.signal);
  }
  return snapshots;
}

/** Latents `[n, latent]` of checkpoint files. */
async function encodeFiles(
  context: RunContext,
  files: readonly string[],
  encode: FittedAutoencoder["encode"],
): Promise<Float32Array> {
  const others = await openCheckpointMatrix(files, await generatedTensors(context));
  try {
    return await encode(others);
  } finally {
    await others.close();
  }
}
