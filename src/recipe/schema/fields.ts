/** Fields that several sections of a recipe share, with their bounds. */
import { z } from "zod";
import { type BaselinePart, baseline } from "../../baselines/index.ts";
import { UserError } from "../../errors.ts";

/** Networks: one file each in a folder, and one row each in a matrix in memory. */
export const MAX_NETWORKS = 1e5;

/** No machine runs more threads at once for one session of ONNX Runtime. */
export const MAX_THREADS = 1024;

/** Checkpoint files. */
export const files = z.union(
  [z.string().min(1), z.array(z.string().min(1)).min(1)],
  "expected paths, folders or patterns such as ckpts/*.pth, or a list of them",
);

/**
 * Which network of a file is meant, where a file of `torch.save` holds several: the keys that lead
 * to it, or a part of them that no other has, such as `ema`.
 */
export const networkKey = z.string().min(1).max(1000).optional();

/** Checkpoints to learn from. */
export const zooCount = z.int().min(2).max(MAX_NETWORKS);

/** Which tensors to generate. */
export const selection = z
  .union([z.string(), z.array(z.string())], "expected a selection such as all or last-layers:1, or a list of them")
  .default("all");

/** What a zoo of files may say of files beside those that are learned from. */
export const besideFiles = {
  /** The checkpoints to hold out; some of `files` by default. */
  heldOutFiles: files.optional(),
  /**
   * More checkpoints that were made in the same way and that nothing learned from: nothing scores
   * them, but the audit asks whether samples lie nearer to what was learned from than to them.
   */
  unseenFiles: files.optional(),
  /**
   * Whether `files` are checkpoints of one training in their order; found out from their distances
   * by default.
   */
  trajectory: z.boolean().optional(),
};

/** Checkpoints kept from the generator, for the audit; 0 for none, and no verdict. */
export const heldOut = z.int().min(0).max(MAX_NETWORKS);

/** The full name of a baseline, or one of some other names. */
export const baselineName = (parts: readonly BaselinePart[], ...others: readonly string[]) =>
  z.string().transform((name, { issues }) => {
    if (others.includes(name)) return name;
    try {
      return baseline(name, parts).name;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      issues.push({ code: "custom", message: error.message, input: name });
      return z.NEVER;
    }
  });

/** Adds what is wrong with a recipe to the issues of its schema. */
export type AddIssue = (path: string[], message: string, input: unknown) => void;
