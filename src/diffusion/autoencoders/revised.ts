/**
 * The revised paper's autoencoder (arXiv 2402.13144v3, class OneDimVAE of its code): strided convolutions with batch
 * normalisation, and linear layers around the latent.
 */
import { elu, leakyRelu, reshape } from "../../graph/index.ts";
import { batchNorm, conv, convTranspose, linear } from "../../nn/index.ts";
import type { Autoencoder } from "./autoencoder.ts";
import { asSequence, asVector } from "./sequence.ts";

export interface V3Options {
  readonly type: "v3";
  /** Channels after each of the encoder's convolutions, every one of which halves the sequence. */
  readonly channels: readonly number[];
  /** Odd. */
  readonly kernel: number;
  readonly latent: number;
  /**
   * Weight of the Kullback–Leibler divergence from a standard normal distribution: 0 makes an autoencoder, anything above
   * a variational one, whose latents have a learned variance.
   */
  readonly kl: number;
  /**
   * What batch normalisation uses once the autoencoder is trained: the running statistics, or, as the published code, which
   * never leaves training mode, those of each batch of checkpoints in the encoder and of each single vector in the decoder.
   */
  readonly batchNorm: "running" | "batch";
}

/** The published code lays vectors out in rows of so many numbers. */
const ROW = 64;

export function v3Autoencoder({ channels, kernel, latent, kl }: V3Options, dimension: number): Autoencoder {
  const folds = 2 ** channels.length;
  const unit = Math.max(ROW, folds);
  const length = Math.ceil(dimension / unit) * unit;
  const short = length / folds;
  const narrow = channels.at(-1)!;
  const shared = { kernel, padding: (kernel - 1) / 2 };
  // The widths of the encoder in reverse, the last one twice: as many doublings as there were halvings.
  const rising = [...channels.toReversed().slice(1), channels[0]!];
  return {
    latent,
    encode(at, v) {
      let x = asSequence(v, length);
      channels.forEach((out, i) => {
        const stage = at.in(`encoder.${i}`);
        x = leakyRelu(batchNorm(stage.in("norm"), conv(stage.in("conv"), x, { out, stride: 2, ...shared })));
      });
      const hidden = linear(at.in("encoder.latent"), reshape(x, [v.shape[0]!, narrow * short]), { out: latent });
      const mean = linear(at.in("encoder.mean"), hidden, { out: latent });
      return kl === 0 ? { mean } : { mean, logVariance: linear(at.in("encoder.logVariance"), hidden, { out: latent }) };
    },
    decode(at, z) {
      const wide = linear(at.in("decoder.latent"), z, { out: narrow * short });
      let x = reshape(wide, [z.shape[0]!, narrow, short]);
      rising.forEach((out, i) => {
        const stage = at.in(`decoder.${i}`);
        const longer = convTranspose(stage.in("conv"), x, { out, stride: 2, outputPadding: 1, ...shared });
        x = elu(batchNorm(stage.in("norm"), longer));
      });
      return asVector(conv(at.in("decoder.output"), x, { out: 1, ...shared }), dimension);
    },
  };
}
