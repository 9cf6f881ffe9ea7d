/** How the task network is trained, and how checkpoints of it are collected. */
import { z } from "zod";
import { batch, MAX_STEPS, optimiserSchema, positive, scheduleSchema, steps } from "../../nn/index.ts";
import { besideFiles, files, heldOut, MAX_NETWORKS, networkKey, selection, zooCount } from "./fields.ts";

/** The training of the base network. */
export const baseSchema = z.strictObject({
  /**
   * A state dict to begin from: timm's or torchvision's, a .safetensors file or one of
   * `torch.save`.
   */
  weights: z.string().min(1).optional(),
  /** Which network of that file, where it holds several. */
  key: networkKey,
  /** None, where the weights are to be taken as they are. */
  epochs: z.int().min(0).max(MAX_STEPS),
  /**
   * The network to continue with: the last one, or that of the best epoch on the selection split.
   */
  keep: z.enum(["last", "selection"]).default("last"),
  batch,
  lr: positive,
  optimiser: optimiserSchema,
  schedule: scheduleSchema,
});

/** The zoo: the checkpoints that the generator learns from. */
export const zooSchema = z.strictObject({
  /**
   * `trajectory`: go on training the base network and save on the way. `seeds`: as many separate
   * trainings. `orders`: separate trainings from the same initial values, through the data in other
   * orders. `files`: checkpoints that are there already.
   */
  kind: z.enum(["trajectory", "seeds", "orders", "files"]).default("trajectory"),
  /** The checkpoints of `files`: paths, folders or patterns. */
  files: files.optional(),
  /** Which network of each of these files, where it holds several. */
  key: networkKey,
  ...besideFiles,
  count: zooCount,
  select: selection,
  /** What lies between two checkpoints. */
  every: z
    .union([z.enum(["step", "epoch"]), z.strictObject({ steps })], "expected step, epoch or { steps: N }")
    .default("step"),
  /** Steps before the first of them begins. */
  skip: z.int().min(0).max(MAX_STEPS).default(0),
  /**
   * Checkpoints made in the same way and kept from the generator, for the audit; 0 for none, and no
   * verdict. One for every four of the zoo by default, and at most 50.
   */
  heldOut,
  /**
   * More separate trainings that nothing learns from and nothing scores: the audit asks whether
   * samples lie nearer to the zoo than to them and the held-out networks. As many as the zoo holds,
   * less the held-out ones, make the question as sharp as it can be.
   */
  unseen: z.int().min(0).max(MAX_NETWORKS).default(0),
  /** Whole networks trained from other initial values, for the audit. */
  references: z.int().min(0).max(MAX_NETWORKS).default(3),
  batch: batch.default(128),
  lr: positive.default(1e-3),
  optimiser: optimiserSchema.default({ type: "adam", betas: [0.9, 0.999], weightDecay: 0 }),
  schedule: scheduleSchema.default({ type: "constant", warmup: 0 }),
  /**
   * Whether batch normalisation goes on with each batch's statistics, as in the paper, or keeps the
   * base network's.
   */
  batchNorm: z.enum(["train", "eval"]).default("train"),
  /**
   * Whether separate trainings are kept in canonical form: hidden units in balance and in the order
   * that fits those of the first network best. What a network computes stays the same. Of MLPs that
   * are generated whole.
   */
  canonical: z.boolean().default(false),
  /** A run folder whose base network and zoo are reused; made with the same settings up to here. */
  reuse: z.string().optional(),
});
