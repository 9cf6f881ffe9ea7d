/** Stage three: draw latents from noise, decode them, and write new checkpoints. */
import {
  denormalise,
  noisePredictor,
  noiseSchedule,
  priorLatents,
  type SamplerState,
  sampleLatents,
} from "../diffusion/index.ts";
import { UserError } from "../errors.ts";
import { makeFolder, remove, writeJson } from "../files/index.ts";
import { fold } from "../random/index.ts";
import { checkpointPath, indexOf, type StageContext, throwIfAborted, writeCheckpoint } from "./context.ts";
import { loadCodec, loadDenoiser, verifiedGenerator } from "./generator.ts";

export async function sample(context: StageContext): Promise<void> {
  const { recipe, paths: p, signal } = context;
  const { count, sampler } = recipe.sample;
  const { chosen } = await context.task();
  await verifiedGenerator(p);
  await makeFolder(p.samples);
  const { codec } = await loadCodec(recipe, p);
  try {
    const vectors = await codec.decode(await drawLatents(context, codec.latent));
    for (let i = 1; i <= count; i++) {
      const vector = vectors.subarray((i - 1) * chosen.size, i * chosen.size);
      await writeCheckpoint(checkpointPath(p.samples, i, count), chosen, vector, { sample: String(i) });
      throwIfAborted(signal);
    }
  } finally {
    await codec.release();
  }
  await writeJson(p.samplesIndex, { count, seed: recipe.seed, sampler, checkpoints: await indexOf(p.samples, count) });
  await remove(p.samplesState);
}

/** New latents `[count, latent]`, in the autoencoder's units. */
async function drawLatents(context: StageContext, latent: number): Promise<Float32Array> {
  const { recipe, paths: p, signal } = context;
  const { count, sampler } = recipe.sample;
  const key = fold(context.key, "sample");
  if (recipe.diffusion === null || sampler.type === "prior") return priorLatents({ count, latent, key });
  const { denoiser, process } = recipe.diffusion;
  const { scale, state } = await loadDenoiser(p);
  const saver = context.saver(p.samplesState);
  const from = await loadState(context, count * latent);
  const predictor = await noisePredictor(denoiser, state, {
    steps: process.steps,
    count,
    latent,
    device: recipe.device,
  });
  try {
    const latents = await sampleLatents(sampler, {
      predict: predictor.predict,
      schedule: noiseSchedule(process),
      count,
      latent,
      key,
      from,
      async onStep({ index, x, total }) {
        await context.progress("denoising", index, total);
        if (saver.due() || signal.aborted) await saver.save({ step: index, vectors: { x } });
        throwIfAborted(signal);
      },
    });
    if (!latents.every(Number.isFinite))
      throw new UserError(
        "E_RUN",
        "the samples ran away to infinity; bound them (sample.sampler.clip) or train the denoiser longer (diffusion.training.steps), in another folder",
      );
    return denormalise(scale, latents);
  } finally {
    await predictor.release();
  }
}

/** The sampler's state is a snapshot like a training's: the steps done and one vector. */
async function loadState({ paths: p, saver }: StageContext, length: number): Promise<SamplerState | undefined> {
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
