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
  z.preprocess((value) => (typeof value === "string" ? { type: value } : value), schema).meta({ shorthand: true });

const betas = z
  .tuple([fraction, fraction])
  .default([0.9, 0.999])
  .describe("Decay rates of the moving averages of the gradient and of its square.");
/** By an optimiser's own rule: `adamw` decouples it from the gradient. */
const weightDecay = (rule: string) => z.number().min(0).default(0).describe(`Weight decay, ${rule}.`);
const IN_GRADIENT = "added to the gradient as an L2 penalty";

/** An optimiser, as `optimiser` takes it. */
export const optimiserSchema = shorthand(
  z.discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("sgd").describe("stochastic gradient descent with momentum"),
      momentum: fraction.default(0.9).describe("Momentum: the share of the last update that is carried over."),
      nesterov: z.boolean().default(false).describe("Whether to use Nesterov momentum."),
      weightDecay: weightDecay(IN_GRADIENT),
    }),
    z.strictObject({
      type: z.literal("adam").describe("Adam (Kingma and Ba, 2015)"),
      betas,
      weightDecay: weightDecay(IN_GRADIENT),
    }),
    z.strictObject({
      type: z.literal("adamw").describe("Adam with decoupled weight decay (Loshchilov and Hutter, 2019)"),
      betas,
      weightDecay: weightDecay("decoupled from the gradient and scaled by the learning rate"),
    }),
  ]),
);

const warmup = z
  .int()
  .min(0)
  .default(0)
  .describe("Number of steps over which the learning rate first rises linearly to its maximum.");

/** A schedule of learning rates, as `schedule` takes it. */
export const scheduleSchema = shorthand(
  z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("constant").describe("the same rate throughout"), warmup }),
    z.strictObject({
      type: z.literal("cosine").describe("half a cosine from the maximum down to `floor`"),
      floor: fraction.default(0).describe("Final learning rate as a fraction of `lr`."),
      per: z
        .enum(["step", "epoch"])
        .default("step")
        .describe("Whether the rate changes at every `step`, or only at the end of each `epoch`."),
      warmup,
    }),
    z.strictObject({
      type: z.literal("multi-step").describe("multiplied by `factor` at each of the `milestones`"),
      milestones: z
        .array(fraction)
        .describe("Fractions of the training after which the learning rate is multiplied by `factor`."),
      factor: positive.describe("What the learning rate is multiplied by at each milestone."),
      warmup,
    }),
  ]),
);

/** What one may write for a training; what is left out takes its default. */
export type TrainingInput = z.input<typeof trainingSchema>;

/** What the fields of every training mean. */
const MEANINGS = {
  steps: "Number of optimiser steps.",
  batch: "Batch size: checkpoints in each step.",
  lr: "Maximum learning rate, which `schedule` scales.",
  optimiser: "Optimiser: its type, or `{ type, … }` with its options.",
  schedule: "Learning-rate schedule: its type, or `{ type, … }` with its options.",
} as const;

/** How long and how fast to train. */
export const trainingSchema = z.strictObject({
  steps: steps.describe(MEANINGS.steps),
  batch: batch.describe(MEANINGS.batch),
  lr: positive.describe(MEANINGS.lr),
  optimiser: optimiserSchema.describe(MEANINGS.optimiser),
  schedule: scheduleSchema.describe(MEANINGS.schedule),
});

/** A training of which nothing need be said: what is left out is that of `defaults`. */
export const trainingWith = (defaults: Required<TrainingInput>) =>
  z
    .strictObject({
      steps: steps.default(defaults.steps).describe(MEANINGS.steps),
      batch: batch.default(defaults.batch).describe(MEANINGS.batch),
      lr: positive.default(defaults.lr).describe(MEANINGS.lr),
      optimiser: optimiserSchema.prefault(defaults.optimiser).describe(MEANINGS.optimiser),
      schedule: scheduleSchema.prefault(defaults.schedule).describe(MEANINGS.schedule),
    })
    .prefault({});
