/**
 * The generators by name: everything between the zoo and the samples. A recipe starts from one and
 * may change any part of it. A preset names parts and says what differs from their defaults, which
 * the parts hold themselves. What each generation of the paper leaves open, and where we depart
 * from it, is in docs/method.md.
 */

/** The presets. */
export const presetNames = ["small", "tokens", "linear", "units", "v1", "v3", "vae"] as const;
export type PresetName = (typeof presetNames)[number];

const adamw = { type: "adamw", weightDecay: 0 };
const cosine = { type: "cosine" };

/** DDPM's process, the same in every version of the paper. */
const process = { objective: "noise", steps: 1000, betaStart: 1e-4, betaEnd: 0.02 };

const mlpDiffusion = {
  process,
  standardise: true,
  denoiser: { type: "mlp" },
  ema: null,
  training: { steps: 3000, batch: 128, lr: 1e-3, optimiser: adamw, schedule: cosine },
};

/**
 * Standardised latents beyond ±5 occur in no zoo: the bound only keeps a rare divergence from
 * ruining its sample.
 */
const ancestral = { type: "ddpm", variance: "posterior", clip: 5 };

export const presets: Readonly<Record<PresetName, Readonly<Record<string, unknown>>>> = {
  /** Ours, for a laptop's CPU. */
  small: {
    normalisation: "coordinate",
    autoencoder: { type: "conv" },
    diffusion: mlpDiffusion,
    sample: { sampler: ancestral },
  },
  /**
   * Ours for long vectors: each chunk has its own map, so time and memory grow in proportion to the
   * length.
   */
  tokens: {
    normalisation: "coordinate",
    autoencoder: { type: "tokens" },
    diffusion: mlpDiffusion,
    sample: { sampler: ancestral },
  },
  /** Exact linear latents in place of the autoencoder; the diffusion of `small`. */
  linear: {
    normalisation: "none",
    autoencoder: { type: "linear", latent: 32 },
    diffusion: { ...mlpDiffusion, training: { ...mlpDiffusion.training, batch: 64 } },
    sample: { sampler: ancestral },
  },
  /**
   * Ours for independent seeds: tokens of hidden units, a transformer equivariant to their order,
   * flow matching, guided by a snapshot from early in the training.
   */
  units: {
    normalisation: "none",
    autoencoder: { type: "units" },
    diffusion: {
      process: { objective: "flow", location: -1 },
      standardise: false,
      denoiser: { type: "units" },
      ema: null,
      training: { steps: 10_000, batch: 64, lr: 3e-3, optimiser: adamw, schedule: { type: "cosine", warmup: 100 } },
      snapshots: 3,
    },
    sample: { sampler: { type: "heun", steps: 30 }, guidance: { weight: 2.5, after: 0.05, from: 0.1, to: 0.6 } },
  },
  /**
   * The first paper's (arXiv 2402.13144v1): four-stage convolutional autoencoder, convolutional
   * denoiser.
   */
  v1: {
    normalisation: "none",
    autoencoder: { type: "v1" },
    diffusion: {
      process,
      standardise: false,
      denoiser: { type: "v1" },
      ema: 0.9999,
      // All 200 checkpoints in every step, as its autoencoder.
      training: {
        steps: 30_000,
        batch: 200,
        lr: 1e-3,
        optimiser: { type: "adamw", weightDecay: 2e-6 },
        schedule: { type: "constant" },
      },
    },
    sample: { sampler: { type: "ddpm", variance: "large", clip: 1 } },
  },
  /** The revised paper's (arXiv 2402.13144v3), with the steps of CIFAR-100 and ResNet-18. */
  v3: {
    normalisation: "tensor",
    autoencoder: { type: "v3" },
    diffusion: {
      process,
      standardise: false,
      denoiser: { type: "v3" },
      ema: null,
      training: { steps: 1000, batch: 50, lr: 1e-4, optimiser: adamw, schedule: cosine },
    },
    sample: { sampler: { type: "ddpm", variance: "posterior", clip: null } },
  },
  /**
   * The revised paper's baseline (appendix B.2): the same backbone with a learned variance, sampled
   * from its prior.
   */
  vae: {
    normalisation: "tensor",
    autoencoder: {
      type: "v3",
      kl: 1,
      noise: { parameters: 0, latent: 0 },
      training: { steps: 2000, lr: 2e-4 },
    },
    diffusion: null,
    generator: "vae",
  },
};
