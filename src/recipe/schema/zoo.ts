/** How the task network is trained, and how checkpoints of it are collected. */
import { z } from "zod";
import { batch, MAX_STEPS, optimiserSchema, positive, scheduleSchema, steps } from "../../nn/index.ts";
import { besideFiles, files, heldOut, MAX_NETWORKS, networkKey, selection, zooCount } from "./fields.ts";

/** What the fields of both trainings mean. */
const BATCH = "Batch size in images.";
const LR = "Maximum learning rate, which `schedule` scales.";
const OPTIMISER = "Optimiser: its type, or `{ type, … }` with its options.";
const SCHEDULE = "Learning-rate schedule: its type, or `{ type, … }` with its options.";

/** The training of the base network. */
export const baseSchema = z
  .strictObject({
    weights: z
      .string()
      .min(1)
      .optional()
      .describe("State dict to start from, timm's or torchvision's: a .safetensors or `torch.save` file."),
    key: networkKey,
    epochs: z.int().min(0).max(MAX_STEPS).describe("Number of epochs; 0 takes `base.weights` as they are."),
    keep: z
      .enum(["last", "selection"])
      .default("last")
      .describe(
        "Network to continue with: the `last`, or that of the best epoch on the validation (`selection`) split.",
      ),
    batch: batch.describe(BATCH),
    lr: positive.describe(LR),
    optimiser: optimiserSchema.describe(OPTIMISER),
    schedule: scheduleSchema.describe(SCHEDULE),
  })
  .describe("Training of the base network, before checkpoints are collected.");

/** The zoo: the checkpoints that the generator learns from. */
export const zooSchema = z
  .strictObject({
    kind: z
      .enum(["trajectory", "seeds", "orders", "files"])
      .default("trajectory")
      .describe(
        "Where checkpoints come from: one training `trajectory`, separate trainings from other `seeds` or from one initialisation in other data `orders`, or your own `files`.",
      ),
    files: files("Checkpoints to learn from (`kind: files`): paths, folders or patterns.").optional(),
    key: networkKey,
    ...besideFiles,
    count: zooCount,
    select: selection,
    every: z
      .union(
        [
          z.enum(["step", "epoch"]),
          z.strictObject({ steps: steps.describe("Number of training steps between two checkpoints.") }),
        ],
        "expected step, epoch or { steps: N }",
      )
      .default("step")
      .describe("Interval between two checkpoints of a trajectory: `step`, `epoch` or `{ steps: N }`."),
    skip: z
      .int()
      .min(0)
      .max(MAX_STEPS)
      .default(0)
      .describe("Training steps before the first checkpoint of a trajectory."),
    heldOut,
    unseen: z
      .int()
      .min(0)
      .max(MAX_NETWORKS)
      .default(0)
      .describe(
        "More separate trainings that nothing learns from; the audit measures whether samples lie nearer to the zoo than to them.",
      ),
    references: z
      .int()
      .min(0)
      .max(MAX_NETWORKS)
      .default(3)
      .describe("Number of whole networks trained from other initial values, for the audit."),
    batch: batch.default(128).describe(BATCH),
    lr: positive.default(1e-3).describe(LR),
    optimiser: optimiserSchema.default({ type: "adam", betas: [0.9, 0.999], weightDecay: 0 }).describe(OPTIMISER),
    schedule: scheduleSchema.default({ type: "constant", warmup: 0 }).describe(SCHEDULE),
    batchNorm: z
      .enum(["train", "eval"])
      .default("train")
      .describe(
        "Batch norm while checkpoints are collected: each batch's statistics (`train`, as in the paper), or the base network's (`eval`).",
      ),
    canonical: z
      .boolean()
      .default(false)
      .describe(
        "Whether separately trained MLPs are aligned: hidden units rescaled and permuted to match the first network's, which changes no output.",
      ),
    reuse: z
      .string()
      .optional()
      .describe("Run folder, made with the same settings, whose base network and zoo are reused."),
  })
  .describe("The zoo: the checkpoints that the generator learns from.");
