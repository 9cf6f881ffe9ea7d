/** Our convolutional autoencoder: strided convolutions and one linear layer each way. */

import { z } from "zod";
import { leakyRelu, reshape } from "../../graph/index.ts";
import { at, last } from "../../lookup.ts";
import { conv, convTranspose, linear, MAX_SIDE, oddSide, width, widths } from "../../nn/index.ts";
import { requireNarrow, requireStages } from "../limits.ts";
import { MAX_SMALL_LATENT, narrower } from "../smaller.ts";
import type { AutoencoderNetwork } from "./network.ts";
import { asSequence, asVector } from "./sequence.ts";
import { trainedAutoencoder } from "./trained.ts";

/** Options of the convolutional autoencoder. */
export interface ConvOptions {
  readonly type: "conv";
  /** Channels after each stage, each of which shortens the sequence by `stride`. */
  readonly channels: readonly number[];
  /** Odd. */
  readonly kernel: number;
  readonly stride: number;
  readonly latent: number;
}

function build({ channels, kernel, stride, latent }: ConvOptions, dimension: number): AutoencoderNetwork {
  requireNarrow(latent, dimension);
  requireStages(channels.length, stride);
  const factor = stride ** channels.length;
  const length = Math.ceil(dimension / factor) * factor;
  const padding = (kernel - 1) / 2;
  const narrow = last(channels);
  return {
    latent,
    dimension,
    encode(scope, v) {
      let x = asSequence(v, length);
      channels.forEach((out, i) => {
        x = leakyRelu(conv(scope.in(`encoder.${i}`), x, { out, kernel, stride, padding }));
      });
      const flat = reshape(x, [at(v.shape, 0), (narrow * length) / factor]);
      return { mean: linear(scope.in("encoder.latent"), flat, { out: latent }) };
    },
    decode(scope, z) {
      const wide = linear(scope.in("decoder.latent"), z, { out: (narrow * length) / factor });
      let x = reshape(wide, [at(z.shape, 0), narrow, length / factor]);
      // The last stage goes straight to one channel: a full-length sequence of many channels would
      // cost most of the step.
      [...channels.toReversed().slice(1), 1].forEach((out, i) => {
        const stage = { out, kernel, stride, padding, outputPadding: stride - 1 };
        x = convTranspose(scope.in(`decoder.${i}`), leakyRelu(x), stage);
      });
      return asVector(x, dimension);
    },
  };
}

/** Ours, for a laptop's CPU. */
export const convAutoencoder = trainedAutoencoder<ConvOptions>({
  type: "conv",
  description: "strided 1-D convolutions and one linear layer each way",
  options: {
    channels: widths.min(1).default([16, 128]).describe("Channels after each encoder stage; the decoder mirrors them."),
    kernel: oddSide.default(9).describe("Kernel size of the 1-D convolutions, odd."),
    stride: z
      .int()
      .min(2)
      .max(MAX_SIDE)
      .default(8)
      .describe("Stride of each stage: the factor by which it shortens the sequence."),
    latent: width.default(64).describe("Latent dimension."),
  },
  defaults: {
    noise: { parameters: 0.001, latent: 0.1 },
    training: {
      steps: 400,
      batch: 32,
      lr: 2e-3,
      optimiser: { type: "adamw", weightDecay: 0 },
      schedule: { type: "cosine" },
    },
  },
  build,
  smaller: (options) => ({
    ...options,
    channels: narrower(options.channels),
    latent: Math.min(options.latent, MAX_SMALL_LATENT),
  }),
});
