/**
 * A whole generator as one graph: noise in, parameters out, the sampler's loop inside. What it computes is what the stages
 * compute step by step, so that a model made of it draws the same networks in any ONNX Runtime.
 */
import {
  add,
  cast,
  clip,
  constant,
  div,
  expand,
  gather,
  input,
  loop,
  mul,
  reshape,
  rewrite,
  slice,
  sub,
  type Tensor,
} from "../graph/index.ts";
import { trace } from "../nn/index.ts";
import { type DenoiserOptions, denoiser } from "./denoisers.ts";
import { type NetworkState, stateConstants } from "./network-state.ts";
import type { NoiseSchedule } from "./noise-schedule.ts";
import type { Normalisation } from "./normalisation.ts";
import { noiseOf, type SampleRun, type SamplerOptions, stepCoefficients, timesOf } from "./samplers.ts";

export interface GeneratorGraphOptions {
  readonly denoiser: DenoiserOptions;
  readonly state: NetworkState;
  readonly schedule: NoiseSchedule;
  readonly sampler: SamplerOptions;
  /** Of the latents that the denoiser knows. */
  readonly scale: Normalisation;
  /** Latents `[count, latent]` in the autoencoder's units to parameters `[count, D]`. */
  readonly decode: (latents: Tensor) => Tensor;
  /** Networks drawn at once. */
  readonly count: number;
  readonly latent: number;
}

/** Rows of noise that a sampler takes: one to begin with, and one for each step that adds any. */
export const noiseRows = (sampler: SamplerOptions, schedule: NoiseSchedule): number =>
  addsNoise(sampler) ? 1 + timesOf(sampler, schedule).length : 1;

const addsNoise = (sampler: SamplerOptions): boolean => sampler.type === "ddpm" || sampler.eta > 0;

/** The noise with which a generator's graph draws what `sampleLatents` draws with a key, `[rows, count, latent]`. */
export function generatorNoise(
  sampler: SamplerOptions,
  { schedule, count, latent, key }: Pick<SampleRun, "schedule" | "count" | "latent" | "key">,
): Float32Array {
  const times = addsNoise(sampler) ? timesOf(sampler, schedule) : [];
  const size = count * latent;
  const noise = new Float32Array((1 + times.length) * size);
  noise.set(noiseOf(key, count, latent, "start"));
  times.forEach((t, i) => {
    noise.set(noiseOf(key, count, latent, t), (i + 1) * size);
  });
  return noise;
}

/**
 * The graph of a generator.
 * @returns parameters `[count, D]`, from the input `noise` `[rows, count, latent]`: standard normal numbers.
 */
export function generatorGraph(options: GeneratorGraphOptions): Tensor {
  const { sampler, schedule, scale, count, latent } = options;
  const times = timesOf(sampler, schedule);
  const rows = noiseRows(sampler, schedule);
  const size = count * latent;
  const noise = reshape(input("noise", [rows, count, latent]), [rows, size]);
  const steps = constant(Int32Array.from(times), [times.length, 1]);
  const names = ["root", "rest", "signal", "direction", "noise"] as const;
  const table = times.flatMap((t, i) => {
    const step = stepCoefficients(sampler, schedule, t, times[i + 1]);
    return names.map((name) => step[name]);
  });
  const coefficients = constant(Float32Array.from(table), [times.length, names.length]);
  const start = reshape(slice(noise, { axes: [0], starts: [0], ends: [1] }), [count, latent]);
  const net = denoiser(options.denoiser, schedule.steps);
  const bound = (x: Tensor) => (sampler.clip === null ? x : clip(x, -sampler.clip, sampler.clip));
  const x0 = loop(start, { trips: times.length, captured: [noise] }, (trip, x, [rowsOfNoise]) => {
    const at = reshape(trip, [1]);
    const row = gather(coefficients, at);
    const [root, rest, signal, direction, spread] = names.map((_, i) =>
      reshape(slice(row, { axes: [1], starts: [i], ends: [i + 1] }), [1]),
    ) as [Tensor, Tensor, Tensor, Tensor, Tensor];
    const t = expand(reshape(gather(steps, at), [1]), [count]);
    const traced = trace((scope) => net(scope, x, t), { training: false });
    const eps = rewrite([traced.outputs], stateConstants(traced, options.state))[0]!;
    const denoised = bound(div(sub(x, mul(eps, rest)), root));
    const next = add(mul(denoised, signal), mul(x, direction));
    if (rows === 1) return bound(next);
    const following = add(cast(at, "int32"), constant(Int32Array.of(1), [1]));
    const z = reshape(gather(rowsOfNoise!, following), [count, latent]);
    return bound(add(next, mul(z, spread)));
  });
  const units = (v: Float32Array) => constant(v, [latent]);
  return options.decode(add(mul(x0, units(scale.scale)), units(scale.mean)));
}
