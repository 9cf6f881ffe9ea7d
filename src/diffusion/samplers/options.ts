/** Fields that several samplers share. */
import { z } from "zod";
import { positive } from "../../nn/index.ts";
import { MAX_TIMES } from "../process.ts";

/** Number of steps. */
export const samplerSteps = z.int().min(1).max(MAX_TIMES).describe("steps, at most T");

/** Bound on |x̂_0| and on |x| after every step. */
export const clip = positive.nullable().default(null).describe("bound on the numbers of a latent; null for none");
