/** Estimates the cost of a training step from the shapes of its graph. */
import type { Cost } from "../graph/index.ts";
import { optimiser } from "../nn/index.ts";
import type { Recipe } from "../recipe/index.ts";
import { stepCost } from "../training/index.ts";
import type { TrainingTask } from "./context.ts";

/**
 * Seconds of one run of a graph on one core: 60 GFLOP/s in products and convolutions, 25 GB/s
 * elsewhere (most of it stays in the cache), 3 µs a call. Fitted to the training steps of this
 * project's networks on an idle AMD EPYC core.
 */
export const secondsOf = ({ flops, traffic, calls }: Cost): number => flops / 60e9 + traffic / 25e9 + calls * 3e-6;

/** The cost of a training step of the whole network. */
export const baseStepCost = ({ base }: Pick<Recipe, "base">, { network }: Pick<TrainingTask, "network">): Cost =>
  stepCost({ traced: network.loss(base.batch), optimiser: optimiser(base.optimiser) });
