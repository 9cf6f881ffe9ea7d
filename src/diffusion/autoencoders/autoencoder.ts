/** Parameter autoencoders: networks between normalised parameter vectors `[batch, D]` and latents `[batch, latent]`. */
import { leakyRelu, reshape, type Tensor, tanh } from "../../graph/index.ts";
import { conv, convTranspose, instanceNorm, linear, type Scope } from "../../nn/index.ts";
import { type V3Options, v3Autoencoder } from "./revised.ts";
import { asSequence, asVector } from "./sequence.ts";
import { type TokenOptions, tokenAutoencoder } from "./token.ts";

export type ConvolutionalOptions =
  | {
      /** Ours: strided convolutions and one linear layer each way. */
      readonly type: "conv";
      /** Channels after each stage, each of which shortens the sequence by `stride`. */
      readonly channels: readonly number[];
      /** Odd. */
      readonly kernel: number;
      readonly stride: number;
      readonly latent: number;
    }
  | {
      /** The first paper's: four stages without linear layers; the latent's size follows from D. */
      readonly type: "v1";
      readonly encoder: number;
      readonly decoder: readonly number[];
      /** Kernel of every convolution and factor by which each stage shortens the sequence. */
      readonly fold: number;
    }
  | V3Options
  | TokenOptions;

/** What an encoder makes of vectors. */
export interface Encoding {
  /** `[batch, latent]` */
  readonly mean: Tensor;
  /** Of latents with a learned variance, `[batch, latent]`. */
  readonly logVariance?: Tensor;
}

/** An autoencoder for vectors of one length. */
export interface Autoencoder {
  /** Size of a latent. */
  readonly latent: number;
  encode(at: Scope, v: Tensor): Encoding;
  decode(at: Scope, z: Tensor): Tensor;
}

/** The autoencoder that a recipe asks for, for vectors of length `dimension`. */
export function autoencoder(options: ConvolutionalOptions, dimension: number): Autoencoder {
  switch (options.type) {
    case "conv":
      return convAutoencoder(options, dimension);
    case "v1":
      return v1Autoencoder(options, dimension);
    case "v3":
      return v3Autoencoder(options, dimension);
    case "tokens":
      return tokenAutoencoder(options, dimension);
  }
}

function convAutoencoder(
  { channels, kernel, stride, latent }: Extract<ConvolutionalOptions, { type: "conv" }>,
  dimension: number,
): Autoencoder {
  const folds = stride ** channels.length;
  const length = Math.ceil(dimension / folds) * folds;
  const padding = (kernel - 1) / 2;
  const narrow = channels.at(-1)!;
  return {
    latent,
    encode(at, v) {
      let x = asSequence(v, length);
      channels.forEach((out, i) => {
        x = leakyRelu(conv(at.in(`encoder.${i}`), x, { out, kernel, stride, padding }));
      });
      const flat = reshape(x, [v.shape[0]!, (narrow * length) / folds]);
      return { mean: linear(at.in("encoder.latent"), flat, { out: latent }) };
    },
    decode(at, z) {
      const wide = linear(at.in("decoder.latent"), z, { out: (narrow * length) / folds });
      let x = reshape(wide, [z.shape[0]!, narrow, length / folds]);
      // The last stage goes to one channel at once: a full-length sequence of many channels would cost most of the step.
      [...channels.toReversed().slice(1), 1].forEach((out, i) => {
        x = convTranspose(at.in(`decoder.${i}`), leakyRelu(x), {
          out,
          kernel,
          stride,
          padding,
          outputPadding: stride - 1,
        });
      });
      return asVector(x, dimension);
    },
  };
}

/** Stages of the first paper's autoencoder, down and up. */
const V1_STAGES = 4;

function v1Autoencoder(
  { encoder, decoder, fold }: Extract<ConvolutionalOptions, { type: "v1" }>,
  dimension: number,
): Autoencoder {
  const folds = fold ** V1_STAGES;
  const length = Math.ceil(dimension / folds) * folds;
  // Each stage: a convolution with padding 1 (length − fold + 3), then one of stride `fold` without padding.
  const shorten = (n: number) => Math.floor((n + 2 - (fold - 1) - fold) / fold) + 1;
  let narrow = length;
  for (let i = 0; i < V1_STAGES; i++) narrow = shorten(narrow);
  const normalised = (at: Scope, x: Tensor) => instanceNorm(at.in("norm"), x);
  return {
    latent: encoder * narrow,
    encode(at, v) {
      let x = asSequence(v, length);
      for (let i = 0; i < V1_STAGES; i++) {
        const stage = at.in(`encoder.${i}`);
        x = conv(stage.in("conv1"), normalised(stage, i === 0 ? x : leakyRelu(x)), {
          out: encoder,
          kernel: fold,
          padding: 1,
        });
        x = conv(stage.in("conv2"), normalised(stage, leakyRelu(x)), { out: encoder, kernel: fold, stride: fold });
      }
      return { mean: reshape(tanh(x), [v.shape[0]!, encoder * narrow]) };
    },
    decode(at, z) {
      let x = reshape(z, [z.shape[0]!, encoder, narrow]);
      decoder.forEach((out, i) => {
        const stage = at.in(`decoder.${i}`);
        const last = i === decoder.length - 1;
        x = convTranspose(stage.in("conv1"), normalised(stage, leakyRelu(x)), {
          out: x.shape[1]!,
          kernel: fold,
          stride: fold,
        });
        x = conv(stage.in("conv2"), normalised(stage, leakyRelu(x)), {
          out,
          kernel: fold,
          padding: last ? fold : fold - 1,
        });
      });
      return asVector(x, dimension);
    },
  };
}
