/** How networks are evaluated and audited. */
import { z } from "zod";
import { batch, MAX_STEPS } from "../../nn/index.ts";
import type { Parts } from "../parts.ts";
import { baselineName, MAX_NETWORKS } from "./fields.ts";

/** The baselines of the paper and of its critique, and what else is known to work on weights. */
const DEFAULT_BASELINES = [
  "noise:0.001",
  "noise:0.05",
  "noise:0.15",
  "noise-absolute:0.06",
  "noise-absolute:0.12",
  "interpolate",
  "average:2",
  "average:4",
  "average:8",
  "average:16",
  "average:64",
  "average:all",
  "pair-average",
  "matched-average:16",
  "local-average:8",
  "swa",
  "ema:0.95",
  "gaussian",
  "pca-gaussian",
  "effect-gaussian:20",
  "effect-gaussian:35",
  "effect-gaussian:50",
  "effect-gaussian:70",
  "swag",
  "gaussian-latent",
  "kde-latent",
];

/** The evaluation. */
export const evaluateSchema = z
  .strictObject({
    batch: batch
      .default(1000)
      .describe("Largest batch size, in images; batches are smaller where activations would leave the cache."),
    reconstructions: z
      .int()
      .min(1)
      .max(MAX_NETWORKS)
      .default(50)
      .describe("Number of checkpoints whose autoencoder reconstructions are evaluated."),
  })
  .prefault({})
  .describe("How networks are evaluated.");

/** The audit. */
export const auditSchema = ({ baselines }: Parts) =>
  z
    .strictObject({
      baselines: z
        .array(baselineName(baselines))
        .max(100)
        .prefault(DEFAULT_BASELINES)
        .describe("Baselines that samples are compared with, such as `average:16` or `noise:0.05`."),
      draws: z.int().min(3).max(MAX_NETWORKS).default(100).describe("Number of networks drawn from each baseline."),
      fineTuned: z
        .strictObject({
          count: z.int().min(0).max(MAX_NETWORKS).default(20).describe("Number of originals that are fine-tuned."),
          steps: z.int().min(1).max(MAX_STEPS).default(10).describe("Number of fine-tuning steps of each."),
        })
        .prefault({})
        .describe("Originals that are trained a little further, as a comparison."),
      trained: z
        .strictObject({
          count: z
            .int()
            .min(0)
            .max(MAX_NETWORKS)
            .default(20)
            .describe("Number of fresh trainings, and of baseline networks that are trained further."),
          steps: z
            .int()
            .min(1)
            .max(MAX_STEPS)
            .default(100)
            .describe("Number of steps that the baseline networks are trained further."),
        })
        .prefault({})
        .describe("Trainings for scale, outside the verdict; only where `zoo.kind` is `seeds` or `orders`."),
      compared: z
        .int()
        .min(1)
        .max(MAX_NETWORKS)
        .default(400)
        .describe("Number of samples compared with seen and unseen networks; the audit draws what the run lacks."),
      straightWays: z
        .int()
        .min(0)
        .max(MAX_NETWORKS)
        .default(20)
        .describe("Networks of each group that are interpolated linearly with their nearest original; 0 for none."),
      ensemble: z.int().min(1).max(MAX_NETWORKS).default(200).describe("Size of the largest ensemble."),
      trajectories: z
        .int()
        .min(0)
        .max(100)
        .default(5)
        .describe("Number of sampling trajectories whose networks are evaluated along the denoising; 0 for none."),
      embeddings: z
        .array(z.enum(["tsne", "pca", "umap"]))
        .default(["tsne"])
        .describe("Two-dimensional embeddings of the latents to draw."),
    })
    .prefault({})
    .describe("How samples are compared with baselines and held-out networks.");
