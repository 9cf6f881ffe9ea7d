/**
 * From noise to latents: samplers are functions over a predictor and know nothing of networks. All samples go
 * through each step together. Sample i draws its noise from its own stream, so it does not depend on its neighbours.
 */
import { foldIn, type Key, normal } from "../random/index.ts";
import type { FlowPath, NoiseSchedule, Process } from "./process.ts";

/**
 * What a denoiser predicts of all samples at once, noise or velocity: x `[count, latent]`. The array returned may be reused by
 * the next call.
 */
export type Predictor = (x: Float32Array, t: number) => Promise<Float32Array>;

/** Samplers that take predicted noise away. */
export type DenoisingSampler =
  | {
      /** Ancestral sampling, one step for every t. */
      readonly type: "ddpm";
      /** Variance of each step: β_t ("large") or the posterior's β̃_t ("posterior"); Ho et al., section 3.2. */
      readonly variance: "large" | "posterior";
      /** Bound on |x̂_0| and on |x| after every step; null for none. */
      readonly clip: number | null;
    }
  | {
      /** Denoising diffusion implicit models (Song, Meng and Ermon, 2021). */
      readonly type: "ddim";
      /** Number of steps, at most T, evenly spaced from the noisiest to the cleanest. */
      readonly steps: number;
      /** 0 is deterministic, 1 has the posterior's variance. */
      readonly eta: number;
      readonly clip: number | null;
    };

/** Samplers that follow a predicted velocity. */
export type FlowSampler = {
  /**
   * Along the velocity of a straight path: Euler's method, or Heun's, which corrects each step by the velocity where it ends
   * and asks the denoiser twice.
   */
  readonly type: "euler" | "heun";
  /** Number of steps, below T, evenly spaced. */
  readonly steps: number;
};

export type SamplerOptions = DenoisingSampler | FlowSampler;

/** Where a sampler stands: `index` steps are done and `x` is what they made. Enough to go on from. */
export interface SamplerState {
  readonly index: number;
  readonly x: Float32Array;
}

export interface SampleRun {
  readonly predict: Predictor;
  /** That of the sampler's kind: noise for ddpm and ddim, flow for euler and heun. */
  readonly process: Process;
  readonly count: number;
  readonly latent: number;
  /** The key of the whole draw; sample i uses the stream `foldIn(key, i, …)`. */
  readonly key: Key;
  /** A state to continue from; none to begin. */
  readonly from?: SamplerState | undefined;
  /** Called after every step with the state reached, the time t it left, and the current estimate of x_0. */
  readonly onStep?: (
    state: SamplerState & { t: number; total: number; denoised: Float32Array },
  ) => void | Promise<void>;
}

/** The times that a sampler leaves, from the noisiest; the last step ends in what is drawn. */
export function timesOf(sampler: SamplerOptions, { steps }: Pick<Process, "steps">): number[] {
  if (isFlow(sampler))
    return Array.from({ length: sampler.steps }, (_, i) =>
      Math.round(((steps - 1) * (sampler.steps - i)) / sampler.steps),
    );
  const count = sampler.type === "ddpm" ? steps : sampler.steps;
  if (count === 1) return [steps - 1];
  return Array.from({ length: count }, (_, i) => Math.round(((count - 1 - i) * (steps - 1)) / (count - 1)));
}

/** Whether a sampler follows a velocity. */
export const isFlow = (sampler: SamplerOptions): sampler is FlowSampler =>
  sampler.type === "euler" || sampler.type === "heun";

/** The noise of every sample at one time, `[count, latent]`. */
export function noiseOf(key: Key, count: number, latent: number, t: number | "start"): Float32Array {
  const out = new Float32Array(count * latent);
  for (let i = 0; i < count; i++) out.set(normal(foldIn(key, i, t), latent), i * latent);
  return out;
}

/** Latents of a variational autoencoder's prior, standard normal numbers `[count, latent]`, each from its own stream. */
export const priorLatents = ({ count, latent, key }: Pick<SampleRun, "count" | "latent" | "key">): Float32Array =>
  noiseOf(key, count, latent, "start");

/** Coefficients of one step: x̂_0 = (x_t − rest ε̂) / root, x_prev = signal x̂_0 + direction x_t + noise z. */
export interface StepCoefficients {
  readonly root: number;
  readonly rest: number;
  readonly signal: number;
  readonly direction: number;
  readonly noise: number;
}

/**
 * What a sampler's step from time `t` to `previous` computes; undefined stands for the end, x_0.
 */
export function stepCoefficients(
  sampler: DenoisingSampler,
  { beta, alphaBar }: NoiseSchedule,
  t: number,
  previous: number | undefined,
): StepCoefficients {
  const bar = alphaBar[t]!;
  const [root, rest] = [Math.sqrt(bar), Math.sqrt(1 - bar)];
  const barPrevious = previous === undefined ? 1 : alphaBar[previous]!;
  if (sampler.type === "ddpm") {
    // The posterior q(x_{t−1} | x_t, x_0), Ho et al., equations 6 and 7.
    const posterior = (beta[t]! * (1 - barPrevious)) / (1 - bar);
    return {
      ...{ root, rest },
      signal: (beta[t]! * Math.sqrt(barPrevious)) / (1 - bar),
      direction: ((1 - barPrevious) * Math.sqrt(1 - beta[t]!)) / (1 - bar),
      noise: previous === undefined ? 0 : Math.sqrt(sampler.variance === "large" ? beta[t]! : posterior),
    };
  }
  // Song et al., equations 12 and 16, with ε̂ written through x_t and x̂_0.
  const noise = sampler.eta * Math.sqrt(((1 - barPrevious) / (1 - bar)) * (1 - bar / barPrevious));
  const direction = Math.sqrt(Math.max(0, 1 - barPrevious - noise * noise) / (1 - bar));
  return { root, rest, signal: Math.sqrt(barPrevious) - direction * root, direction, noise };
}

/**
 * Draws latents.
 * @returns x_0 `[count, latent]`.
 */
export async function sampleLatents(sampler: SamplerOptions, run: SampleRun): Promise<Float32Array> {
  const { process, count, latent, key, from } = run;
  const x = from === undefined ? noiseOf(key, count, latent, "start") : from.x.slice();
  if (isFlow(sampler)) {
    if (process.objective !== "flow") throw new Error(`${sampler.type} follows a velocity`);
    await follow(sampler, run, process, x);
  } else {
    if (process.objective !== "noise") throw new Error(`${sampler.type} takes noise away`);
    await denoise(sampler, run, process, x);
  }
  return x;
}

/** Takes the predicted noise away step by step, in place. */
async function denoise(
  sampler: DenoisingSampler,
  { predict, count, latent, key, from, onStep }: SampleRun,
  schedule: NoiseSchedule,
  x: Float32Array,
): Promise<void> {
  const times = timesOf(sampler, schedule);
  const denoised = new Float32Array(count * latent);
  const limit = sampler.clip ?? Number.POSITIVE_INFINITY;
  const clip = (value: number) => Math.min(limit, Math.max(-limit, value));
  for (let index = from?.index ?? 0; index < times.length; index++) {
    const t = times[index]!;
    const eps = await predict(x, t);
    const { root, rest, signal, direction, noise } = stepCoefficients(sampler, schedule, t, times[index + 1]);
    const z = noise === 0 ? undefined : noiseOf(key, count, latent, t);
    for (let i = 0; i < x.length; i++) {
      const x0 = clip((x[i]! - rest * eps[i]!) / root);
      denoised[i] = x0;
      x[i] = clip(signal * x0 + direction * x[i]! + (z === undefined ? 0 : noise * z[i]!));
    }
    await onStep?.({ index: index + 1, x, t, total: times.length, denoised });
  }
}

/** Follows the predicted velocity dx/dσ from noise, σ = 1, to data, σ = 0, in place. */
async function follow(
  { type, steps }: FlowSampler,
  { predict, from, onStep }: SampleRun,
  { strength, ...path }: FlowPath,
  x: Float32Array,
): Promise<void> {
  const times = timesOf({ type, steps }, path);
  const velocity = new Float32Array(x.length);
  const denoised = new Float32Array(x.length);
  const ahead = new Float32Array(x.length);
  for (let index = from?.index ?? 0; index < steps; index++) {
    const [t, next] = [times[index]!, times[index + 1] ?? 0];
    velocity.set(await predict(x, t));
    for (let i = 0; i < x.length; i++) denoised[i] = x[i]! - strength[t]! * velocity[i]!;
    const step = strength[next]! - strength[t]!;
    if (type === "heun") {
      for (let i = 0; i < x.length; i++) ahead[i] = x[i]! + step * velocity[i]!;
      const there = await predict(ahead, next);
      for (let i = 0; i < x.length; i++) velocity[i] = (velocity[i]! + there[i]!) / 2;
    }
    for (let i = 0; i < x.length; i++) x[i]! += step * velocity[i]!;
    await onStep?.({ index: index + 1, x, t, total: steps, denoised });
  }
}
