/**
 * A whole generator as one graph: noise in, parameters out, the sampler's loop inside. It computes
 * what the stages compute step by step, so that a model made of it draws the same networks in any
 * ONNX Runtime.
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
import { at } from "../lookup.ts";
import { trace } from "../nn/index.ts";
import type { Denoiser } from "./denoisers/denoiser.ts";
import type { Normalisation } from "./normalisations/normalisation.ts";
import type { NoiseSchedule, Process } from "./process.ts";
import { noiseOf, type SampleRun } from "./samplers/sample-latents.ts";
import { type NoiseSampler, type Sampler, timesOf, type VelocitySampler } from "./samplers/sampler.ts";
import { type NetworkState, stateConstants } from "./trained-state.ts";

/** A fitted generator. */
export interface GeneratorGraphOptions {
  readonly denoiser: Denoiser;
  readonly state: NetworkState;
  /** The worse denoiser that guides it, and the weights of `guided`; none by default. */
  readonly guide?: { readonly state: NetworkState; readonly weights: Float32Array } | undefined;
  readonly process: Process;
  readonly sampler: Sampler;
  /** The normalisation of the latents that the denoiser knows. */
  readonly scale: Normalisation;
  /** Latents `[count, latent]` in the autoencoder's units to parameters `[count, D]`. */
  readonly decode: (latents: Tensor) => Tensor;
  /** Networks drawn at once. */
  readonly count: number;
  readonly latent: number;
}

/** Rows of noise that a sampler takes: one to begin with, and one for each step that adds any. */
export const noiseRows = (sampler: Sampler, process: Pick<Process, "steps">): number =>
  addsNoise(sampler) ? 1 + timesOf(sampler, process).length : 1;

const addsNoise = (sampler: Sampler): boolean => sampler.objective === "noise" && sampler.addsNoise;

/**
 * The noise `[rows, count, latent]` that makes a generator's graph draw what `sampleLatents` draws
 * with a key.
 */
export function generatorNoise(
  sampler: Sampler,
  { process, count, latent, key }: Pick<SampleRun, "process" | "count" | "latent" | "key">,
): Float32Array {
  const times = addsNoise(sampler) ? timesOf(sampler, process) : [];
  const size = count * latent;
  const noise = new Float32Array((1 + times.length) * size);
  noise.set(noiseOf({ key, count, latent }, "start"));
  times.forEach((t, i) => {
    noise.set(noiseOf({ key, count, latent }, t), (i + 1) * size);
  });
  return noise;
}

/**
 * The graph of a generator.
 * @returns parameters `[count, D]`, from the input `noise` `[rows, count, latent]`: standard normal
 *   numbers.
 */
export function generatorGraph(options: GeneratorGraphOptions): Tensor {
  const { sampler, process, scale, count, latent } = options;
  const rows = noiseRows(sampler, process);
  const noise = reshape(input("noise", [rows, count, latent]), [rows, count * latent]);
  /** The denoiser at x `[count, latent]` and a time `[1]`. */
  const predicted = (x: Tensor, time: Tensor): Tensor => {
    const traced = trace((index) => options.denoiser(index, x, expand(time, [count])), {
      training: false,
    });
    const by = (state: NetworkState) => at(rewrite([traced.outputs], stateConstants(traced, state)), 0);
    const better = by(options.state);
    if (options.guide === undefined) return better;
    const { state, weights } = options.guide;
    const worse = by(state);
    return add(worse, mul(sub(better, worse), gather(constant(weights, [weights.length, 1]), time)));
  };
  const x0 = latentsOf(options, noise, predicted);
  const units = (v: Float32Array) => constant(v, [latent]);
  return options.decode(add(mul(x0, units(scale.scale)), units(scale.mean)));
}

/** The sampler's result, as `sampleLatents`. */
function latentsOf(options: GeneratorGraphOptions, noise: Tensor, predicted: Predicted): Tensor {
  const { sampler, process } = options;
  if (sampler.objective === "flow") return followed({ ...options, sampler, process }, noise, predicted);
  if (process.objective !== "noise") throw new Error(`${sampler.type} removes noise`);
  return denoised({ ...options, sampler, process }, noise, predicted);
}

type Predicted = (x: Tensor, time: Tensor) => Tensor;

/** The numbers of a row of a table, one by one, each `[1]`. */
function numbersOf(table: Tensor, index: Tensor): Tensor[] {
  const row = gather(table, index);
  return Array.from({ length: at(table.shape, 1) }, (_, i) =>
    reshape(slice(row, { axes: [1], starts: [i], ends: [i + 1] }), [1]),
  );
}

/** The sampler that removes noise. */
function denoised(
  { sampler, process, count, latent }: GeneratorGraphOptions & { sampler: NoiseSampler; process: NoiseSchedule },
  noise: Tensor,
  predicted: Predicted,
): Tensor {
  const times = timesOf(sampler, process);
  const rows = at(noise.shape, 0);
  const steps = constant(Int32Array.from(times), [times.length, 1]);
  const names = ["root", "rest", "signal", "direction", "noise"] as const;
  const table = times.flatMap((t, i) => {
    const step = sampler.coefficients(process, t, times[i + 1]);
    return names.map((name) => step[name]);
  });
  const coefficients = constant(Float32Array.from(table), [times.length, names.length]);
  const start = reshape(slice(noise, { axes: [0], starts: [0], ends: [1] }), [count, latent]);
  const bound = (x: Tensor) => (sampler.clip === null ? x : clip(x, -sampler.clip, sampler.clip));
  const body = (trip: Tensor, x: Tensor, rowsOfNoise: Tensor): Tensor => {
    const index = reshape(trip, [1]);
    const [root, rest, signal, direction, spread] = numbersOf(coefficients, index) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const eps = predicted(x, reshape(gather(steps, index), [1]));
    const clean = bound(div(sub(x, mul(eps, rest)), root));
    const next = add(mul(clean, signal), mul(x, direction));
    if (rows === 1) return bound(next);
    const following = add(cast(index, "int32"), constant(Int32Array.of(1), [1]));
    const z = reshape(gather(rowsOfNoise, following), [count, latent]);
    return bound(add(next, mul(z, spread)));
  };
  return at(
    loop([start], { trips: times.length, captured: [noise] }, (trip, state, captured) => [
      body(trip, at(state, 0), at(captured, 0)),
    ]),
    0,
  );
}

/** The sampler that follows a velocity. */
function followed(
  { sampler, process, count, latent }: GeneratorGraphOptions & { sampler: VelocitySampler },
  noise: Tensor,
  predicted: Predicted,
): Tensor {
  const times = [...timesOf(sampler, process), 0];
  const { strength } = process;
  const trips = times.length - 1;
  const steps = constant(Int32Array.from(times), [times.length, 1]);
  const sizes = Float32Array.from(
    { length: trips },
    (_, i) => at(strength, at(times, i + 1)) - at(strength, at(times, i)),
  );
  const lengths = constant(sizes, [trips, 1]);
  const body = (trip: Tensor, x: Tensor): Tensor => {
    const index = reshape(trip, [1]);
    const [length] = numbersOf(lengths, index) as [Tensor];
    const velocity = predicted(x, reshape(gather(steps, index), [1]));
    const ahead = add(x, mul(velocity, length));
    if (!sampler.corrects) return ahead;
    const following = add(cast(index, "int32"), constant(Int32Array.of(1), [1]));
    const there = predicted(ahead, reshape(gather(steps, following), [1]));
    return add(x, mul(add(velocity, there), mul(length, 0.5)));
  };
  return at(
    loop([reshape(noise, [count, latent])], { trips }, (trip, state) => [body(trip, at(state, 0))]),
    0,
  );
}
