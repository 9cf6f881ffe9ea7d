/** The parts of an audit that only figures show. */
import { z } from "zod";

import type { RecordOf } from "./frozen.ts";

import { interval, quantiles, real } from "./statistics.ts";

/** An ensemble of one size: the probabilities of its networks averaged. */
export const ensemblePoint = z.object({
  /** Number of networks. */
  size: z.number(),
  /** Accuracy on the test split, a fraction. */
  accuracy: interval,
  /** Mean negative log-likelihood, nats. */
  nll: real,
  /** Mean squared error of the probabilities, summed over classes. */
  brier: real,
  /** Expected calibration error, 15 equal bins of confidence. */
  ece: real,
  /**
   * Area under the ROC curve when the greatest probability separates test images from those of the
   * other data set.
   */
  auroc: real.optional(),
});
export type EnsemblePoint = RecordOf<typeof ensemblePoint>;

/** Accuracy of the decoded latents along the sampler's way from noise, a line for each start. */
export const trajectory = z.object({
  /** Diffusion times, from the noisiest. */
  times: z.array(real),
  /** `[starts][times]`, fractions. */
  accuracy: z.array(z.array(real)),
});
export type Trajectory = RecordOf<typeof trajectory>;

/** Networks on a plane. */
export const embedding = z.object({
  /** How it was made. */
  method: z.enum(["tsne", "pca", "umap"]),
  /** What is embedded: latents, or parameters where the generator has no autoencoder. */
  space: z.enum(["latents", "parameters"]),
  /** One entry for each group. */
  groups: z.array(
    z.object({
      /** Name of the group. */
      name: z.string(),
      /** Coordinates of each network. */
      points: z.array(z.tuple([z.number(), z.number()])),
    }),
  ),
});
export type Embedding = RecordOf<typeof embedding>;

/**
 * Similarity to the most similar of the first 1, 2, 5 … originals in a random order, as quantiles
 * over the networks of a group.
 */
export const similarityByCount = z.object({
  /** Numbers of originals, ascending. */
  counts: z.array(z.number()),
  /** One entry for each group. */
  groups: z.array(
    z.object({
      /** Name of the group. */
      name: z.string(),
      /** Greatest similarity, for each of `counts`. */
      greatest: z.array(quantiles),
    }),
  ),
});
export type SimilarityByCount = RecordOf<typeof similarityByCount>;

/** Histograms of one tensor's values, all networks together: densities over common bins. */
export const distribution = z.object({
  /** Name of the tensor. */
  tensor: z.string(),
  /** One more than there are bins. */
  edges: z.array(real),
  /** Density of each bin, of originals. */
  originals: z.array(real),
  /** Density of each bin, of samples. */
  samples: z.array(real),
});
export type Distribution = RecordOf<typeof distribution>;

/** The generator at one snapshot of its denoiser. */
export const frontierPoint = z.object({
  /** Training step of the denoiser. */
  step: z.number(),
  /** Test accuracy of its samples. */
  accuracy: quantiles,
  /** In the unit of `AuditGroup.distance`. */
  distance: quantiles,
  /** Mean squared error of the predicted noise on originals, and on held-out networks. */
  loss: z.object({
    /** On originals. */
    originals: real,
    /** On held-out networks; null where there are none. */
    heldOut: z.number().nullable(),
  }),
});
export type FrontierPoint = RecordOf<typeof frontierPoint>;
