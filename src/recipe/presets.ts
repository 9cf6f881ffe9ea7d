/**
 * The generators by name: everything between the zoo and the samples. A recipe starts from one and may change any part
 * of it. What each generation of the paper leaves open, and where we depart from it, is told in docs/method.md.
 */
export const presetNames = ["small", "tokens", "linear", "units", "v1", "v3", "vae"] as const;
export type PresetName = (typeof presetNames)[number];

const adamw = { type: "adamw", weightDecay: 0 };
const cosine = { type: "cosine" };

/** DDPM's process, the same in every version of the paper. */
const process = { objective: "noise", steps: 1000, betaStart: 1e-4, betaEnd: 0.02 };

const mlpDiffusion = {
  process,
  standardise: true,
  denoiser: { type: "mlp", width: 256, blocks: 3 },
  ema: null,
  training: { steps: 3000, batch: 128, lr: 1e-3, optimiser: adamw, schedule: cosine },
};

/** All 200 checkpoints in every step, for both networks of the first paper. */
const v1Training = {
  steps: 30_000,
  batch: 200,
  lr: 1e-3,
  optimiser: { type: "adamw", weightDecay: 2e-6 },
  schedule: { type: "constant" },
};

/** The revised paper's backbone (section 3.1, appendix B; class OneDimVAE of its code). */
const v3Autoencoder = {
  type: "v3",
  channels: [64, 128, 256, 256, 32],
  kernel: 7,
  latent: 128,
  noise: { parameters: 0.001, latent: 0.1, mode: "add" },
  training: { steps: 500, batch: 50, lr: 2e-5, optimiser: adamw, schedule: cosine },
};

/** Standardised latents beyond ±5 occur in no zoo: the bound only keeps a rare runaway from ruining its sample. */
const ancestral = { type: "ddpm", variance: "posterior", clip: 5 };

export const presets: Readonly<Record<PresetName, Readonly<Record<string, unknown>>>> = {
  /** Ours, for a laptop's CPU. */
  small: {
    normalisation: "coordinate",
    autoencoder: {
      type: "conv",
      channels: [16, 128],
      kernel: 9,
      stride: 8,
      latent: 64,
      noise: { parameters: 0.001, latent: 0.1, mode: "add" },
      training: { steps: 400, batch: 32, lr: 2e-3, optimiser: adamw, schedule: cosine },
    },
    diffusion: mlpDiffusion,
    sample: { sampler: ancestral },
  },
  /** Ours for long vectors: chunks with maps of their own, so that time and memory grow only in proportion to their length. */
  tokens: {
    normalisation: "coordinate",
    autoencoder: {
      type: "tokens",
      chunk: 1024,
      rank: 32,
      latent: 64,
      // Noise for every number of every vector would take longer to draw than the step itself.
      noise: { parameters: 0, latent: 0.1, mode: "add" },
      training: { steps: 400, batch: 32, lr: 5e-3, optimiser: adamw, schedule: cosine },
    },
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
  /** Ours for independent seeds: tokens of hidden units, a transformer that sees no order in them, straight paths. */
  units: {
    normalisation: "none",
    autoencoder: { type: "units" },
    diffusion: {
      process: { objective: "flow", steps: 1000, uniform: 0.5 },
      standardise: false,
      denoiser: { type: "units", width: 128, blocks: 4, heads: 4 },
      ema: null,
      training: { steps: 10_000, batch: 64, lr: 3e-3, optimiser: adamw, schedule: { type: "cosine", warmup: 100 } },
    },
    sample: { sampler: { type: "heun", steps: 30 } },
  },
  /** The first paper's (arXiv 2402.13144v1): four-stage convolutional autoencoder, convolutional denoiser. */
  v1: {
    normalisation: "none",
    autoencoder: {
      type: "v1",
      encoder: 4,
      decoder: [256, 256, 8, 1],
      fold: 5,
      noise: { parameters: 0.001, latent: 0.1, mode: "blend" },
      training: v1Training,
    },
    diffusion: {
      process,
      standardise: false,
      denoiser: { type: "v1", channels: [64, 128, 256, 512], kernel: 3 },
      ema: 0.9999,
      training: v1Training,
    },
    sample: { sampler: { type: "ddpm", variance: "large", clip: 1 } },
  },
  /** The revised paper's (arXiv 2402.13144v3), with the steps of CIFAR-100 and ResNet-18. */
  v3: {
    normalisation: "tensor",
    autoencoder: v3Autoencoder,
    diffusion: {
      process,
      standardise: false,
      denoiser: { type: "v3", channels: [64, 128, 256, 512], kernel: 7 },
      ema: null,
      training: { steps: 1000, batch: 50, lr: 1e-4, optimiser: adamw, schedule: cosine },
    },
    sample: { sampler: { type: "ddpm", variance: "posterior", clip: null } },
  },
  /** The revised paper's baseline (appendix B.2): the same backbone with a learned variance, sampled from its prior. */
  vae: {
    normalisation: "tensor",
    autoencoder: {
      ...v3Autoencoder,
      kl: 1,
      noise: { parameters: 0, latent: 0, mode: "add" },
      training: { ...v3Autoencoder.training, steps: 2000, lr: 2e-4 },
    },
    diffusion: null,
    generator: "vae",
  },
};
