/**
 * The small recipes that both versions run, under the newest names. Together they take most ways
 * through the program: each kind of zoo, each kind of network, most autoencoders, denoisers and
 * samplers, both audits.
 */

/** A recipe, and the command lines that run it in an empty folder. */
export interface ComparisonRecipe {
  readonly name: string;
  /** Written to `recipe.yaml` in the folder. */
  readonly recipe?: Readonly<Record<string, unknown>>;
  /** Arguments of `pdiff`, one list for each process. Their paths are relative to the folder. */
  readonly commands: readonly (readonly string[])[];
}

/** Low enough for an autoencoder of so few steps. */
const gate = -1e6;
const common = { seed: 1, device: { threads: 1 } };
const run = ["run", "recipe.yaml", "--run", "run", "--quiet"];
/** What a run that `fit` began lacks. */
const finish = ["run", "run/config.yaml", "--run", "run", "--quiet"];
const audit = {
  draws: 3,
  ensemble: 4,
  trajectories: 1,
  fineTuned: { count: 1, steps: 2 },
  baselines: ["noise:0.1", "average:2", "gaussian"],
};

/**
 * The recipes.
 * @param inputs absolute path of the folder that `writeInputs` filled.
 */
export const comparisonRecipes = (inputs: string): readonly ComparisonRecipe[] => [
  {
    // A convolutional network, the usual baselines, embeddings, a chosen denoiser, and export.
    name: "trajectory",
    recipe: {
      name: "trajectory",
      ...common,
      data: { name: "glyphs", selection: 100, pad: 2, train: 600, test: 100 },
      network: { name: "cnn", channels: [4, 6, 6], hidden: [8], colour: false },
      base: { epochs: 6, batch: 50, lr: 0.01, optimiser: "adam", schedule: "cosine" },
      zoo: { count: 16, references: 1, batch: 50, lr: 0.003, heldOut: 8 },
      preset: "small",
      autoencoder: { channels: [4, 8], latent: 8, gate, training: { steps: 30, batch: 8 } },
      diffusion: {
        denoiser: { width: 16, blocks: 1 },
        training: { steps: 40, batch: 8 },
        snapshots: 3,
        choose: "held-out",
        ema: 0.9,
      },
      sample: { count: 8 },
      evaluate: { reconstructions: 6 },
      audit: {
        draws: 4,
        ensemble: 4,
        trajectories: 2,
        fineTuned: { count: 2, steps: 2 },
        embeddings: ["tsne", "pca", "umap"],
      },
    },
    commands: [run, ["export", "run", "--to", "export", "--count", "2", "--quiet"]],
  },
  {
    // Separate trainings in canonical form, tokens of hidden units, flow matching, symmetric
    // baselines.
    name: "seeds",
    recipe: {
      name: "seeds",
      ...common,
      data: { name: "glyphs", selection: 100, size: 14, train: 800, test: 100 },
      network: { name: "mlp", hidden: [8, 6] },
      base: { epochs: 4, batch: 40, lr: 0.01, optimiser: "adam", schedule: "cosine" },
      zoo: { kind: "seeds", count: 12, heldOut: 6, references: 1, canonical: true },
      preset: "units",
      autoencoder: { gate },
      diffusion: {
        denoiser: { width: 16, blocks: 1, heads: 2 },
        training: { steps: 30, batch: 8, schedule: { warmup: 3 } },
        snapshots: 2,
      },
      sample: { count: 6, sampler: { steps: 5 } },
      evaluate: { reconstructions: 4 },
      audit: {
        draws: 4,
        ensemble: 4,
        trajectories: 1,
        fineTuned: { count: 1, steps: 2 },
        baselines: [
          ...["noise:0.1", "interpolate", "average:2", "average:all", "crossover:2"],
          ...["gaussian", "pca-gaussian", "gaussian-latent", "kde-latent"],
        ],
      },
    },
    commands: [run],
  },
  {
    // Checkpoints of a network that is unknown here, scored by a user's command; sizes chosen from
    // the files.
    name: "command",
    commands: [
      [
        ...["fit", `${inputs}/checkpoints`, "--run", "run", "--select", "head.*", "--held-out", "6", "--quiet"],
        ...["--evaluate", `node ${inputs}/score.mjs {checkpoint}`, "--metric", "loss", "--better", "lower"],
        ...["--ignore-gate", "seed=1", "device.threads=1", "diffusion.training.steps=60", "sample.count=6"],
        ...["measure.networks=5", "audit.draws=3", "audit.baselines=[noise:0.1,average:2,average:all,gaussian]"],
      ],
      ["sample", "run", "--count", "5", "--quiet"],
      finish,
    ],
  },
  {
    // An imported network that is trained here, of which the last layer is generated; exact linear
    // latents.
    name: "onnx",
    recipe: {
      name: "onnx",
      ...common,
      data: { name: "glyphs", selection: 100, train: 400, test: 100 },
      network: { name: "onnx", file: `${inputs}/network.onnx` },
      base: {
        weights: `${inputs}/network.onnx`,
        epochs: 4,
        batch: 40,
        lr: 0.01,
        optimiser: "adam",
        schedule: "cosine",
      },
      zoo: { count: 10, heldOut: 6, references: 1, every: { steps: 2 }, select: "last-layers:1", batch: 40 },
      preset: "linear",
      autoencoder: { latent: 4, gate },
      diffusion: { denoiser: { width: 16, blocks: 1 }, training: { steps: 30, batch: 8 } },
      sample: { count: 6, sampler: { type: "ddim", steps: 10 } },
      evaluate: { reconstructions: 4 },
      audit: { ...audit, baselines: ["swa", "ema:0.95", "swag", "pca-gaussian"] },
    },
    commands: [run],
  },
  {
    // Checkpoints of an imported network.
    name: "onnx-files",
    commands: [
      [
        ...["fit", `${inputs}/onnx-checkpoints`, "--run", "run", "--network", `${inputs}/network.onnx`, "--quiet"],
        ...["--data", "glyphs", "--ignore-gate", "seed=1", "device.threads=1", "data.selection=100"],
        ...["data.train=300", "data.test=60", "diffusion.training.steps=30", "sample.count=5"],
        ...["evaluate.reconstructions=4", "audit.draws=3", "audit.baselines=[noise:0.1,average:2,gaussian]"],
        ...["audit.fineTuned.count=0", "audit.trajectories=1"],
      ],
      finish,
    ],
  },
  {
    // Batch normalisation: the revised paper's autoencoder and denoiser for its scales and shifts.
    name: "norms",
    recipe: {
      name: "norms",
      ...common,
      data: {
        name: "glyphs",
        selection: 100,
        pad: 2,
        train: 300,
        test: 60,
        augment: { crop: { type: "padded", padding: 2 } },
      },
      network: { name: "resnet-mini" },
      base: { epochs: 2, batch: 50, lr: 0.02, optimiser: "sgd", schedule: "cosine" },
      zoo: { count: 12, heldOut: 6, references: 0, select: "last-norms:2", batch: 50, optimiser: "adamw" },
      preset: "v3",
      autoencoder: { channels: [3, 4, 5], latent: 6, gate, training: { steps: 20, batch: 8 } },
      diffusion: { denoiser: { channels: [4, 6] }, training: { steps: 20, batch: 8 } },
      sample: { count: 6, sampler: { type: "ddim", steps: 10, eta: 0.5 } },
      evaluate: { reconstructions: 4 },
      audit,
    },
    commands: [run],
  },
  {
    // Trainings from the same initial values, the autoencoder for long vectors, a denoiser of
    // velocities.
    name: "orders",
    recipe: {
      name: "orders",
      ...common,
      data: { name: "glyphs", selection: 100, size: 14, train: 400, test: 100 },
      network: { name: "mlp", hidden: [8] },
      base: { epochs: 4, batch: 40, lr: 0.01, optimiser: "adamw", schedule: "constant" },
      zoo: { kind: "orders", count: 10, heldOut: 4, references: 1 },
      preset: "tokens",
      autoencoder: { chunk: 256, rank: 4, latent: 6, gate, training: { steps: 20, batch: 8 } },
      diffusion: { denoiser: { width: 16, blocks: 1 }, training: { steps: 20, batch: 8 } },
      sample: { count: 6 },
      evaluate: { reconstructions: 4 },
      audit,
    },
    commands: [run],
  },
  {
    // The first paper's generator, for a convolutional network with instance normalisation.
    name: "first-paper",
    recipe: {
      name: "first-paper",
      ...common,
      data: { name: "glyphs", selection: 60, pad: 2, train: 200, test: 60 },
      network: { name: "convnet", width: 6, depth: 2 },
      base: { epochs: 2, batch: 50, lr: 0.01, optimiser: "adam", schedule: "cosine" },
      zoo: { count: 8, heldOut: 4, references: 0, every: "epoch", select: "last-layers:1", batch: 100 },
      preset: "v1",
      autoencoder: { encoder: 2, decoder: [4, 4, 2, 1], gate, training: { steps: 10, batch: 8 } },
      diffusion: { denoiser: { channels: [4, 6] }, training: { steps: 10, batch: 8 } },
      sample: { count: 4 },
      evaluate: { reconstructions: 2 },
      audit: { ...audit, baselines: ["noise-absolute:0.1", "average:2"] },
    },
    commands: [run],
  },
  {
    // The revised paper's variational autoencoder, without a denoiser, for a transformer.
    name: "vae",
    recipe: {
      name: "vae",
      ...common,
      data: { name: "glyphs", selection: 60, pad: 2, train: 200, test: 60 },
      network: { name: "vit-mini" },
      base: { epochs: 1, batch: 50, lr: 0.003, optimiser: "adamw", schedule: "cosine" },
      zoo: { count: 8, heldOut: 4, references: 0, select: "last-norms:1", batch: 50 },
      preset: "vae",
      autoencoder: { channels: [3, 4], latent: 4, gate, training: { steps: 10, batch: 8 } },
      sample: { count: 4 },
      evaluate: { reconstructions: 2 },
      audit: { ...audit, baselines: ["noise:0.1", "gaussian"] },
    },
    commands: [run],
  },
];
