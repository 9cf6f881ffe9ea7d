/** Which run a recipe is of, and where it computes. */
import { z } from "zod";
import { deviceNames } from "../../runtime/index.ts";
import { MAX_THREADS } from "./fields.ts";

const percent = z.number().min(0).max(100);
/** Test accuracies in percent, each the best of its group but for the mean of the samples. */
const accuracies = z.strictObject({
  original: percent.optional(),
  /** Of the average of all originals' weights. */
  ensemble: percent.optional(),
  samples: percent.optional(),
  mean: percent.optional(),
});
const about = z.strictObject({
  /** Which table or section. */
  reproduces: z.string().max(200),
  published: accuracies.optional(),
  measured: accuracies.extend({ how: z.string().max(300) }).optional(),
  /**
   * Of a whole run, in words: on one core of a CPU (from the plan), and on a data centre's GPU (a
   * guess from it).
   */
  time: z.strictObject({ core: z.string().max(40), gpu: z.string().max(40) }).optional(),
});

/** Which run this is, and where it computes. */
export const identity = {
  name: z
    .string()
    .regex(
      /^\w[\w.-]{0,99}$/,
      "expected at most 100 letters, digits, '.', '-' and '_', no mark first; it is the file's name unless the recipe says another",
    ),
  /** What is known of the experiment. It changes nothing that is computed. */
  about: about.optional(),
  /** Whether `--quick` made this recipe from a larger one; then its verdict is no evidence. */
  quick: z.boolean().optional(),
  seed: z.int().min(0).default(1),
  device: z
    .strictObject({ name: z.enum(deviceNames).default("cpu"), threads: z.int().min(1).max(MAX_THREADS).default(1) })
    .prefault({}),
};
