/** Heun's method along the velocity of a straight path (Lipman et al., 2023). */
import { samplerSteps } from "./options.ts";
import type { SamplerPart } from "./sampler.ts";

/** Options of Heun's method. */
export interface HeunOptions {
  readonly type: "heun";
  /** Number of steps, below T, evenly spaced. */
  readonly steps: number;
}

/** Heun's method: two predictions a step, an error of second order. */
export const heun: SamplerPart<HeunOptions> = {
  type: "heun",
  description: "Heun's method along the predicted velocity, which it asks for twice a step",
  objective: "flow",
  options: { steps: samplerSteps.default(30) },
  build: ({ steps }) => ({ type: "heun", objective: "flow", steps, corrects: true }),
};
