/** Fields that several sections of a recipe share, with their bounds. */
import { z } from "zod";
import { type BaselinePart, baseline } from "../../baselines/index.ts";
import { UserError } from "../../errors.ts";

/** Networks: one file each in a folder, and one row each in a matrix in memory. */
export const MAX_NETWORKS = 1e5;

/** No machine runs more threads at once for one session of ONNX Runtime. */
export const MAX_THREADS = 1024;

/** Checkpoint files. */
const filesSchema = z.union(
  [z.string().min(1), z.array(z.string().min(1)).min(1)],
  "expected paths, folders or patterns such as ckpts/*.pth, or a list of them",
);

/** Checkpoint files. @param description what they are for. */
export const files = (description: string) => filesSchema.describe(description);

/**
 * Which network of a file is meant, where a file of `torch.save` holds several: the keys that lead
 * to it, or a part of them that no other has, such as `ema`.
 */
export const networkKey = z
  .string()
  .min(1)
  .max(1000)
  .optional()
  .describe("Which network of a file that holds several: the keys that lead to it, or a part such as `ema`.");

/** Checkpoints to learn from. */
export const zooCount = z
  .int()
  .min(2)
  .max(MAX_NETWORKS)
  .describe("K, the number of checkpoints that the generator learns from.");

/** Which tensors to generate. */
export const selection = z
  .union([z.string(), z.array(z.string())], "expected a selection such as all or last-layers:1, or a list of them")
  .default("all")
  .describe(
    "Tensors to generate: `all`, `last-norms:N`, `last-layers:N`, names with `*`, or `!` and one of these to leave out.",
  );

/** What a zoo of files may say of files beside those that are learned from. */
export const besideFiles = {
  heldOutFiles: files("Checkpoints to hold out from the generator; by default some of `zoo.files`.").optional(),
  unseenFiles: files(
    "More checkpoints made in the same way that nothing learns from; the audit measures distances to them.",
  ).optional(),
  trajectory: z
    .boolean()
    .optional()
    .describe("Whether `zoo.files` are one training in order; by default, their distances decide."),
};

/** Checkpoints kept from the generator, for the audit; 0 for none, and no verdict. */
export const heldOut = z
  .int()
  .min(0)
  .max(MAX_NETWORKS)
  .describe(
    "Checkpoints kept from the generator for the audit; by default one for every four of the zoo, at most 50, and 0 gives no verdict.",
  );

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
