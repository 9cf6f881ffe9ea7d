/**
 * Any recipe at the size of a laptop: the same kinds of network and generator, with little data, few steps and narrow layers,
 * to see the whole way at work in minutes, to be run without minding the gate. Its numbers say nothing of the experiment.
 */
import { existsSync } from "node:fs";

import { dataRoot, hasData } from "../data/index.ts";
import { shapeOf } from "./data-shape.ts";
import type { Recipe } from "./load.ts";

/** A small run, and what is not as in the recipe beyond its size. */
export interface Quick {
  readonly recipe: Recipe;
  readonly notices: readonly string[];
}

const MOST = {
  train: 400,
  selection: 100,
  test: 300,
  batch: 32,
  count: 20,
  heldOut: 5,
  samples: 20,
  draws: 4,
  ensemble: 8,
  baselines: ["noise:0.05", "average:4", "gaussian"],
  steps: 40,
  side: 64,
};

/** Widths are divided by so much. */
const NARROWER = 8;
const narrow = (widths: readonly number[]): number[] => widths.map((n) => Math.max(1, Math.round(n / NARROWER)));

/** Few steps need a higher rate to get anywhere. */
const MIN_RATE = 1e-3;

/** The recipe at the size of a laptop. */
export function quick(recipe: Recipe): Quick {
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
      data: smaller(recipe, present),
      base: {
        ...from,
        ...(weights !== undefined && { weights }),
        epochs: weights !== undefined ? Math.min(base.epochs, 1) : 1,
        keep: "last",
        batch: Math.min(base.batch, MOST.batch),
      },
      zoo: {
        ...zoo,
        count: Math.min(zoo.count, MOST.count),
        heldOut: Math.min(zoo.heldOut, MOST.heldOut),
        references: 0,
        every: "step",
        skip: 0,
        batch: Math.min(zoo.batch, MOST.batch),
      },
      autoencoder: smallerAutoencoder(recipe.autoencoder),
      diffusion: smallerDiffusion(recipe.diffusion),
      sample: { ...sample, count: Math.min(sample.count, MOST.samples) },
      evaluate: {
        batch: Math.min(recipe.evaluate.batch, 50),
        reconstructions: Math.min(recipe.evaluate.reconstructions, 10),
      },
      audit: {
        ...recipe.audit,
        baselines: recipe.audit.baselines.filter((name) => MOST.baselines.includes(name)),
        draws: Math.min(recipe.audit.draws, MOST.draws),
        fineTuned: {
          count: Math.min(recipe.audit.fineTuned.count, 1),
          steps: Math.min(recipe.audit.fineTuned.steps, 3),
        },
        ensemble: Math.min(recipe.audit.ensemble, MOST.ensemble),
        trajectories: Math.min(recipe.audit.trajectories, 1),
      },
    },
  };
}

/** Fewer and smaller images; of a set that is not there, drawings. */
function smaller(recipe: Recipe, present: boolean): Recipe["data"] {
  const { data } = recipe;
  const { height, train, selection, test } = shapeOf(recipe);
  const side = Math.min(height, MOST.side);
  const counts = {
    train: Math.min(train + selection, MOST.train + MOST.selection),
    selection: Math.min(selection, MOST.selection),
    test: Math.min(test, MOST.test),
  };
  if (!present)
    return { ...counts, name: "glyphs", pad: 0, size: side, normalise: "own", augment: data.augment, corrupt: "fail" };
  if (side === height) return { ...data, ...counts };
  return { ...data, ...counts, size: side, resize: Math.round((side * 8) / 7) };
}

const shorter = <T extends { steps: number; batch: number; lr: number }>(training: T): T => ({
  ...training,
  steps: Math.min(training.steps, MOST.steps),
  batch: Math.min(training.batch, MOST.batch / 2),
  lr: Math.max(training.lr, MIN_RATE),
});

function smallerAutoencoder(options: Recipe["autoencoder"]): Recipe["autoencoder"] {
  switch (options.type) {
    case "units":
      return options;
    case "linear":
      return { ...options, latent: Math.min(options.latent, MOST.count - 1) };
    case "v1":
      return {
        ...options,
        decoder: [...narrow(options.decoder.slice(0, -1)), 1],
        training: shorter(options.training),
      };
    case "tokens":
      return { ...options, latent: Math.min(options.latent, 64), training: shorter(options.training) };
    case "conv":
    case "v3":
      return {
        ...options,
        ...{ channels: narrow(options.channels), latent: Math.min(options.latent, 64) },
        training: shorter(options.training),
      };
  }
}

function smallerDiffusion(options: Recipe["diffusion"]): Recipe["diffusion"] {
  if (options === null) return null;
  const { denoiser } = options;
  const small =
    denoiser.type === "mlp" || denoiser.type === "units"
      ? { ...denoiser, width: Math.min(denoiser.width, 128) }
      : { ...denoiser, channels: narrow(denoiser.channels) };
  return { ...options, denoiser: small, training: shorter(options.training) };
}
