/** The first paper's autoencoder (arXiv 2402.13144v1): four stages without linear layers. */

import { z } from "zod";
import { UserError } from "../../errors.ts";
import { leakyRelu, reshape, type Tensor, tanh } from "../../graph/index.ts";
import { at } from "../../lookup.ts";
import { conv, convTranspose, instanceNorm, oddSide, type Scope, width } from "../../nn/index.ts";
import { narrower } from "../smaller.ts";
import type { AutoencoderNetwork } from "./network.ts";
import { asSequence, asVector } from "./sequence.ts";
import { trainedAutoencoder } from "./trained.ts";

/** Options of the first paper's autoencoder. The size of a latent follows from D. */
export interface V1Options {
  readonly type: "v1";
  /** Channels of the encoder. */
  readonly encoder: number;
  /** Channels after each of the decoder's four stages; the last is 1. */
  readonly decoder: readonly number[];
  /** Kernel of every convolution and factor by which each stage shortens the sequence. */
  readonly fold: number;
}

/** Stages, down and up. */
const STAGES = 4;

function build({ encoder, decoder, fold }: V1Options, dimension: number): AutoencoderNetwork {
  const factor = fold ** STAGES;
  const length = Math.ceil(dimension / factor) * factor;
  // Each stage: a convolution with padding 1 (length − fold + 3), then one of stride `fold` without
  // padding.
  const shorten = (n: number) => Math.floor((n + 2 - (fold - 1) - fold) / fold) + 1;
  let narrow = length;
  for (let i = 0; i < STAGES; i++) narrow = shorten(narrow);
  // Instance normalisation needs a second position.
  if (narrow < 2)
    throw new UserError(
      "E_CONFIG",
      `${dimension} generated parameters are too few for ${STAGES} stages of fold ${fold}; lower autoencoder.fold, or use another autoencoder`,
    );
  const normalised = (scope: Scope, x: Tensor) => instanceNorm(scope.in("norm"), x);
  return {
    latent: encoder * narrow,
    dimension,
    encode(scope, v) {
      let x = asSequence(v, length);
      for (let i = 0; i < STAGES; i++) {
        const stage = scope.in(`encoder.${i}`);
        const first = { out: encoder, kernel: fold, padding: 1 };
        x = conv(stage.in("conv1"), normalised(stage, i === 0 ? x : leakyRelu(x)), first);
        const second = { out: encoder, kernel: fold, stride: fold };
        x = conv(stage.in("conv2"), normalised(stage, leakyRelu(x)), second);
      }
      return { mean: reshape(tanh(x), [at(v.shape, 0), encoder * narrow]) };
    },
    decode(scope, z) {
      let x = reshape(z, [at(z.shape, 0), encoder, narrow]);
      decoder.forEach((out, i) => {
        const stage = scope.in(`decoder.${i}`);
        const last = i === decoder.length - 1;
        const first = { out: at(x.shape, 1), kernel: fold, stride: fold };
        x = convTranspose(stage.in("conv1"), normalised(stage, leakyRelu(x)), first);
        const second = { out, kernel: fold, padding: last ? fold : fold - 1 };
        x = conv(stage.in("conv2"), normalised(stage, leakyRelu(x)), second);
      });
      return asVector(x, dimension);
    },
  };
}

/** The first paper's. */
export const v1Autoencoder = trainedAutoencoder<V1Options>({
  type: "v1",
  description: "the first paper's: four stages of 1-D convolutions without linear layers",
  options: {
    encoder: width.default(4).describe("Channels of every encoder stage."),
    decoder: z
      .array(width)
      .length(STAGES)
      .refine((channels) => channels.at(-1) === 1, "expected 1 channel at the end, which is the vector")
      .default([256, 256, 8, 1])
      .describe("Channels after each of the four decoder stages; the last must be 1."),
    fold: oddSide
      .min(3)
      .default(5)
      .describe("Kernel size, odd, and the factor by which each of the four stages shortens the sequence."),
  },
  defaults: {
    noise: { parameters: 0.001, latent: 0.1, mode: "blend" },
    // All 200 checkpoints in every step.
    training: {
      steps: 30_000,
      batch: 200,
      lr: 1e-3,
      optimiser: { type: "adamw", weightDecay: 2e-6 },
      schedule: { type: "constant" },
    },
  },
  build,
  smaller: (options) => ({ ...options, decoder: [...narrower(options.decoder.slice(0, -1)), 1] }),
});
