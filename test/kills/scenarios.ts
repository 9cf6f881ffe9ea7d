/** What is killed: command lines, the folders that they write, and the files that they need. */
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Work in an empty folder of its own. */
export interface Scenario {
  readonly name: string;
  /** How many of a hundred kills it gets. */
  readonly share: number;
  /** Writes what the commands need. */
  prepare(folder: string): void;
  /** Arguments of Node, one list for each process. A killed one is started again as it was. */
  readonly commands: readonly (readonly string[])[];
  /** Whether command `index` has nothing left to do, though it was killed. */
  isDone?(folder: string, index: number): boolean;
  /** What is compared, in the folder. */
  readonly output: string;
}

/** Where things lie. */
export interface Places {
  /** The program: pdiff.js. */
  readonly program: string;
  /** What `writeInputs` of the comparison wrote. */
  readonly inputs: string;
  /** A finished run of the trajectory, and its archive; made before they are needed. */
  readonly finished: string;
  readonly archive: string;
  /** The address of a file on loopback, and its MD5. */
  readonly download: { readonly url: string; readonly md5: string; readonly bytes: number };
}

/** Low enough for an autoencoder of so few steps. */
const gate = -1e6;
const common = { seed: 1, device: { threads: 1 } };
const audit = {
  draws: 3,
  ensemble: 4,
  trajectories: 1,
  fineTuned: { count: 1, steps: 2 },
  trained: { count: 3, steps: 4 },
  baselines: ["noise:0.1", "average:2", "gaussian"],
  embeddings: ["pca"],
};

/** Separate trainings in groups, and 800 000 predictions: both worth two worker processes. */
const seeds = {
  name: "seeds",
  ...common,
  data: { name: "glyphs", selection: 2500, size: 14, train: 4000, test: 5000 },
  network: { name: "mlp", hidden: [24] },
  base: { epochs: 8, batch: 40, lr: 0.01, optimiser: "adam", schedule: "cosine" },
  zoo: { kind: "seeds", count: 80, heldOut: 20 },
  preset: "units",
  autoencoder: { gate },
  diffusion: { denoiser: { width: 16, blocks: 1, heads: 2 }, training: { steps: 30, batch: 8 } },
  sample: { count: 6, sampler: { steps: 5 } },
  evaluate: { reconstructions: 4 },
  audit,
};

const trajectory = {
  name: "trajectory",
  ...common,
  data: { name: "glyphs", selection: 100, pad: 2, train: 600, test: 100 },
  network: { name: "cnn", channels: [4, 6, 6], hidden: [8], colour: false },
  base: { epochs: 6, batch: 50, lr: 0.01, optimiser: "adam", schedule: "cosine" },
  zoo: { count: 16, references: 1, batch: 50, lr: 0.003, heldOut: 8 },
  preset: "small",
  autoencoder: { channels: [4, 8], latent: 8, gate, training: { steps: 60, batch: 8 } },
  diffusion: {
    denoiser: { width: 16, blocks: 1 },
    training: { steps: 80, batch: 8 },
    snapshots: 3,
    choose: "held-out",
    ema: 0.9,
  },
  sample: { count: 8 },
  evaluate: { reconstructions: 6 },
  audit,
};

const withRecipe = (recipe: object) => (folder: string) =>
  // JSON is YAML.
  writeFileSync(join(folder, "recipe.yaml"), JSON.stringify(recipe));

/** The scenarios. */
export function scenarios({ program, inputs, finished, archive, download }: Places): readonly Scenario[] {
  const run = [program, "run", "recipe.yaml", "--run", "run"];
  const copyFinished = (folder: string) => cpSync(finished, join(folder, "run"), { recursive: true });
  const getter = fileURLToPath(new URL("get.ts", import.meta.url));
  return [
    { name: "trajectory", share: 22, prepare: withRecipe(trajectory), commands: [run], output: "run" },
    { name: "seeds, with workers", share: 28, prepare: withRecipe(seeds), commands: [run], output: "run" },
    {
      name: "fit, with a command",
      share: 16,
      prepare: () => {},
      commands: [
        [
          ...[program, "fit", join(inputs, "checkpoints"), "--run", "run", "--select", "head.*", "--held-out", "6"],
          ...["--evaluate", `node ${join(inputs, "slow-score.mjs")} {checkpoint}`, "--metric", "loss"],
          ...["--better", "lower", "--ignore-gate", "seed=1", "device.threads=1", "diffusion.training.steps=60"],
          ...["sample.count=6", "measure.networks=5", "audit.draws=3"],
          "audit.baselines=[noise:0.1,average:2,gaussian]",
        ],
        [program, "run", "run/config.yaml", "--run", "run"],
      ],
      output: "run",
    },
    {
      name: "run, with other values",
      share: 10,
      prepare: (folder) => {
        withRecipe(trajectory)(folder);
        copyFinished(folder);
      },
      commands: [[...run, "diffusion.training.steps=60", "sample.count=7"]],
      output: "run",
    },
    {
      name: "sample -n",
      share: 6,
      prepare: copyFinished,
      commands: [[program, "sample", "run", "-n", "400", "--seed", "7", "--select-best", "50", "--to", "drawn"]],
      output: "drawn",
    },
    {
      name: "export --archive",
      share: 6,
      prepare: copyFinished,
      commands: [[program, "export", "run", "--to", "away", "--archive"]],
      output: "away",
    },
    {
      name: "import",
      share: 6,
      prepare: (folder) => cpSync(archive, join(folder, "run.tar")),
      commands: [[program, "import", "run.tar", "--run", "run"]],
      // The folder gets its name when it is whole.
      isDone: (folder) => existsSync(join(folder, "run")),
      output: "run",
    },
    {
      name: "data get",
      share: 6,
      prepare: (folder) => mkdirSync(join(folder, "data")),
      commands: [
        ["--import", import.meta.resolve("tsx"), getter, "data", download.url, download.md5, String(download.bytes)],
      ],
      output: "data",
    },
  ];
}
