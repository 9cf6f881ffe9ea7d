/**
 * The error of a denoiser on latents of any networks. Every denoiser gets the same noise and times,
 * so errors can be compared. On networks it never saw, the error falls and then rises again as it
 * learns its own by heart.
 */
import { at } from "../../lookup.ts";
import { foldIn, type Key, normal } from "../../random/index.ts";
import type { Process } from "../process.ts";
import type { Predictor } from "../samplers/sample-latents.ts";

/** Times at which the error is taken, evenly spaced. */
const TIMES = 20;

/** A denoiser, and the latents on which its error is measured. */
export interface DenoisingErrorOptions {
  readonly predict: Predictor;
  readonly process: Process;
  /** Latents as the denoiser knows them, `[n, latent]`, as many as `predict` takes at once. */
  readonly latents: Float32Array;
  /** How much each number of a latent counts, `[latent]`; all the same by default. */
  readonly weight?: Float32Array | undefined;
  /** Of the noise. */
  readonly key: Key;
}

/**
 * The mean squared error of the predictions, over all latents and over times from the cleanest to
 * the noisiest.
 */
export async function denoisingError({
  predict,
  process,
  latents,
  weight,
  key,
}: DenoisingErrorOptions): Promise<number> {
  const x = new Float32Array(latents.length);
  let sum = 0;
  for (let i = 0; i < TIMES; i++) {
    const t = Math.round((i * (process.steps - 1)) / (TIMES - 1));
    const eps = normal(foldIn(key, t), latents.length);
    const [signal, strength] = [at(process.signal, t), at(process.strength, t)];
    for (let j = 0; j < x.length; j++) x[j] = signal * at(latents, j) + strength * at(eps, j);
    const predicted = await predict(x, t);
    for (let j = 0; j < x.length; j++) {
      const target = process.objective === "flow" ? at(eps, j) - at(latents, j) : at(eps, j);
      sum += (weight?.[j % weight.length] ?? 1) * (at(predicted, j) - target) ** 2;
    }
  }
  return sum / (TIMES * latents.length);
}
