/** The two trainings of p-diff as graphs with a loss: the autoencoder with noise, and the noise predictor on latents. */
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
import { autoencoder, type ConvolutionalOptions, type Encoding } from "./autoencoders/autoencoder.ts";
import { type DenoiserOptions, denoiser } from "./denoisers/denoiser.ts";
import type { Process } from "./process.ts";
import type { TokenShape } from "./unit-tokens.ts";

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
  /** What is to be reconstructed: the vectors, or, as in the revised paper's code, the vectors with their noise. */
  readonly target: "clean" | "noisy";
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
 * averaged over coordinates. A variational one adds `kl` times the divergence of its latents, summed over each latent and
 * averaged over the batch, as the published code: 2 / D would make it the evidence bound of a decoder with unit variance.
 */
export function autoencoderStep({ network, noise, training, dimension }: AutoencoderStep): StepOptions {
  const net = autoencoder(network, dimension);
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
      const encoding = net.encode(at, seen);
      const z = encoding.logVariance === undefined ? noisy(encoding.mean, "latent") : sampled(at, encoding);
      const decoded = net.decode(at, noise.mode === "blend" ? clip(z, -1, 1) : z);
      const error = meanSquaredError(decoded, noise.target === "noisy" ? seen : v);
      if (network.type !== "v3" || network.kl === 0) return { loss: error };
      return { loss: add(error, mul(divergence(encoding), network.kl / training.batch)) };
    },
    { training: true },
  );
  return { traced, optimiser: optimiser(training.optimiser) };
}

/** Latents drawn with their learned variance. */
function sampled(at: Scope, { mean, logVariance }: Encoding): Tensor {
  return add(mean, mul(at.noise("noise.latent", mean.shape, { kind: "normal" }), exp(mul(logVariance!, 0.5))));
}

/** The Kullback–Leibler divergence of latents from a standard normal distribution, summed over all of a batch. */
function divergence({ mean, logVariance }: Encoding): Tensor {
  const spread = sub(sub(exp(logVariance!), logVariance!), 1);
  return mul(reduceSum(add(mul(mean, mean), spread), { axes: [0, 1] }), 0.5);
}

export interface DenoiserStep {
  readonly network: DenoiserOptions;
  readonly process: Process;
  readonly training: TrainingOptions;
  readonly ema: number | null;
  readonly latent: number;
  /** What latents consist of, for a denoiser of tokens. */
  readonly tokens?: TokenShape | undefined;
  /** How much each number of a latent counts, `[latent]`; all the same by default. */
  readonly weight?: Float32Array | undefined;
}

/**
 * The denoiser in training (Ho et al., algorithm 1; Lipman et al., equation 23). It is fed `z` `[batch, latent]` and times `t`
 * int32 `[batch]`; the loss is the squared error of the predicted noise, or of the predicted velocity, averaged with the weights.
 */
export function denoiserStep({ network, process, training, ema, latent, tokens, weight }: DenoiserStep): StepOptions {
  const net = denoiser(network, process.steps, tokens);
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
      return { loss: meanSquaredError(weighed(net(at, noisy, t)), weighed(target)) };
    },
    { training: true },
  );
  return { traced, optimiser: optimiser(training.optimiser), ema: ema ?? undefined };
}
