/** A normal distribution of an autoencoder's latents. */
import type { BaselinePart } from "../baseline.ts";
import { fullGaussian } from "./gaussian-draws.ts";

/** The normal distribution with the latents' own covariance. */
export const gaussianLatent: BaselinePart = {
  type: "gaussian-latent",
  description: "latents from a normal distribution with the originals' covariance",
  family: "latent",
  space: "latents",
  needs: () => 2,
  draw: (_, originals, options) => fullGaussian(originals, options),
};
