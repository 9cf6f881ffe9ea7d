/** Fields that several samplers share. */
import { z } from "zod";
import { positive } from "../../nn/index.ts";
import { MAX_TIMES } from "../process.ts";

/** Number of steps. */
export const samplerSteps = z
  .int()
  .min(1)
  .max(MAX_TIMES)
  .describe("Number of sampling steps, at most T (`diffusion.process.steps`).");

/** Bound on |x̂_0| and on |x| after every step. */
export const clip = positive
  .nullable()
  .default(null)
  .describe("Bound on the absolute value of the predicted and current latent; null for none.");
