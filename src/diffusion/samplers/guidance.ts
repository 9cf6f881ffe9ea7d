/**
 * Autoguidance (Karras et al., "Guiding a Diffusion Model with a Bad Version of Itself", 2024): the
 * prediction moves away from that of a worse denoiser. Where a denoiser errs, one that learned less
 * errs further in the same direction, so that the step away corrects both.
 */
import type { Predictor } from "./sample-latents.ts";

/**
 * Guides a predictor by a worse one: worse + weight · (better − worse).
 * @param weight 1 is the better one alone; above 1 its difference from the worse one grows.
 * @returns a predictor that asks both.
 */
export function guided(better: Predictor, worse: Predictor, weight: number): Predictor {
  return async (x, t) => {
    // Both may answer with one array.
    const prediction = (await better(x, t)).slice();
    return (await worse(x, t)).map((from, i) => from + weight * (prediction[i]! - from));
  };
}
