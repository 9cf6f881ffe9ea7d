/**
 * Data of N(m, s²) in every number: the noise in x_t and the velocity at x_σ are then known
 * exactly, and a sampler must give N(m, s²) back.
 */
import { at } from "../../lookup.ts";
import { flowPath, noiseSchedule } from "../process.ts";
import type { Predictor } from "./sample-latents.ts";

/** Mean and standard deviation of the data. */
export const [m, s] = [1.5, 0.6] as const;

export const schedule = noiseSchedule({ steps: 400, betaStart: 1e-4, betaEnd: 0.04 });
export const path = flowPath({ steps: 1001, uniform: 0.5, location: 0, preconditioned: false });

/** E[ε | x_t] = √(1 − ᾱ) (x_t − √ᾱ m) / (ᾱ s² + 1 − ᾱ). */
export const exactNoise: Predictor = async (x, t) => {
  const bar = at(schedule.alphaBar, t);
  return x.map((value) => (Math.sqrt(1 - bar) * (value - Math.sqrt(bar) * m)) / (bar * s * s + 1 - bar));
};

/** E[ε − z | x_σ] for x_σ = (1 − σ) z + σ ε. */
export const exactVelocity: Predictor = async (x, t) => {
  const sigma = at(path.strength, t);
  const variance = ((1 - sigma) * s) ** 2 + sigma ** 2;
  const slope = (sigma - (1 - sigma) * s * s) / variance;
  return x.map((value) => slope * (value - (1 - sigma) * m) - m);
};

/** The mean and the standard deviation of values. */
export function moments(values: Float32Array): { readonly mean: number; readonly sd: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, sd: Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length) };
}
