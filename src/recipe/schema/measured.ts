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
export const measuredZooSchema = z.strictObject({
  kind: z.literal("files"),
  /** The checkpoints to learn from: paths, folders or patterns. */
  files,
  /** Which network of each file, where it holds several. */
  key: networkKey,
  ...besideFiles,
  /**
   * The checkpoint whose other tensors generated ones are laid over, and whose format is written;
   * the first by default.
   */
  like: z.string().min(1).optional(),
  count: zooCount,
  select: selection,
  heldOut,
});

/** The user's metric. */
export const measureSchema = z
  .strictObject({
    /** A command with `{checkpoint}` in it that prints a number or a JSON object. */
    command: z
      .string()
      .refine(
        (text) => text.includes(CHECKPOINT_PLACE),
        `expected ${CHECKPOINT_PLACE} where the checkpoint's path goes`,
      )
      .nullable()
      .default(null),
    /** Which of the numbers that it prints counts. */
    metric: z.string().min(1).optional(),
    better: z.enum(["higher", "lower"]).optional(),
    /** Seconds after which one measurement is given up. */
    timeout: positive.max(MAX_SECONDS).default(600),
    /** How often a failed measurement is tried again. */
    retries: z.int().min(0).max(100).default(1),
    /** Programs at work side by side. */
    parallel: z.int().min(1).max(MAX_THREADS).default(1),
    /** The most networks of a group that are measured: originals, held-out ones, samples. */
    networks: z.int().min(3).max(MAX_NETWORKS).default(20),
  })
  .prefault({});

/** The audit. */
export const measuredAuditSchema = ({ baselines }: Parts) =>
  z
    .strictObject({
      baselines: z.array(baselineName(baselines)).max(100).prefault(FEW_BASELINES),
      draws: z.int().min(3).max(MAX_NETWORKS).default(5),
    })
    .prefault({});
