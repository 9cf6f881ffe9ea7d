/** Stage three: draw latents from noise, decode them, and write new checkpoints. */
import { mkdir, rm } from "node:fs/promises";

import { readSafetensors } from "../checkpoints/index.ts";
import {
  noisePredictor,
  noiseSchedule,
  type SamplerState,
  sampleLatents,
  unstandardiseLatents,
} from "../diffusion/index.ts";
import { UserError } from "../errors.ts";
import { removeTemporaries, writeJson } from "../files/index.ts";
import { fold } from "../random/index.ts";
import {
  checkpointPath,
  exists,
  fileSaver,
  indexOf,
  type StageContext,
  throwIfAborted,
  writeCheckpoint,
} from "./context.ts";
import { loadCodec } from "./fit.ts";

export async function sample(context: StageContext): Promise<void> {
  const { recipe, paths: p, signal } = context;
  const { count, sampler } = recipe.sample;
  await mkdir(p.samples, { recursive: true });
  await removeTemporaries(p.samples);
  const { chosen } = await context.task();
  const { codec } = await loadCodec(recipe, p.autoencoder);
  const { tensors } = await readSafetensors(p.denoiser);
  const [mean, std, theta] = ["latent.mean", "latent.std", "theta"].map((name) => {
    const data = tensors.get(name);
    if (data === undefined)
      throw new UserError("E_CHECKPOINT", `${p.denoiser} lacks ${name}; fit the run again with --force`);
    return data;
  }) as [Float32Array, Float32Array, Float32Array];
  const { latent } = codec;
  const { denoiser, process } = recipe.diffusion;
  const predictor = await noisePredictor(denoiser, theta, {
    steps: process.steps,
    count,
    latent,
    device: recipe.device,
  });

  // The sampler's state is a snapshot like a training's: the steps done and one vector.
  const saver = fileSaver(p.samplesState);
  const snapshot = await saver.load();
  const from: SamplerState | undefined = snapshot && { index: snapshot.step, x: snapshot.vectors.x! };
  const latents = await sampleLatents(sampler, {
    predict: predictor.predict,
    schedule: noiseSchedule(process),
    count,
    latent,
    key: fold(context.key, "sample"),
    from,
    async onStep({ index, x, total }) {
      await context.progress("denoising", index, total);
      if (saver.due() || signal.aborted) await saver.save({ step: index, vectors: { x } });
      throwIfAborted(signal);
    },
  });
  const vectors = await codec.decode(unstandardiseLatents(latents, { mean, std }));
  await predictor.release();
  await codec.release();
  for (let i = 1; i <= count; i++) {
    const vector = vectors.subarray((i - 1) * chosen.size, i * chosen.size);
    await writeCheckpoint(checkpointPath(p.samples, i, count), chosen, vector, { sample: String(i) });
    throwIfAborted(signal);
  }
  await writeJson(p.samplesIndex, { count, seed: recipe.seed, sampler, checkpoints: await indexOf(p.samples, count) });
  if (await exists(p.samplesState)) await rm(p.samplesState);
}
