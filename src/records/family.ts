/** Where networks come from. */
import { z } from "zod";

/** The kinds of baselines: generators that need no diffusion model. */
export const baselineFamilies = ["noise", "average", "gaussian", "latent"] as const;
export type BaselineFamily = (typeof baselineFamilies)[number];

/**
 * All kinds of networks. The generator learned from `originals`; `heldOut` were made like them but
 * never shown to it; `references` were trained from other initial values, or are originals with
 * shuffled parameters; `fineTuned` are originals after a few more steps; `reconstructions` went
 * through the autoencoder and back; `trained` are draws of baselines after some steps of training,
 * for scale, and not part of the verdict.
 */
export const families = [
  "originals",
  "heldOut",
  "references",
  "samples",
  "reconstructions",
  "fineTuned",
  "trained",
  ...baselineFamilies,
] as const;
export type Family = (typeof families)[number];

/** Where the networks come from. */
export const family = z.enum(families);
