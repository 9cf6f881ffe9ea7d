/** How parts are made smaller, to see a whole run at work in minutes. */
import type { TrainingOptions } from "./training.ts";

/** Widths are divided by this. */
const DIVISOR = 8;

/** Layers an eighth as wide. */
export const narrower = (widths: readonly number[]): number[] =>
  widths.map((n) => Math.max(1, Math.round(n / DIVISOR)));

/** The most numbers of a latent. */
export const MAX_SMALL_LATENT = 64;

/** Few steps need a higher rate to get anywhere. */
const MIN_RATE = 1e-3;

/** A training of at most 40 steps of 16 examples. */
export const shorter = <T extends Pick<TrainingOptions, "steps" | "batch" | "lr">>(training: T): T => ({
  ...training,
  steps: Math.min(training.steps, 40),
  batch: Math.min(training.batch, 16),
  lr: Math.max(training.lr, MIN_RATE),
});
