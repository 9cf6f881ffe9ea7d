/**
 * Optimisers as graph-building functions on one flat vector of parameters, equal to PyTorch's to
 * float32 rounding. What depends only on the step number and the learning rate is computed on the
 * host in float64 and fed as scalars.
 */
import { add, at, div, mul, sqrt, sub, type Tensor } from "../graph/index.ts";

/** An update rule. */
export interface Optimiser<Slot extends string = string> {
  /** Names of the vectors it keeps beside the parameters, all zeros in the beginning. */
  readonly slots: readonly Slot[];
  /** How many scalars a step is fed. */
  readonly scalarCount: number;
  /** The scalars of step `step` (the first is 1) at a learning rate. */
  scalars(step: number, lr: number): number[];
  /** The parameters and slots after a step. */
  update(
    theta: Tensor,
    gradient: Tensor,
    slots: Readonly<Record<Slot, Tensor>>,
    scalars: readonly Tensor[],
  ): { theta: Tensor; slots: Record<Slot, Tensor> };
}

/** Stochastic gradient descent; weight decay is added to the gradient. */
export function sgd({ momentum = 0, nesterov = false, weightDecay = 0 } = {}): Optimiser<"momentum"> {
  return {
    slots: momentum === 0 ? [] : ["momentum"],
    scalarCount: 1,
    scalars: (_, lr) => [lr],
    update(theta, gradient, slots, scalars) {
      const lr = at(scalars, 0);
      const g = weightDecay === 0 ? gradient : add(gradient, mul(theta, weightDecay));
      if (momentum === 0) return { theta: sub(theta, mul(g, lr)), slots };
      const velocity = add(mul(slots.momentum, momentum), g);
      const direction = nesterov ? add(g, mul(velocity, momentum)) : velocity;
      return { theta: sub(theta, mul(direction, lr)), slots: { momentum: velocity } };
    },
  };
}

interface Adam {
  betas?: readonly [number, number];
  eps?: number;
  weightDecay?: number;
}

function adamRule(
  { betas: [beta1, beta2] = [0.9, 0.999], eps = 1e-8, weightDecay = 0 }: Adam,
  decoupled: boolean,
): Optimiser<"m" | "v"> {
  return {
    slots: ["m", "v"],
    scalarCount: 3,
    scalars: (step, lr) => [
      1 - (decoupled ? lr * weightDecay : 0),
      lr / (1 - beta1 ** step),
      1 / Math.sqrt(1 - beta2 ** step),
    ],
    update(theta, gradient, slots, scalars) {
      const [decay, stepSize, scale] = [at(scalars, 0), at(scalars, 1), at(scalars, 2)];
      const kept = decoupled && weightDecay !== 0 ? mul(theta, decay) : theta;
      const g = !decoupled && weightDecay !== 0 ? add(gradient, mul(theta, weightDecay)) : gradient;
      const m = add(mul(slots.m, beta1), mul(g, 1 - beta1));
      const v = add(mul(slots.v, beta2), mul(mul(g, g), 1 - beta2));
      const direction = div(m, add(mul(sqrt(v), scale), eps));
      return { theta: sub(kept, mul(direction, stepSize)), slots: { m, v } };
    },
  };
}

/** Adam (Kingma and Ba, 2015); weight decay is added to the gradient. */
export const adam = (options: Adam = {}): Optimiser<"m" | "v"> => adamRule(options, false);

/**
 * AdamW (Loshchilov and Hutter, 2019): weight decay apart from the gradient, 0.01 by default as in
 * PyTorch.
 */
export const adamw = ({ weightDecay = 0.01, ...options }: Adam = {}): Optimiser<"m" | "v"> =>
  adamRule({ weightDecay, ...options }, true);

/** An optimiser as a recipe writes it. */
export type OptimiserOptions =
  | { readonly type: "sgd"; readonly momentum: number; readonly nesterov: boolean; readonly weightDecay: number }
  | { readonly type: "adam" | "adamw"; readonly betas: readonly [number, number]; readonly weightDecay: number };

/** The optimiser that a recipe asks for. */
export function optimiser(options: OptimiserOptions): Optimiser {
  switch (options.type) {
    case "sgd":
      return sgd(options);
    case "adam":
      return adam(options);
    case "adamw":
      return adamw(options);
    default:
      return options satisfies never;
  }
}
