/**
 * Preconditioning (Karras et al., "Elucidating the Design Space of Diffusion-Based Generative
 * Models", 2022, section 5) of denoisers that learn a velocity: the best linear guess is worked
 * out, and the network learns what is left, at every time in units of its spread.
 */
import { add, constant, gather, mul } from "../../graph/index.ts";
import type { FlowPath, Process, ProcessOptions } from "../process.ts";
import type { Denoiser } from "./denoiser.ts";

/** Whether the denoisers of a process are preconditioned. */
export const isPreconditioned = <P extends Process | ProcessOptions>(
  process: P,
): process is Extract<P, { readonly objective: "flow" }> => process.objective === "flow" && process.preconditioned;

/**
 * Preconditions a network for latents of unit variance. Of x = (1 − σ) z + σ ε the best linear
 * guess of ε − z is (2σ − 1) / v · x with v = (1 − σ)² + σ², the variance of x; it leaves 1 / v.
 * @param network what is learned: of x / √v it predicts √v times what the linear guess leaves.
 */
export function preconditioned(network: Denoiser, { steps, signal, strength }: FlowPath): Denoiser {
  const variance = signal.map((s, t) => s ** 2 + strength[t]! ** 2);
  const column = (values: Float64Array) => constant(Float32Array.from(values), [steps, 1]);
  const skip = column(variance.map((v, t) => (strength[t]! - signal[t]!) / v));
  const scale = column(variance.map((v) => 1 / Math.sqrt(v)));
  return (scope, x, t) => {
    const own = gather(scale, t);
    return add(mul(x, gather(skip, t)), mul(network(scope, mul(x, own), t), own));
  };
}
