/** The two trainings of p-diff as graphs with a loss: the autoencoder with noise, and the noise predictor on latents. */
import { add, clip, constant, gather, input, mul, type Tensor } from "../graph/index.ts";
import { meanSquaredError, type OptimiserOptions, optimiser, type ScheduleOptions, trace } from "../nn/index.ts";
import { normal } from "../random/index.ts";
import type { StepOptions } from "../training/index.ts";
import { autoencoder, type ConvolutionalOptions } from "./autoencoders.ts";
import { type DenoiserOptions, denoiser } from "./denoisers.ts";
import type { NoiseSchedule } from "./noise-schedule.ts";

/** How long and how fast to train. */
export interface TrainingOptions {
  readonly steps: number;
  readonly batch: number;
  /** The highest learning rate. */
  readonly lr: number;
  readonly optimiser: OptimiserOptions;
  readonly schedule: ScheduleOptions;
}

/** Noise augmentation of the autoencoder (paper, section 2.2; amplitudes σ_v and σ_z of the revised one). */
export interface NoiseAugmentation {
  /** On normalised parameters. */
  readonly parameters: number;
  /** On latents. */
  readonly latent: number;
  /** `add`: x + σ n. `blend`: (1 − σ) x + σ n, and latents kept in [−1, 1], as the first paper's code. */
  readonly mode: "add" | "blend";
}

export interface AutoencoderStep {
  readonly network: ConvolutionalOptions;
  readonly noise: NoiseAugmentation;
  readonly training: TrainingOptions;
  /** D. */
  readonly dimension: number;
}

/**
 * The autoencoder in training. It is fed `v` `[batch, D]`, normalised parameter vectors; the loss is the squared error
 * against these clean vectors, averaged over coordinates.
 */
export function autoencoderStep({ network, noise, training, dimension }: AutoencoderStep): StepOptions {
  const net = autoencoder(network, dimension);
  const v = input("v", [training.batch, dimension]);
  const traced = trace(
    (at) => {
      const noisy = (x: Tensor, name: "parameters" | "latent"): Tensor => {
        const sigma = noise[name];
        if (sigma === 0) return x;
        const drawn = mul(at.noise(`noise.${name}`, x.shape, normal), sigma);
        return add(noise.mode === "blend" ? mul(x, 1 - sigma) : x, drawn);
      };
      const z = noisy(net.encode(at, noisy(v, "parameters")), "latent");
      return { loss: meanSquaredError(net.decode(at, noise.mode === "blend" ? clip(z, -1, 1) : z), v) };
    },
    { training: true },
  );
  return { traced, optimiser: optimiser(training.optimiser) };
}

export interface DenoiserStep {
  readonly network: DenoiserOptions;
  readonly schedule: NoiseSchedule;
  readonly training: TrainingOptions;
  readonly ema: number | null;
  readonly latent: number;
}

/**
 * The noise predictor in training (Ho et al., algorithm 1). It is fed `z` `[batch, latent]` and uniform times `t`
 * int32 `[batch]`; the loss is the squared error of the predicted noise.
 */
export function denoiserStep({ network, schedule, training, ema, latent }: DenoiserStep): StepOptions {
  const net = denoiser(network, schedule.steps);
  const { batch } = training;
  const z = input("z", [batch, latent]);
  const t = input("t", [batch], "int32");
  const column = (values: Float64Array) => constant(Float32Array.from(values), [schedule.steps, 1]);
  const signal = column(schedule.alphaBar.map(Math.sqrt));
  const strength = column(schedule.alphaBar.map((a) => Math.sqrt(1 - a)));
  const traced = trace(
    (at) => {
      const eps = at.noise("noise", [batch, latent], normal);
      const noisy = add(mul(z, gather(signal, t)), mul(eps, gather(strength, t)));
      return { loss: meanSquaredError(net(at, noisy, t), eps) };
    },
    { training: true },
  );
  return { traced, optimiser: optimiser(training.optimiser), ema: ema ?? undefined };
}
