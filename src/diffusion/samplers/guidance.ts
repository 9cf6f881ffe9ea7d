/**
 * Autoguidance (Karras et al., "Guiding a Diffusion Model with a Bad Version of Itself", 2024): the
 * prediction moves away from that of a worse denoiser. Where a denoiser errs, one that learned less
 * errs further in the same direction, so that the step away corrects both. It may be limited to an
 * interval of times (Kynkäänniemi et al., "Applying Guidance in a Limited Interval Improves Sample
 * and Distribution Quality in Diffusion Models", 2024).
 */
import { at } from "../../lookup.ts";
import type { Predictor } from "./sample-latents.ts";

/** How a denoiser is guided. */
export interface GuidanceOptions {
  /** 1 is the better denoiser alone; above 1 its difference from the worse one grows. */
  readonly weight: number;
  /** Guided between these shares of the times, from data (0) to noise (1). */
  readonly from: number;
  readonly to: number;
}

/** The weight at each of `steps` times of a process, from data to noise: 1 where none is guided. */
export const guidanceWeights = ({ weight, from, to }: GuidanceOptions, steps: number): Float32Array =>
  Float32Array.from({ length: steps }, (_, t) => (t >= from * (steps - 1) && t <= to * (steps - 1) ? weight : 1));

/**
 * Guides a predictor by a worse one: worse + weight · (better − worse).
 * @param weights the weight at each time.
 * @returns a predictor that asks both, and the better one alone where the weight is 1.
 */
export function guided(better: Predictor, worse: Predictor, weights: Float32Array): Predictor {
  return async (x, t) => {
    const weight = at(weights, t);
    if (weight === 1) return better(x, t);
    // Both may answer with one array.
    const prediction = (await better(x, t)).slice();
    return (await worse(x, t)).map((from, i) => from + weight * (prediction[i]! - from));
  };
}
