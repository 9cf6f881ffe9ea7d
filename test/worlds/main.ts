/**
 * Whether the audit is right about samples whose kind is known: npm run worlds [-- SEEDS]. Trains
 * small networks, replaces the samples of a run by copies, averages, fresh networks and others,
 * evaluates and audits each, and prints the verdict beside those that are right. Takes about ten
 * minutes a seed; exits with 1 where less than 99 % are right.
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readJson, writeJson } from "../../src/files/index.ts";
import type { Layout } from "../../src/layout/index.ts";
import { foldIn, key } from "../../src/random/index.ts";
import { type Recipe, requireNetwork, resolveRecipe } from "../../src/recipe/index.ts";
import { checkpointPath, indexOf, paths, readAudit, readCheckpoint, writeCheckpoint } from "../../src/run/index.ts";
import { classifierOf } from "../../src/stages/context.ts";
import { runPipeline } from "../../src/stages/index.ts";
import { hiddenUnits } from "../../src/symmetry/index.ts";
import { type Ingredients, worldsOf } from "./networks.ts";

const COUNTS = { zoo: 60, heldOut: 30, samples: 60 };
const training = { epochs: 3, batch: 50, lr: 5e-3, optimiser: "adam", schedule: "cosine" };

const common = (seed: number) => ({
  seed,
  data: { name: "glyphs", selection: 500, train: 2000, test: 1000, size: 14 },
  base: training,
  generator: "average:2",
  sample: { count: COUNTS.samples },
  audit: {
    baselines: [
      ...["noise:0.1", "noise:0.4", "noise:0.8", "interpolate", "average:2", "average:4", "average:16"],
      ...["crossover:2", "gaussian", "pca-gaussian:20", "noise:2"],
    ],
    draws: 20,
    fineTuned: { count: 1, steps: 5 },
    ensemble: 2,
    embeddings: ["pca"],
  },
});

/** Networks whose hidden units are known, trained separately or in one training. */
const KINDS: Readonly<Record<string, (seed: number) => Readonly<Record<string, unknown>>>> = {
  "one hidden layer": (seed) => ({ ...common(seed), network: { name: "mlp", hidden: [12] }, zoo: separate }),
  "two hidden layers": (seed) => ({ ...common(seed), network: { name: "mlp", hidden: [12, 10] }, zoo: separate }),
  CNN: (seed) => ({
    ...common(seed),
    network: { name: "cnn", channels: [4, 6], kernel: 3, hidden: [10] },
    zoo: separate,
  }),
  "one training": (seed) => ({
    ...common(seed),
    network: { name: "mlp", hidden: [12] },
    zoo: { kind: "trajectory", count: COUNTS.zoo, heldOut: COUNTS.heldOut, every: "step", batch: 50, lr: 1e-3 },
  }),
};
const separate = { kind: "seeds", count: COUNTS.zoo, heldOut: COUNTS.heldOut };

const recipeOf = (tree: Readonly<Record<string, unknown>>): Recipe =>
  requireNetwork(resolveRecipe({ name: "worlds", ...tree }, "worlds"), "the worlds");

const folders: string[] = [];
const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "pdiff-worlds-"));
  folders.push(folder);
  return folder;
};

/** The networks of a zoo. */
const zooOf = (folder: string, layout: Layout, count: number): Promise<Float32Array[]> =>
  Promise.all(
    Array.from({ length: count }, (_, i) => readCheckpoint(checkpointPath(paths(folder).zoo, i + 1, count), layout)),
  );

/** A larger zoo of the same process, whose first networks the run learns from, less those. */
async function freshNetworks(tree: Readonly<Record<string, unknown>>, layout: Layout): Promise<Float32Array[]> {
  const folder = makeFolder();
  const count = COUNTS.zoo + COUNTS.samples;
  const recipe = recipeOf({ ...tree, zoo: { ...separate, count, heldOut: 0 } });
  await runPipeline({ recipe, folder, stages: ["collect"] });
  return (await zooOf(folder, layout, count)).slice(COUNTS.zoo);
}

/** Puts other networks in the place of a run's samples. */
async function replaceSamples(folder: string, layout: Layout, samples: readonly Float32Array[]): Promise<void> {
  const p = paths(folder);
  for (const [i, sample] of samples.entries())
    await writeCheckpoint(checkpointPath(p.samples, i + 1, samples.length), layout, sample, { sample: String(i + 1) });
  const index = (await readJson(p.samplesIndex)) as object;
  await writeJson(p.samplesIndex, { ...index, checkpoints: await indexOf(p.samples, samples.length) });
}

const seeds = Number(process.argv[2] ?? 2);
const only = process.argv[3];
let [right, all] = [0, 0];
try {
  for (const [kind, treeOf] of Object.entries(KINDS)) {
    if (only !== undefined && kind !== only) continue;
    for (let seed = 1; seed <= seeds; seed++) {
      const tree = treeOf(seed);
      const recipe = recipeOf(tree);
      const folder = makeFolder();
      await runPipeline({ recipe, folder, stages: ["collect", "fit", "sample"] });
      const { layout } = classifierOf(recipe);
      const found = hiddenUnits(layout);
      if (!("units" in found)) throw new Error(found.problem);
      const isSeparate = recipe.zoo.kind === "seeds";
      const ingredients: Ingredients = {
        originals: await zooOf(folder, layout, COUNTS.zoo),
        fresh: isSeparate ? await freshNetworks(tree, layout) : [],
        young: isSeparate ? await freshNetworks({ ...tree, base: { ...training, epochs: 1 } }, layout) : [],
        units: found.units,
        count: COUNTS.samples,
        key: foldIn(key(seed), kind),
      };
      for (const world of worldsOf(ingredients)) {
        const copy = makeFolder();
        cpSync(folder, copy, { recursive: true });
        await replaceSamples(copy, layout, world.samples);
        await runPipeline({ recipe, folder: copy, stages: ["evaluate", "audit"] });
        const audit = await readAudit(copy);
        const { label, rule } = audit!.verdict;
        const isRight = world.right.some((pattern) => pattern.test(label));
        all++;
        if (isRight) right++;
        console.log(
          `${isRight ? "right" : "WRONG"}  ${kind}, seed ${seed}, ${world.name}: ${label}${isRight ? "" : `. ${rule}`}`,
        );
        rmSync(copy, { recursive: true });
      }
    }
  }
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
console.log(`${right} of ${all} right`);
process.exitCode = right >= 0.99 * all ? 0 : 1;
