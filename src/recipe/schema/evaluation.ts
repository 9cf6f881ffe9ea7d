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
    batch: batch.default(250),
    /** How many checkpoints to encode, decode and evaluate. */
    reconstructions: z.int().min(1).max(MAX_NETWORKS).default(50),
  })
  .prefault({});

/** The audit. */
export const auditSchema = ({ baselines }: Parts) =>
  z
    .strictObject({
      /** What the samples are compared with. */
      baselines: z.array(baselineName(baselines)).max(100).prefault(DEFAULT_BASELINES),
      /** Networks drawn from each of them. */
      draws: z.int().min(3).max(MAX_NETWORKS).default(100),
      /** Originals trained further, and for how many steps. */
      fineTuned: z
        .strictObject({
          count: z.int().min(0).max(MAX_NETWORKS).default(20),
          steps: z.int().min(1).max(MAX_STEPS).default(10),
        })
        .prefault({}),
      /**
       * Of zoos that are trained separately here: fresh networks that are trained for scale, and
       * networks of a baseline that are trained some steps further; outside the verdict.
       */
      trained: z
        .strictObject({
          count: z.int().min(0).max(MAX_NETWORKS).default(20),
          steps: z.int().min(1).max(MAX_STEPS).default(100),
        })
        .prefault({}),
      /**
       * Samples that are compared with networks seen and unseen; where the run has fewer, the audit
       * draws the others. 400 tell a pull of some percent.
       */
      compared: z.int().min(1).max(MAX_NETWORKS).default(400),
      /** Networks of each group whose straight way to an original is followed; 0 for none. */
      straightWays: z.int().min(0).max(MAX_NETWORKS).default(20),
      /** The largest ensemble. */
      ensemble: z.int().min(1).max(MAX_NETWORKS).default(200),
      /** Ways through the denoising from start to end. */
      trajectories: z.int().min(0).max(100).default(5),
      /** Maps of the latents to two dimensions. */
      embeddings: z.array(z.enum(["tsne", "pca", "umap"])).default(["tsne"]),
    })
    .prefault({});
