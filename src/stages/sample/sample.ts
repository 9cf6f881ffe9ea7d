/** Stage three: draw new networks and write them as checkpoints: latents from noise, decoded, or what a baseline draws. */

import type { Baseline } from "../../baselines/index.ts";
import { type Layout, writeStreamed } from "../../checkpoints/index.ts";
import {
  decodeLinear,
  denormalise,
  predictor,
  priorLatents,
  processOf,
  type SamplerState,
  sampleLatents,
  type TokenShape,
} from "../../diffusion/index.ts";
import { throwIfAborted, UserError } from "../../errors.ts";
import { makeFolder, remove, writeJson } from "../../files/index.ts";
import { foldIn } from "../../random/index.ts";
import {
  checkpointPath,
  indexOf,
  progressItem,
  readCheckpoints,
  verifiedCheckpoints,
  writeCheckpoint,
} from "../../run/index.ts";
import { nodeDevice } from "../../runtime-node/index.ts";
import { canonicalForms } from "../../symmetry/index.ts";
import { comparableSpace } from "../canonical-form.ts";
import type { RunContext } from "../context.ts";
import { loadCodec, loadDenoiser, openLinear, partsOf, verifiedGenerator } from "../fit/generator-files.ts";
import { drawBaseline } from "./baseline-draws.ts";

export async function sample(context: RunContext): Promise<void> {
  const { recipe, paths: p } = context;
  const { generator } = recipe;
  const chosen = await context.chosen();
  await verifiedGenerator(p);
  await makeFolder(p.samples);
  const { baseline } = partsOf(recipe);
  const streams = baseline === undefined && recipe.autoencoder.type === "linear";
  const count = streams
    ? await streamFromModel(context, chosen)
    : await writeAll(
        context,
        chosen,
        await (baseline === undefined ? drawFromModel(context) : drawFromBaseline(context, baseline, chosen)),
      );
  await writeJson(p.samplesIndex, {
    ...{ count, seed: recipe.seed, generator },
    ...(generator === "diffusion" && { sampler: recipe.sample.sampler }),
    checkpoints: await indexOf(p.samples, count),
  });
  await remove(p.samplesState);
}

/** Writes parameter vectors `[count, D]`, one file each. */
async function writeAll({ paths: p, signal }: RunContext, chosen: Layout, vectors: Float32Array): Promise<number> {
  const count = vectors.length / chosen.size;
  for (let i = 1; i <= count; i++) {
    const vector = vectors.subarray((i - 1) * chosen.size, i * chosen.size);
    await writeCheckpoint(checkpointPath(p.samples, i, count), chosen, vector, { sample: String(i) });
    throwIfAborted(signal);
  }
  return count;
}

/** Networks whose files are written at once: so many may be open, and so many rows of a range are held. */
const TOGETHER = 64;

/** Draws through linear latents, of which no whole vector need be in memory. */
async function streamFromModel(context: RunContext, chosen: Layout): Promise<number> {
  const { recipe, paths: p, signal } = context;
  const { source, weights, close } = await openLinear(recipe, p, chosen);
  try {
    const latent = weights.length / source.checkpoints.rows;
    const latents = await drawLatents(context, { latent });
    const count = latents.length / latent;
    for (let first = 0; first < count; first += TOGETHER) {
      const n = Math.min(TOGETHER, count - first);
      const files = Array.from({ length: n }, (_, i) => ({
        path: checkpointPath(p.samples, first + i + 1, count),
        metadata: { sample: String(first + i + 1) },
      }));
      const part = latents.subarray(first * latent, (first + n) * latent);
      await writeStreamed(p.samples, files, chosen, (write) =>
        decodeLinear(source, weights, part, async (start, block) => {
          await write(start, block);
          const share = (first + (n * (start + block.length / n)) / chosen.size) / count;
          await context.progress(progressItem("write-networks"), Math.round(share * count), count);
          throwIfAborted(signal);
        }),
      );
    }
    return count;
  } finally {
    await close();
  }
}

/** New parameter vectors `[count, D]` through the autoencoder. */
async function drawFromModel(context: RunContext): Promise<Float32Array> {
  const { codec } = await loadCodec(context.recipe, context.paths);
  try {
    return await codec.decode(await drawLatents(context, codec));
  } finally {
    await codec.release();
  }
}

/** Draws of one of the generator's baselines `[count, D]`; a single one where all would be the same. */
async function drawFromBaseline(context: RunContext, baseline: Baseline, chosen: Layout): Promise<Float32Array> {
  const { recipe, paths: p } = context;
  const files = await verifiedCheckpoints(p.zoo, `make the zoo again: pdiff collect ${p.folder} --force`);
  const plain = await readCheckpoints(files, chosen);
  const space = await comparableSpace(context, plain, chosen);
  if (baseline.space === "units" && space === undefined)
    throw new UserError(
      "E_CONFIG",
      `generator ${baseline.name} needs networks of known units that were trained separately (network: mlp or cnn, zoo.kind: seeds or orders)`,
    );
  const { values: originals } =
    space === undefined ? plain : await canonicalForms(plain, space, nodeDevice(recipe.device));
  const count = baseline.single ? 1 : recipe.sample.count;
  if (baseline.single && recipe.sample.count > 1)
    await context.note(
      `${baseline.name} is one network, however often it is drawn: one sample instead of ${recipe.sample.count}`,
    );
  return drawBaseline(baseline, {
    recipe,
    paths: p,
    originals,
    count,
    layout: chosen,
    key: foldIn(context.key, "sample"),
  });
}

/** New latents `[count, latent]`, in the autoencoder's units. */
async function drawLatents(
  context: RunContext,
  { latent, tokens }: { readonly latent: number; readonly tokens?: TokenShape },
): Promise<Float32Array> {
  const { recipe, paths: p, signal } = context;
  const { count, sampler } = recipe.sample;
  const key = foldIn(context.key, "sample");
  if (recipe.generator === "vae" || recipe.diffusion === null) return priorLatents({ count, latent, key });
  const { denoiser } = recipe.diffusion;
  const process = processOf(recipe.diffusion.process);
  const { scale, state } = await loadDenoiser(p);
  const saver = context.saver(p.samplesState);
  const from = await loadState(context, count * latent);
  const asked = await predictor(denoiser, state, {
    ...{ steps: process.steps, count, latent, tokens },
    device: nodeDevice(recipe.device),
  });
  try {
    const latents = await sampleLatents(sampler, {
      ...{ predict: asked.predict, process, count, latent, key, from },
      async onStep({ index, x, total }) {
        await context.progress(progressItem("denoise"), index, total);
        if (saver.due() || signal.aborted) await saver.save({ step: index, vectors: { x } });
        throwIfAborted(signal);
      },
    });
    if (!latents.every(Number.isFinite))
      throw new UserError(
        "E_RUN",
        "the samples ran away to infinity; train the denoiser longer (diffusion.training.steps), in another folder",
      );
    return denormalise(scale, latents);
  } finally {
    await asked.release();
  }
}

/** The sampler's state is a snapshot like a training's: the steps done and one vector. */
async function loadState({ paths: p, saver }: RunContext, length: number): Promise<SamplerState | undefined> {
  const snapshot = await saver(p.samplesState).load();
  if (snapshot === undefined) return undefined;
  const { x } = snapshot.vectors;
  if (x?.length !== length)
    throw new UserError(
      "E_CHECKPOINT",
      `${p.samplesState} is not the state of this draw; remove it, and it starts over`,
    );
  return { index: snapshot.step, x };
}
