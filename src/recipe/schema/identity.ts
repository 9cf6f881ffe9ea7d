/** Which run a recipe is of, and where it computes. */
import { z } from "zod";
import { deviceNames } from "../../runtime/index.ts";
import { MAX_THREADS } from "./fields.ts";

const percent = z.number().min(0).max(100);
/** Test accuracies in percent, each the best of its group but for the mean of the samples. */
const accuracies = z.strictObject({
  original: percent.optional().describe("Best test accuracy of the originals, in percent."),
  ensemble: percent.optional().describe("Test accuracy of the average of all originals' weights, in percent."),
  samples: percent.optional().describe("Best test accuracy of the samples, in percent."),
  mean: percent.optional().describe("Mean test accuracy of the samples, in percent."),
});
const about = z.strictObject({
  reproduces: z.string().max(200).describe("Table or section of the paper that the recipe reproduces."),
  published: accuracies.optional().describe("Accuracies that the paper reports."),
  measured: accuracies
    .extend({ how: z.string().max(300).describe("How these accuracies were measured.") })
    .optional()
    .describe("Accuracies that this program reached."),
  time: z
    .strictObject({
      core: z.string().max(40).describe("Time on one CPU core, in words, from the plan."),
      gpu: z.string().max(40).describe("Time on a data-centre GPU, in words, estimated from the plan."),
    })
    .optional()
    .describe("Time of a whole run."),
});

/** Which run this is, and where it computes. */
export const identity = {
  name: z
    .string()
    .regex(
      /^\w[\w.-]{0,99}$/,
      "expected at most 100 letters, digits, '.', '-' and '_', no mark first; it is the file's name unless the recipe says another",
    )
    .describe("Name of the run and of its folder in `runs/`; by default the file's name."),
  about: about.optional().describe("What is known about the experiment; it changes no result."),
  quick: z
    .boolean()
    .optional()
    .describe("Whether `--quick` made this recipe from a larger one, so that its verdict is no evidence."),
  seed: z.int().min(0).default(1).describe("Seed of all random numbers of the run."),
  generatorSeed: z
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe(
      "Seed with which the generator is fitted and sampled, so that it can be repeated on one zoo; null: `seed`.",
    ),
  device: z
    .strictObject({
      name: z
        .enum(deviceNames)
        .default("cpu")
        .describe("Device that trains and evaluates; `doctor` lists those of this machine."),
      threads: z
        .int()
        .min(1)
        .max(MAX_THREADS)
        .default(1)
        .describe("CPU threads of each session of ONNX Runtime; the count can change the last digits."),
    })
    .prefault({})
    .describe("Where the run computes."),
};
