/**
 * Scales any recipe down to run on a laptop in minutes: the same kinds of network and generator,
 * with little data, few steps and narrow layers, and without the gate. Its numbers say nothing
 * about the experiment.
 */
import { existsSync } from "node:fs";

import { dataRoot, hasData } from "../data/index.ts";
import { partOf, shorter } from "../diffusion/index.ts";
import { shapeOf } from "./data-shape.ts";
import type { Recipe } from "./load.ts";
import { builtInParts, type Parts } from "./parts.ts";

/** A small run, and how it differs from the recipe beyond its size. */
export interface Quick {
  readonly recipe: Recipe;
  readonly notices: readonly string[];
}

const MAX = {
  train: 400,
  selection: 100,
  test: 300,
  batch: 32,
  count: 20,
  heldOut: 5,
  samples: 20,
  draws: 4,
  straightWays: 3,
  ensemble: 8,
  baselines: ["noise:0.05", "average:4", "gaussian"],
  side: 64,
};

/** The recipe at the size of a laptop. */
export function quick(recipe: Recipe, parts: Parts = builtInParts): Quick {
  const notices: string[] = [];
  const { data, base, zoo, sample } = recipe;
  const present = hasData(data, dataRoot());
  if (!present)
    notices.push(
      `${data.name} is not here: glyphs, drawn by this program, stand in for it, and the numbers say nothing about ${data.name}`,
    );
  const weights = present && base.weights !== undefined && existsSync(base.weights) ? base.weights : undefined;
  if (base.weights !== undefined && weights === undefined)
    notices.push(
      `without ${present ? base.weights : "its own images"} the network is trained from scratch, for an epoch, not from pretrained weights`,
    );
  notices.push("little data, few steps, narrow layers, and no gate to pass: this only shows the way");
  const { weights: _, ...from } = base;
  return {
    notices,
    recipe: {
      ...recipe,
      name: `${recipe.name}-quick`,
      quick: true,
      data: smaller(recipe, present),
      base: {
        ...from,
        ...(weights !== undefined && { weights }),
        epochs: weights !== undefined ? Math.min(base.epochs, 1) : 1,
        keep: "last",
        batch: Math.min(base.batch, MAX.batch),
      },
      zoo: {
        ...zoo,
        count: Math.min(zoo.count, MAX.count),
        heldOut: Math.min(zoo.heldOut, MAX.heldOut),
        unseen: Math.min(zoo.unseen, MAX.count),
        references: 0,
        every: "step",
        skip: 0,
        batch: Math.min(zoo.batch, MAX.batch),
      },
      autoencoder: smallerAutoencoder(recipe.autoencoder, parts),
      diffusion: smallerDiffusion(recipe.diffusion, parts),
      sample: { ...sample, count: Math.min(sample.count, MAX.samples) },
      evaluate: {
        batch: Math.min(recipe.evaluate.batch, 50),
        reconstructions: Math.min(recipe.evaluate.reconstructions, 10),
      },
      audit: {
        ...recipe.audit,
        baselines: recipe.audit.baselines.filter((name) => MAX.baselines.includes(name)),
        draws: Math.min(recipe.audit.draws, MAX.draws),
        fineTuned: {
          count: Math.min(recipe.audit.fineTuned.count, 1),
          steps: Math.min(recipe.audit.fineTuned.steps, 3),
        },
        compared: Math.min(recipe.audit.compared, MAX.samples),
        straightWays: Math.min(recipe.audit.straightWays, MAX.straightWays),
        trained: {
          count: Math.min(recipe.audit.trained.count, MAX.draws),
          steps: Math.min(recipe.audit.trained.steps, 3),
        },
        ensemble: Math.min(recipe.audit.ensemble, MAX.ensemble),
        trajectories: Math.min(recipe.audit.trajectories, 1),
      },
    },
  };
}

/** Fewer and smaller images; of a set that is not there, drawings. */
function smaller(recipe: Recipe, present: boolean): Recipe["data"] {
  const { data } = recipe;
  const { height, train, selection, test } = shapeOf(recipe);
  const side = Math.min(height, MAX.side);
  const counts = {
    train: Math.min(train + selection, MAX.train + MAX.selection),
    selection: Math.min(selection, MAX.selection),
    test: Math.min(test, MAX.test),
  };
  if (!present)
    return { ...counts, name: "glyphs", pad: 0, size: side, normalise: "own", augment: data.augment, corrupt: "fail" };
  if (side === height) return { ...data, ...counts };
  return { ...data, ...counts, size: side, resize: Math.round((side * 8) / 7) };
}

function smallerAutoencoder(options: Recipe["autoencoder"], { autoencoders }: Parts): Recipe["autoencoder"] {
  const part = partOf(autoencoders, options, "autoencoder");
  return { ...options, ...part.smaller(options, MAX.count) };
}

function smallerDiffusion(options: Recipe["diffusion"], { denoisers }: Parts): Recipe["diffusion"] {
  if (options === null) return null;
  const denoiser = partOf(denoisers, options.denoiser, "denoiser").smaller(options.denoiser);
  return { ...options, denoiser, training: shorter(options.training) };
}
