/** A quantity that was logged along a training. */
export interface Curve {
  /** Identifies the training: `train-base`, `fit-denoiser` … */
  readonly id: string;
  /** What the training is called for people. */
  readonly name: string;
  readonly unit: string;
  /** Whether to draw it on a logarithmic axis. */
  readonly log: boolean;
  readonly points: readonly { readonly step: number; readonly value: number }[];
}
