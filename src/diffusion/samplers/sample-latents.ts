/**
 * From noise to latents. Samplers work on a predictor and know nothing of networks. All samples go
 * through each step together. Sample i draws its noise from its own stream, so it does not depend
 * on the others.
 */
import { at } from "../../lookup.ts";
import { foldIn, type Key, normal } from "../../random/index.ts";
import type { FlowPath, NoiseSchedule, Process } from "../process.ts";
import { type NoiseSampler, type Sampler, timesOf, type VelocitySampler } from "./sampler.ts";

/**
 * What a denoiser predicts of all samples at once, noise or velocity, from x `[count, latent]` at
 * time t. The array returned may be reused by the next call.
 */
export type Predictor = (x: Float32Array, t: number) => Promise<Float32Array>;

/** Where a sampler stands: `index` steps are done and `x` is their result. Enough to go on from. */
export interface SamplerState {
  readonly index: number;
  readonly x: Float32Array;
}

/** What a sampler works on. */
export interface SampleRun {
  readonly predict: Predictor;
  /** That of the sampler's objective. */
  readonly process: Process;
  readonly count: number;
  readonly latent: number;
  /** The key of the whole draw; sample i uses the stream `foldIn(key, i, …)`. */
  readonly key: Key;
  /** The place of the first of these samples in the whole draw; 0 by default. */
  readonly first?: number | undefined;
  /** A state to continue from; none to begin. */
  readonly from?: SamplerState | undefined;
  /**
   * Called after every step with the state reached, the time t it left, and the current estimate
   * of x_0.
   */
  readonly onStep?: (
    state: SamplerState & { t: number; total: number; denoised: Float32Array },
  ) => void | Promise<void>;
}

/** The noise of every sample at one time, `[count, latent]`. */
export function noiseOf(
  { key, count, latent, first = 0 }: Pick<SampleRun, "key" | "count" | "latent" | "first">,
  t: number | "start",
): Float32Array {
  const out = new Float32Array(count * latent);
  for (let i = 0; i < count; i++) out.set(normal(foldIn(key, first + i, t), latent), i * latent);
  return out;
}

/**
 * Latents of a variational autoencoder's prior: standard normal numbers `[count, latent]`, each
 * sample's from its own stream.
 */
export const priorLatents = (run: Pick<SampleRun, "count" | "latent" | "key" | "first">): Float32Array =>
  noiseOf(run, "start");

/**
 * Draws latents.
 * @returns x_0 `[count, latent]`.
 * @throws Error when the process is not that of the sampler's objective.
 */
export async function sampleLatents(sampler: Sampler, run: SampleRun): Promise<Float32Array> {
  const { process, from } = run;
  const x = from === undefined ? noiseOf(run, "start") : from.x.slice();
  if (sampler.objective === "flow") {
    if (process.objective !== "flow") throw new Error(`${sampler.type} follows a velocity`);
    await followVelocity(sampler, run, process, x);
  } else {
    if (process.objective !== "noise") throw new Error(`${sampler.type} removes noise`);
    await removeNoise(sampler, run, process, x);
  }
  return x;
}

/** Removes the predicted noise step by step, in place. */
async function removeNoise(
  sampler: NoiseSampler,
  run: SampleRun,
  schedule: NoiseSchedule,
  x: Float32Array,
): Promise<void> {
  const { predict, count, latent, from, onStep } = run;
  const times = timesOf(sampler, schedule);
  const denoised = new Float32Array(count * latent);
  const limit = sampler.clip ?? Number.POSITIVE_INFINITY;
  const clip = (value: number) => Math.min(limit, Math.max(-limit, value));
  for (let index = from?.index ?? 0; index < times.length; index++) {
    const t = at(times, index);
    const eps = await predict(x, t);
    const step = sampler.coefficients(schedule, t, times[index + 1]);
    const { root, rest, signal, direction, noise } = step;
    const z = noise === 0 ? undefined : noiseOf(run, t);
    for (let i = 0; i < x.length; i++) {
      const x0 = clip((x[i]! - rest * eps[i]!) / root);
      denoised[i] = x0;
      x[i] = clip(signal * x0 + direction * x[i]! + (z === undefined ? 0 : noise * z[i]!));
    }
    await onStep?.({ index: index + 1, x, t, total: times.length, denoised });
  }
}

/** Follows the predicted velocity dx/dσ from noise, σ = 1, to data, σ = 0, in place. */
async function followVelocity(
  sampler: VelocitySampler,
  { predict, from, onStep }: SampleRun,
  path: FlowPath,
  x: Float32Array,
): Promise<void> {
  const { strength } = path;
  const { steps, corrects } = sampler;
  const times = timesOf(sampler, path);
  const velocity = new Float32Array(x.length);
  const denoised = new Float32Array(x.length);
  const ahead = new Float32Array(x.length);
  for (let index = from?.index ?? 0; index < steps; index++) {
    const [t, next] = [at(times, index), times[index + 1] ?? 0];
    velocity.set(await predict(x, t));
    for (let i = 0; i < x.length; i++) denoised[i] = x[i]! - at(strength, t) * velocity[i]!;
    const step = at(strength, next) - at(strength, t);
    if (corrects) {
      for (let i = 0; i < x.length; i++) ahead[i] = x[i]! + step * velocity[i]!;
      const there = await predict(ahead, next);
      for (let i = 0; i < x.length; i++) velocity[i] = (velocity[i]! + there[i]!) / 2;
    }
    for (let i = 0; i < x.length; i++) x[i]! += step * velocity[i]!;
    await onStep?.({ index: index + 1, x, t, total: steps, denoised });
  }
}
