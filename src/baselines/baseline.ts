/**
 * What a baseline is: a way to make networks from networks without a diffusion model. What a fitted
 * generator draws is worth its fitting only where it beats the baselines at the same distance from
 * the originals. Each baseline is one file that describes itself.
 */
import type { z } from "zod";
import type { DrawOptions, Vectors } from "./vectors.ts";

/** What a baseline is of, for the report: baselines of one family share a colour. */
export type BaselineFamily = "noise" | "average" | "gaussian" | "latent";

/**
 * What a baseline draws: parameters from parameters, an autoencoder's latents from latents, or
 * parameters of networks whose hidden units stand in canonical order.
 */
export type BaselineSpace = "parameters" | "latents" | "units";

/**
 * A baseline as it describes itself.
 * @typeParam N the number after the colon of its name, as in `average:16`; undefined without one.
 */
export interface BaselinePart<N = number | undefined> {
  /** Its name in recipes, such as `average`. */
  readonly type: string;
  /** One sentence. */
  readonly description: string;
  readonly family: BaselineFamily;
  /** Parameters by default. */
  readonly space?: BaselineSpace;
  /**
   * The number after the colon, with its default. What is wrong with a number is the schema's
   * message, which follows "expected". Without a schema the name takes no number.
   */
  readonly number?: z.ZodType<N>;
  /** Whether all draws are one and the same network; false by default. */
  readonly single?: boolean;
  /** The fewest originals that it can draw from. */
  needs(number: N): number;
  /**
   * Draws new vectors `[count, D]`. Draw i must not depend on how many there are.
   * @param originals at least as many as it needs; those of a trajectory in its order.
   */
  draw(number: N, originals: Vectors, options: DrawOptions): Float32Array | Promise<Float32Array>;
}

/** A baseline with its number: what a name such as `average:16` stands for. */
export interface Baseline {
  /** In full: `average:16`. */
  readonly name: string;
  readonly family: BaselineFamily;
  readonly space: BaselineSpace;
  readonly single: boolean;
  readonly needs: number;
  /**
   * Draws new vectors `[count, D]`. Draw i does not depend on how many there are.
   * @throws UserError `E_RUN` where there are fewer originals than it needs.
   */
  draw(originals: Vectors, options: DrawOptions): Promise<Float32Array>;
}
