/**
 * How well a denoiser predicts noise, on latents of any networks, with the same noise and times whichever denoiser is asked.
 * On networks it never saw, the error falls and then rises again as it learns its own by heart.
 */
import { fold, type Key, normal } from "../random/index.ts";
import type { NoiseSchedule } from "./noise-schedule.ts";
import type { NoisePredictor } from "./samplers.ts";

/** Times at which the error is taken, evenly spaced. */
const TIMES = 20;

export interface DenoisingErrorOptions {
  readonly predict: NoisePredictor;
  readonly schedule: NoiseSchedule;
  /** Latents as the denoiser knows them, `[n, latent]`, as many as `predict` takes at once. */
  readonly latents: Float32Array;
  /** Of the noise. */
  readonly key: Key;
}

/** Mean squared error of the predicted noise over all latents and over times from the cleanest to the noisiest. */
export async function denoisingError({ predict, schedule, latents, key }: DenoisingErrorOptions): Promise<number> {
  const x = new Float32Array(latents.length);
  let sum = 0;
  for (let i = 0; i < TIMES; i++) {
    const t = Math.round((i * (schedule.steps - 1)) / (TIMES - 1));
    const eps = normal(fold(key, t), latents.length);
    const [signal, strength] = [Math.sqrt(schedule.alphaBar[t]!), Math.sqrt(1 - schedule.alphaBar[t]!)];
    for (let j = 0; j < x.length; j++) x[j] = signal * latents[j]! + strength * eps[j]!;
    const predicted = await predict(x, t);
    for (let j = 0; j < x.length; j++) sum += (predicted[j]! - eps[j]!) ** 2;
  }
  return sum / (TIMES * latents.length);
}
