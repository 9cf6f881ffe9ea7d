/** Estimates the cost of training steps and of draws from the shapes of their graphs. */
import { callsOf, modelDenoiser, processOf, sampler, type TokenShape } from "../diffusion/index.ts";
import { type Cost, cost, input } from "../graph/index.ts";
import { optimiser, trace } from "../nn/index.ts";
import type { AnyRecipe, Parts, Recipe } from "../recipe/index.ts";
import { stepCost } from "../training/index.ts";
import type { TrainingTask } from "./context.ts";

/** Says how many seconds one run of a graph takes. */
export type Stopwatch = (cost: Cost) => number | Promise<number>;

/**
 * Seconds of one run of a graph on one core: 60 GFLOP/s in products and convolutions, 25 GB/s
 * elsewhere (most of it stays in the cache), 3 µs a call. Fitted to the training steps of this
 * project's networks on an idle AMD EPYC core.
 */
export const secondsOf = ({ flops, traffic, calls }: Omit<Cost, "outputs">): number =>
  flops / 60e9 + traffic / 25e9 + calls * 3e-6;

/**
 * Seconds that classifying an image takes besides the network's own arithmetic: its pixels are
 * copied to ONNX Runtime, and the scores back. Measured once, with images of 14 × 14.
 */
export const SECONDS_AN_IMAGE = 1e-6;

/** The cost of a training step of the whole network. */
export const baseStepCost = ({ base }: Pick<Recipe, "base">, { network }: Pick<TrainingTask, "network">): Cost =>
  stepCost({ traced: network.loss(base.batch), optimiser: optimiser(base.optimiser) });

/**
 * The cost of one prediction of a denoiser for `count` samples, and how many the sampler asks for,
 * of how many denoisers: two where a snapshot guides. None without a diffusion model.
 * @param shape of latents, as the generator outlines it.
 */
export function drawingCost(
  { diffusion, sample }: Pick<AnyRecipe, "diffusion" | "sample">,
  { denoisers, samplers }: Parts,
  {
    latent,
    tokens,
    count,
  }: { readonly latent: number; readonly tokens: TokenShape | undefined; readonly count: number },
): { readonly draw: Cost; readonly calls: number; readonly models: number } {
  if (diffusion === null) return { draw: cost([]), calls: 0, models: 0 };
  const process = processOf(diffusion.process);
  const network = modelDenoiser({ denoiser: diffusion.denoiser, process }, tokens, denoisers);
  const predict = trace((at) => network(at, input("x", [count, latent]), input("t", [count], "int32")), {
    training: false,
  });
  return {
    draw: cost([predict.outputs]),
    calls: callsOf(sampler(sample.sampler, samplers), process),
    models: 1 + (sample.guidance === null ? 0 : sample.guidance.to - sample.guidance.from),
  };
}
