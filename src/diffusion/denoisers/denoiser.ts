/** What a denoiser is: a network that predicts noise or velocity of a latent at a time. */
import type { Tensor } from "../../graph/index.ts";
import type { Scope } from "../../nn/index.ts";
import type { Part, PartOptions } from "../part.ts";
import type { TokenShape } from "../unit-tokens.ts";

/**
 * A denoiser as a graph.
 * @param latent `[batch, latent]`.
 * @param t times, int32 `[batch]`.
 * @returns the predicted noise or velocity, `[batch, latent]`.
 */
export type Denoiser = (at: Scope, latent: Tensor, t: Tensor) => Tensor;

/** What a denoiser is built for. */
export interface DenoiserShape {
  /** T, the number of times. */
  readonly steps: number;
  /** What a latent consists of, where it is tokens. */
  readonly tokens?: TokenShape | undefined;
}

/** A denoiser as it describes itself. */
export interface DenoiserPart<Options = PartOptions> extends Part<Options> {
  /** What it reads: latents without order, or tokens of hidden units. */
  readonly latents: "vector" | "tokens";
  /** Builds its graph for T times, and for tokens where it reads such. */
  build(options: Options, shape: DenoiserShape): Denoiser;
  /** The options of a denoiser that trains within a minute, for a first look. */
  smaller(options: Options): Options;
}

/** Width of the sinusoidal features of time, as in the published code. */
export const TIME_FEATURES = 256;
