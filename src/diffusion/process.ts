/**
 * The process from data to noise: at each of the times t = 0 … T − 1, from clean to noisy, x_t =
 * signal_t z + strength_t ε with standard normal ε. Either DDPM's (Ho, Jain and Abbeel, 2020), of
 * which a denoiser learns the noise ε, or the straight path of flow matching (Lipman et al., 2023;
 * Liu et al., 2023), of which it learns the velocity ε − z. In float64.
 */

import { z } from "zod";
import { at } from "../lookup.ts";
import { fraction } from "../nn/index.ts";
import { foldIn, integers, type Key, normal, uniform } from "../random/index.ts";

/** The most times of a process: tables have a row for each. */
export const MAX_TIMES = 1e5;

/** The linear noise schedule. */
export interface NoiseScheduleOptions {
  /** T. */
  readonly steps: number;
  /** β of the first step. */
  readonly betaStart: number;
  /** β of the last step. */
  readonly betaEnd: number;
}

/** The straight path. */
export interface FlowOptions {
  /** T, the number of times. */
  readonly steps: number;
  /** Share of the training's times that are uniform; the others are logit-normal. */
  readonly uniform: number;
  /**
   * Location m of the logit-normal times (Esser et al., 2024): at 0 most are midway, below 0 nearer
   * the data.
   */
  readonly location: number;
  /** Whether the network learns only what the best linear guess leaves (`preconditioned`). */
  readonly preconditioned: boolean;
}

/** A process as a recipe writes it. */
export type ProcessOptions =
  | (NoiseScheduleOptions & { readonly objective: "noise" })
  | (FlowOptions & { readonly objective: "flow" });

const beta = z.number().gt(0).lt(1);

/** The schema of a process; one without an objective is DDPM's. */
export const processSchema = z.preprocess(
  (value) =>
    typeof value === "object" && value !== null && !("objective" in value) ? { objective: "noise", ...value } : value,
  z.discriminatedUnion("objective", [
    z.strictObject({
      objective: z.literal("noise").describe("DDPM: the denoiser predicts the noise ε"),
      steps: z.int().min(1).max(MAX_TIMES).describe("T, the number of diffusion steps."),
      betaStart: beta.describe("Noise variance β of the first diffusion step; β rises linearly."),
      betaEnd: beta.describe("Noise variance β of the last diffusion step."),
    }),
    z.strictObject({
      objective: z.literal("flow").describe("flow matching: the denoiser predicts the velocity from data to noise"),
      steps: z.int().min(2).max(MAX_TIMES).default(1000).describe("T, the number of times on the path."),
      uniform: fraction
        .default(0.5)
        .describe("Share of the training times that are drawn uniformly; the others are logit-normal."),
      location: z
        .number()
        .min(-10)
        .max(10)
        .default(0)
        .describe("Location m of the logit-normal times: at 0 most are midway, below 0 nearer the data."),
      preconditioned: z
        .boolean()
        .default(true)
        .describe("Whether the network learns only what the best linear guess of the velocity leaves."),
    }),
  ]),
);

interface Path {
  /** T. */
  readonly steps: number;
  /** Factor of the data at each time. */
  readonly signal: Float64Array;
  /** Factor of the noise at each time. */
  readonly strength: Float64Array;
}

/** DDPM's process. */
export interface NoiseSchedule extends Path {
  readonly objective: "noise";
  /** β_t, linear in t. */
  readonly beta: Float64Array;
  /** ᾱ_t = Π (1 − β_s) over s ≤ t: the share of the signal left in variance. */
  readonly alphaBar: Float64Array;
}

/** A straight path from data to noise. */
export interface FlowPath extends Path {
  readonly objective: "flow";
  readonly uniform: number;
  readonly location: number;
  readonly preconditioned: boolean;
}

/** A process from data to noise. */
export type Process = NoiseSchedule | FlowPath;

/** The linear schedule of the paper. */
export function noiseSchedule({ steps, betaStart, betaEnd }: NoiseScheduleOptions): NoiseSchedule {
  const beta = Float64Array.from({ length: steps }, (_, t) =>
    steps === 1 ? betaStart : betaStart + ((betaEnd - betaStart) * t) / (steps - 1),
  );
  const alphaBar = new Float64Array(steps);
  let product = 1;
  for (let t = 0; t < steps; t++) alphaBar[t] = product *= 1 - at(beta, t);
  const [signal, strength] = [alphaBar.map(Math.sqrt), alphaBar.map((a) => Math.sqrt(1 - a))];
  return { objective: "noise", steps, beta, alphaBar, signal, strength };
}

/** The straight path: at time t of T, the share t / (T − 1) is noise. */
export function flowPath({ steps, ...options }: FlowOptions): FlowPath {
  const strength = Float64Array.from({ length: steps }, (_, t) => t / (steps - 1));
  return { objective: "flow", steps, ...options, signal: strength.map((s) => 1 - s), strength };
}

/** The process that a recipe asks for. */
export const processOf = (options: ProcessOptions): Process =>
  options.objective === "noise" ? noiseSchedule(options) : flowPath(options);

/** The times of a training step's examples, int32 `[count]`. */
export function trainingTimes(process: Process, key: Key, count: number): Int32Array {
  if (process.objective === "noise") return integers(key, count, process.steps);
  const [even, logits] = [uniform(foldIn(key, "uniform"), count), normal(foldIn(key, "logit"), count)];
  const which = uniform(foldIn(key, "which"), count);
  return Int32Array.from({ length: count }, (_, i) => {
    const share = at(which, i) < process.uniform ? at(even, i) : 1 / (1 + Math.exp(-at(logits, i) - process.location));
    return Math.round(share * (process.steps - 1));
  });
}
