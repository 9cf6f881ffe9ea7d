/**
 * The revised paper's autoencoder (arXiv 2402.13144v3, class OneDimVAE of its code): strided
 * convolutions with batch normalisation, and linear layers around the latent.
 */

import { z } from "zod";
import { elu, leakyRelu, reshape } from "../../graph/index.ts";
import { at, last } from "../../lookup.ts";
import { batchNorm, conv, convTranspose, linear, oddSide, width, widths } from "../../nn/index.ts";
import { requireNarrow, requireStages } from "../limits.ts";
import { MAX_SMALL_LATENT, narrower } from "../smaller.ts";
import type { AutoencoderNetwork } from "./network.ts";
import { asSequence, asVector } from "./sequence.ts";
import { trainedAutoencoder } from "./trained.ts";

/** Options of the revised paper's autoencoder. */
export interface V3Options {
  readonly type: "v3";
  /** Channels after each of the encoder's convolutions, every one of which halves the sequence. */
  readonly channels: readonly number[];
  /** Odd. */
  readonly kernel: number;
  readonly latent: number;
  /**
   * Weight of the Kullback–Leibler divergence from a standard normal distribution: 0 makes an
   * autoencoder, anything above a variational one, whose latents have a learned variance.
   */
  readonly kl: number;
  /**
   * What batch normalisation uses once the autoencoder is trained: the running statistics, or, as
   * the published code, which never leaves training mode, those of each batch of checkpoints in the
   * encoder and of each single vector in the decoder.
   */
  readonly batchNorm: "running" | "batch";
}

/** The published code pads vectors to rows of this length. */
const ROW = 64;

function build(
  { channels, kernel, latent, kl, batchNorm: statistics }: V3Options,
  dimension: number,
): AutoencoderNetwork {
  requireNarrow(latent, dimension);
  requireStages(channels.length, 2);
  const factor = 2 ** channels.length;
  const unit = Math.max(ROW, factor);
  const length = Math.ceil(dimension / unit) * unit;
  const short = length / factor;
  const narrow = last(channels);
  const shared = { kernel, padding: (kernel - 1) / 2 };
  // The widths of the encoder in reverse, the last one twice: as many doublings as halvings.
  const rising = [...channels.toReversed().slice(1), at(channels, 0)];
  return {
    latent,
    dimension,
    kl,
    statistics,
    encode(scope, v) {
      let x = asSequence(v, length);
      channels.forEach((out, i) => {
        const stage = scope.in(`encoder.${i}`);
        const shorter = conv(stage.in("conv"), x, { out, stride: 2, ...shared });
        x = leakyRelu(batchNorm(stage.in("norm"), shorter));
      });
      const flat = reshape(x, [at(v.shape, 0), narrow * short]);
      const hidden = linear(scope.in("encoder.latent"), flat, { out: latent });
      const mean = linear(scope.in("encoder.mean"), hidden, { out: latent });
      if (kl === 0) return { mean };
      return { mean, logVariance: linear(scope.in("encoder.logVariance"), hidden, { out: latent }) };
    },
    decode(scope, z) {
      const wide = linear(scope.in("decoder.latent"), z, { out: narrow * short });
      let x = reshape(wide, [at(z.shape, 0), narrow, short]);
      rising.forEach((out, i) => {
        const stage = scope.in(`decoder.${i}`);
        const doubling = { out, stride: 2, outputPadding: 1, ...shared };
        x = elu(batchNorm(stage.in("norm"), convTranspose(stage.in("conv"), x, doubling)));
      });
      return asVector(conv(scope.in("decoder.output"), x, { out: 1, ...shared }), dimension);
    },
  };
}

/** The revised paper's backbone (section 3.1, appendix B). */
export const v3Autoencoder = trainedAutoencoder<V3Options>({
  type: "v3",
  description: "the revised paper's: strided 1-D convolutions with batch normalisation",
  options: {
    channels: widths
      .min(1)
      .default([64, 128, 256, 256, 32])
      .describe("Channels after each encoder stage; the decoder mirrors them."),
    kernel: oddSide.default(7).describe("Kernel size of the 1-D convolutions, odd."),
    latent: width.default(128).describe("Latent dimension."),
    kl: z
      .number()
      .min(0)
      .default(0)
      .describe("Weight of the Kullback–Leibler divergence from N(0, I); above 0 makes the autoencoder variational."),
    batchNorm: z
      .enum(["running", "batch"])
      .default("running")
      .describe(
        "Batch-norm statistics after training: `running` averages, or those of each `batch` as in the published code.",
      ),
  },
  defaults: {
    noise: { parameters: 0.001, latent: 0.1 },
    training: {
      steps: 500,
      batch: 50,
      lr: 2e-5,
      optimiser: { type: "adamw", weightDecay: 0 },
      schedule: { type: "cosine" },
    },
  },
  problem: ({ kl, noise }) =>
    kl > 0 && noise.latent > 0
      ? {
          at: ["noise", "latent"],
          message: "a variational autoencoder (autoencoder.kl above 0) learns the noise of its latents; use 0",
        }
      : undefined,
  hasPrior: ({ kl }) => kl > 0,
  build,
  smaller: (options) => ({
    ...options,
    channels: narrower(options.channels),
    latent: Math.min(options.latent, MAX_SMALL_LATENT),
  }),
});
