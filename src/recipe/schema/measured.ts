/** The sections of a recipe whose networks only a user's own program can evaluate. */
import { z } from "zod";
import { CHECKPOINT_PLACE } from "../../metric/index.ts";
import { positive } from "../../nn/index.ts";
import type { Parts } from "../parts.ts";
import {
  baselineName,
  besideFiles,
  files,
  heldOut,
  MAX_NETWORKS,
  MAX_THREADS,
  networkKey,
  selection,
  zooCount,
} from "./fields.ts";

/** The baselines of networks each of which costs a run of the user's program. */
const FEW_BASELINES = ["noise:0.05", "noise:0.15", "average:2", "average:4", "average:16", "average:all", "gaussian"];

/** The longest that one measurement may take, in seconds. */
const MAX_SECONDS = 1e6;

/** The zoo. */
export const measuredZooSchema = z
  .strictObject({
    kind: z.literal("files").describe("your own checkpoints in `zoo.files`"),
    files: files("Checkpoints to learn from (`kind: files`): paths, folders or patterns."),
    key: networkKey,
    ...besideFiles,
    like: z
      .string()
      .min(1)
      .optional()
      .describe("Checkpoint that provides all other tensors and the format of samples; by default the first."),
    count: zooCount,
    select: selection,
    heldOut,
  })
  .describe("The checkpoints that the generator learns from.");

/** The user's metric. */
export const measureSchema = z
  .strictObject({
    command: z
      .string()
      .refine(
        (text) => text.includes(CHECKPOINT_PLACE),
        `expected ${CHECKPOINT_PLACE} where the checkpoint's path goes`,
      )
      .nullable()
      .default(null)
      .describe("Command that prints the score of `{checkpoint}`, a number or a JSON object; null for no metric."),
    metric: z.string().min(1).optional().describe("Key of the printed JSON object that holds the score."),
    better: z
      .enum(["higher", "lower"])
      .optional()
      .describe("Whether a higher or a lower score is better; by default, the metric's name decides."),
    timeout: positive.max(MAX_SECONDS).default(600).describe("Time limit of one measurement, in seconds."),
    retries: z.int().min(0).max(100).default(1).describe("Number of times a failed measurement is repeated."),
    parallel: z.int().min(1).max(MAX_THREADS).default(1).describe("Number of commands that run at the same time."),
    networks: z
      .int()
      .min(3)
      .max(MAX_NETWORKS)
      .default(20)
      .describe("Largest number of networks of a group that are measured."),
  })
  .prefault({})
  .describe("Your own metric, for networks that cannot be run here.");

/** The audit. */
export const measuredAuditSchema = ({ baselines }: Parts) =>
  z
    .strictObject({
      baselines: z
        .array(baselineName(baselines))
        .max(100)
        .prefault(FEW_BASELINES)
        .describe("Baselines that samples are compared with, such as `average:16` or `noise:0.05`."),
      draws: z.int().min(3).max(MAX_NETWORKS).default(5).describe("Number of networks drawn from each baseline."),
    })
    .prefault({})
    .describe("How samples are compared with baselines and held-out networks.");
