/** Euler's method along the velocity of a straight path (Lipman et al., 2023). */
import { samplerSteps } from "./options.ts";
import type { SamplerPart } from "./sampler.ts";

/** Options of Euler's method. */
export interface EulerOptions {
  readonly type: "euler";
  /** Number of steps, below T, evenly spaced. */
  readonly steps: number;
}

/** Euler's method: one prediction a step, an error of first order. */
export const euler: SamplerPart<EulerOptions> = {
  type: "euler",
  description: "Euler's method along the predicted velocity",
  objective: "flow",
  options: { steps: samplerSteps.default(60) },
  build: ({ steps }) => ({ type: "euler", objective: "flow", steps, corrects: false }),
};
