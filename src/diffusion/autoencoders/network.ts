/** What an autoencoder that is trained is built of: two graphs between vectors and latents. */
import type { Tensor } from "../../graph/index.ts";
import type { Scope } from "../../nn/index.ts";

/** What an encoder makes of vectors. */
export interface Encoding {
  /** `[batch, latent]` */
  readonly mean: Tensor;
  /** Of latents with a learned variance, `[batch, latent]`. */
  readonly logVariance?: Tensor;
}

/** An autoencoder network for normalised vectors of one length, D. */
export interface AutoencoderNetwork {
  /** Numbers of a latent. */
  readonly latent: number;
  /** The length of the vectors, D. */
  readonly dimension: number;
  /** Vectors `[batch, D]` to latents. */
  encode(at: Scope, v: Tensor): Encoding;
  /** Latents `[batch, latent]` to vectors `[batch, D]`. */
  decode(at: Scope, z: Tensor): Tensor;
  /**
   * Weight of the Kullback–Leibler divergence of latents from a standard normal distribution in the
   * loss; 0 by default. Needs a learned variance.
   */
  readonly kl?: number;
  /** What its batch normalisation uses once it is trained; running statistics by default. */
  readonly statistics?: "running" | "batch";
}
