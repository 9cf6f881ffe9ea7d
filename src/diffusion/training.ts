/**
 * The two trainings of a generator as graphs with a loss: an autoencoder with noise augmentation,
 * and a denoiser of latents.
 */
import { add, clip, constant, exp, gather, input, mul, reduceSum, sub, type Tensor } from "../graph/index.ts";
import {
  meanSquaredError,
  type OptimiserOptions,
  optimiser,
  type ScheduleOptions,
  type Scope,
  trace,
} from "../nn/index.ts";
import type { StepOptions } from "../training/index.ts";
import type { AutoencoderNetwork, Encoding } from "./autoencoders/network.ts";
import type { Denoiser } from "./denoisers/denoiser.ts";
import type { Process } from "./process.ts";

/** How long and how fast to train. */
export interface TrainingOptions {
  readonly steps: number;
  readonly batch: number;
  /** The highest learning rate. */
  readonly lr: number;
  readonly optimiser: OptimiserOptions;
  readonly schedule: ScheduleOptions;
}

/**
 * Noise augmentation of the autoencoder (paper, section 2.2; amplitudes σ_v and σ_z of the revised
 * one).
 */
export interface NoiseAugmentation {
  /** On normalised parameters. */
  readonly parameters: number;
  /** On latents. */
  readonly latent: number;
  /**
   * `add`: x + σ n. `blend`: (1 − σ) x + σ n, and latents kept in [−1, 1], as the first paper's
   * code.
   */
  readonly mode: "add" | "blend";
  /**
   * What is reconstructed: the vectors, or, as in the revised paper's code, the vectors with their
   * noise.
   */
  readonly target: "clean" | "noisy";
}

/** The training of an autoencoder. */
export interface AutoencoderStep {
  readonly network: AutoencoderNetwork;
  readonly noise: NoiseAugmentation;
  readonly training: TrainingOptions;
}

/**
 * The autoencoder in training. It is fed `v` `[batch, D]`, normalised parameter vectors; the loss
 * is the squared error averaged over coordinates. A variational one adds `kl` times the divergence
 * of its latents, summed over each latent and averaged over the batch, as the published code: 2 / D
 * would make it the evidence bound of a decoder with unit variance.
 */
export function autoencoderStep({ network, noise, training }: AutoencoderStep): StepOptions {
  const { dimension, kl = 0 } = network;
  const v = input("v", [training.batch, dimension]);
  const traced = trace(
    (at) => {
      const noisy = (x: Tensor, name: "parameters" | "latent"): Tensor => {
        const sigma = noise[name];
        if (sigma === 0) return x;
        const drawn = mul(at.noise(`noise.${name}`, x.shape, { kind: "normal" }), sigma);
        return add(noise.mode === "blend" ? mul(x, 1 - sigma) : x, drawn);
      };
      const seen = noisy(v, "parameters");
      const encoding = network.encode(at, seen);
      const z =
        encoding.logVariance === undefined
          ? noisy(encoding.mean, "latent")
          : sampled(at, encoding.mean, encoding.logVariance);
      const decoded = network.decode(at, noise.mode === "blend" ? clip(z, -1, 1) : z);
      const error = meanSquaredError(decoded, noise.target === "noisy" ? seen : v);
      if (kl === 0) return { loss: error };
      return { loss: add(error, mul(divergence(encoding), kl / training.batch)) };
    },
    { training: true },
  );
  return { traced, optimiser: optimiser(training.optimiser) };
}

/** Latents drawn with their learned variance. */
function sampled(at: Scope, mean: Tensor, logVariance: Tensor): Tensor {
  const drawn = at.noise("noise.latent", mean.shape, { kind: "normal" });
  return add(mean, mul(drawn, exp(mul(logVariance, 0.5))));
}

/** The Kullback–Leibler divergence of a batch's latents from a standard normal, summed over all. */
function divergence({ mean, logVariance }: Encoding): Tensor {
  if (logVariance === undefined) throw new Error("a divergence needs latents with a variance");
  const spread = sub(sub(exp(logVariance), logVariance), 1);
  return mul(reduceSum(add(mul(mean, mean), spread), { axes: [0, 1] }), 0.5);
}

/** The training of a denoiser. */
export interface DenoiserStep {
  readonly network: Denoiser;
  readonly process: Process;
  readonly training: TrainingOptions;
  /** Decay of the moving average of the weights; null for none. */
  readonly ema: number | null;
  /** Numbers of a latent. */
  readonly latent: number;
  /** How much each number of a latent counts, `[latent]`; all the same by default. */
  readonly weight?: Float32Array | undefined;
}

/**
 * The denoiser in training (Ho et al., algorithm 1; Lipman et al., equation 23). It is fed `z`
 * `[batch, latent]` and times `t` int32 `[batch]`; the loss is the squared error of the predicted
 * noise, or of the predicted velocity, averaged with the weights.
 */
export function denoiserStep(options: DenoiserStep): StepOptions {
  const { network, process, training, ema, latent, weight } = options;
  const { batch } = training;
  const z = input("z", [batch, latent]);
  const t = input("t", [batch], "int32");
  const column = (values: Float64Array) => constant(Float32Array.from(values), [process.steps, 1]);
  const [signal, strength] = [column(process.signal), column(process.strength)];
  const root = weight && constant(weight.map(Math.sqrt), [latent]);
  const weighed = (x: Tensor) => (root === undefined ? x : mul(x, root));
  const traced = trace(
    (at) => {
      const eps = at.noise("noise", [batch, latent], { kind: "normal" });
      const noisy = add(mul(z, gather(signal, t)), mul(eps, gather(strength, t)));
      const target = process.objective === "flow" ? sub(eps, z) : eps;
      return { loss: meanSquaredError(weighed(network(at, noisy, t)), weighed(target)) };
    },
    { training: true },
  );
  return { traced, optimiser: optimiser(training.optimiser), ema: ema ?? undefined };
}
