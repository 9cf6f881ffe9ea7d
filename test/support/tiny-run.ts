/** A whole experiment that takes about a second, and what it leaves behind as checksums. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";

import { type Recipe, requireNetwork, resolveRecipe } from "../../src/recipe/index.ts";
import type { StageName } from "../../src/run/index.ts";
import { type RunOptions, runPipeline } from "../../src/stages/index.ts";

type Tree = Readonly<Record<string, unknown>>;

const tiny = {
  name: "tiny",
  data: { name: "glyphs", selection: 100, train: 400, test: 100 },
  network: { name: "mlp", hidden: [16] },
  base: { epochs: 2, batch: 50, lr: 1e-2, optimiser: "adam", schedule: "cosine" },
  zoo: { count: 12, references: 1, batch: 50, lr: 1e-2 },
  autoencoder: { channels: [4, 8], latent: 8, training: { steps: 20, batch: 8 }, gate: -10 },
  diffusion: { denoiser: { width: 16, blocks: 1 }, training: { steps: 25, batch: 8 } },
  sample: { count: 6, sampler: { type: "ddim", steps: 20, eta: 1 } },
  audit: {
    baselines: ["noise:0.05", "average:4", "gaussian"],
    draws: 4,
    fineTuned: { count: 1, steps: 2 },
    trained: { count: 2, steps: 2 },
    trajectories: 1,
    compared: 6,
  },
};

/** The tiny recipe with some of its parts replaced. */
export const tinyRecipe = (parts: Tree = {}): Recipe =>
  requireNetwork(resolveRecipe({ ...tiny, ...parts }, "tiny"), "a test");

/** With linear latents: seconds less, where the autoencoder does not matter. */
export const tinyLinear: Tree = { preset: "linear", autoencoder: { type: "linear", latent: 4 } };

/** Everything but the report, which says how long the run took. */
export const stages: readonly StageName[] = ["collect", "fit", "sample", "evaluate"];

/** Runs the tiny recipe in a folder, snapshots after every step. */
export const run = (folder: string, { recipe = tinyRecipe(), ...more }: Partial<RunOptions> = {}): Promise<void> =>
  runPipeline({ recipe, folder, stages, saveEveryMs: 0, ...more });

export { temporaryFolders } from "./temporary-folders.ts";

/** What results hold besides what was computed: how long it took. */
const TIMES: Readonly<Record<string, string>> = { "results.json": "seconds", "audit.json": "cost" };

/** SHA-256 by path of everything that a run has computed; the seconds that it took do not count. */
export function fingerprint(folder: string): Record<string, string> {
  const computed = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath !== folder)
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    computed.sort().map((file) => {
      const bytes = readFileSync(file);
      const times = TIMES[basename(file)];
      const content = times === undefined ? bytes : JSON.stringify({ ...JSON.parse(bytes.toString()), [times]: null });
      return [relative(folder, file), createHash("sha256").update(content).digest("hex")];
    }),
  );
}
