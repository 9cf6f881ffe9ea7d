/**
 * What a recipe may say of layers, optimisers, schedules and trainings, as zod schemas. Every
 * number has bounds, so that a slip of the keyboard is an error and no crash or hours of work.
 */
import { z } from "zod";

/** The most steps of a training; below 2^32, the numbers that name the random streams of steps. */
export const MAX_STEPS = 1e9;
/** The most layers, blocks or stages, each of which adds nodes to a graph. */
export const MAX_LAYERS = 100;
/** The longest side of a kernel, and the largest factor between lengths. */
export const MAX_SIDE = 1000;

/** Steps of a training. */
export const steps = z.int().min(1).max(MAX_STEPS);
/** Examples in a batch, which is in memory as a whole. */
export const batch = z.int().min(1).max(1e5);
/** Channels, units or latent numbers; the product of two widths is held as one matrix. */
export const width = z.int().min(1).max(1e6);
/** One width for each layer. */
export const widths = z.array(width).max(MAX_LAYERS);
/** Layers or blocks. */
export const depth = z.int().min(1).max(MAX_LAYERS);
/** A kernel's side that has a middle. */
export const oddSide = z
  .int()
  .min(1)
  .max(MAX_SIDE)
  .refine((n) => n % 2 === 1, "expected an odd number");
/** A share of a whole. */
export const fraction = z.number().min(0).max(1);
/** A number above 0. */
export const positive = z.number().positive();

/** Text stands for its type: `adam` for `{ type: adam }`. */
export const shorthand = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === "string" ? { type: value } : value), schema);

const betas = z.tuple([fraction, fraction]).default([0.9, 0.999]);
const weightDecay = z.number().min(0).default(0);

/** An optimiser, as `optimiser` takes it. */
export const optimiserSchema = shorthand(
  z.discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("sgd"),
      momentum: fraction.default(0.9),
      nesterov: z.boolean().default(false),
      weightDecay,
    }),
    z.strictObject({ type: z.literal("adam"), betas, weightDecay }),
    z.strictObject({ type: z.literal("adamw"), betas, weightDecay }),
  ]),
);

const warmup = z.int().min(0).default(0);

/** A schedule of learning rates, as `schedule` takes it. */
export const scheduleSchema = shorthand(
  z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("constant"), warmup }),
    z.strictObject({
      type: z.literal("cosine"),
      floor: fraction.default(0),
      per: z
        .enum(["step", "epoch"])
        .default("step")
        .describe("whether the rate falls at every step or from one epoch to the next"),
      warmup,
    }),
    z.strictObject({
      type: z.literal("multi-step"),
      milestones: z.array(fraction),
      factor: positive,
      warmup,
    }),
  ]),
);

/** What one may write for a training; what is left out takes its default. */
export type TrainingInput = z.input<typeof trainingSchema>;

/** How long and how fast to train. */
export const trainingSchema = z.strictObject({
  steps,
  batch,
  lr: positive.describe("the highest learning rate"),
  optimiser: optimiserSchema,
  schedule: scheduleSchema,
});

/** A training of which nothing need be said: what is left out is that of `defaults`. */
export const trainingWith = (defaults: Required<TrainingInput>) =>
  z
    .strictObject({
      steps: steps.default(defaults.steps),
      batch: batch.default(defaults.batch),
      lr: positive.default(defaults.lr).describe("the highest learning rate"),
      optimiser: optimiserSchema.prefault(defaults.optimiser),
      schedule: scheduleSchema.prefault(defaults.schedule),
    })
    .prefault({});
