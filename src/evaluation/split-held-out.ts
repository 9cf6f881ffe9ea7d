/**
 * The rule on which the verdict rests: held-out networks that choose the denoiser do not audit the
 * samples. Those in even places choose and those in odd places audit, so that both halves are
 * spread over the whole trajectory.
 */

/** Held-out networks by what they may be used for. */
export interface HeldOutSplit<T> {
  /** Choose the snapshot of the denoiser; empty where none is chosen. */
  readonly choose: readonly T[];
  /** Audit the samples. */
  readonly audit: readonly T[];
}

/**
 * Splits held-out networks.
 * @param heldOut in the order in which they were made.
 * @param chooses whether held-out networks choose the denoiser; if not, all of them audit.
 */
export function splitHeldOut<T>(heldOut: readonly T[], chooses: boolean): HeldOutSplit<T> {
  if (!chooses) return { choose: [], audit: heldOut };
  return { choose: heldOut.filter((_, i) => i % 2 === 0), audit: heldOut.filter((_, i) => i % 2 === 1) };
}
