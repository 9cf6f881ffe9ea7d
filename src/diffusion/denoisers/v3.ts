/** The revised paper's denoiser (arXiv 2402.13144v3, class OneDimCNN of its code). */

import { add, elu, gather, reshape, silu, type Tensor } from "../../graph/index.ts";
import { given } from "../../lookup.ts";
import { batchNorm, conv, linear, oddSide, timeFeatures, widths } from "../../nn/index.ts";
import { narrower } from "../smaller.ts";
import { type Denoiser, type DenoiserPart, type DenoiserShape, TIME_FEATURES } from "./denoiser.ts";

/** Options of the revised paper's denoiser. */
export interface V3DenoiserOptions {
  readonly type: "v3";
  /** Channels of the way down; the way up has them in reverse and ends in one. */
  readonly channels: readonly number[];
  /** Odd. */
  readonly kernel: number;
}

/**
 * The latent as a sequence of one channel; convolutions of constant length, each but the last with
 * batch normalisation and ELU; sinusoidal features of t through two linear layers, as long as the
 * latent, added to every convolution's input; the outputs of the way down but the last added to the
 * inputs of the way up but the first.
 */
function build({ channels, kernel }: V3DenoiserOptions, { steps }: DenoiserShape): Denoiser {
  return (at, latent, t) => {
    const [batch, length] = latent.shape as [number, number];
    const features = gather(timeFeatures(steps, TIME_FEATURES), t);
    const hidden = silu(linear(at.in("time.0"), features, { out: length }));
    const embedded = linear(at.in("time.1"), hidden, { out: length });
    const time = reshape(embedded, [batch, 1, length]);
    const widths = [...channels, ...channels.toReversed().slice(1), 1];
    const padding = (kernel - 1) / 2;
    const skips: Tensor[] = [];
    let x = reshape(latent, [batch, 1, length]);
    widths.forEach((out, i) => {
      const layer = at.in(`layers.${i}`);
      const from = i > channels.length ? add(x, given(skips.pop())) : x;
      x = conv(layer.in("conv"), add(from, time), { out, kernel, padding });
      if (i === widths.length - 1) return;
      x = elu(batchNorm(layer.in("norm"), x));
      if (i < channels.length - 1) skips.push(x);
    });
    return reshape(x, [batch, length]);
  };
}

/** The revised paper's. */
export const v3Denoiser: DenoiserPart<V3DenoiserOptions> = {
  type: "v3",
  description: "the revised paper's 1-D convolutions, as many up as down",
  latents: "vector",
  options: {
    channels: widths
      .min(1)
      .default([64, 128, 256, 512])
      .describe("Channels of the blocks on the way down, mirrored on the way up."),
    kernel: oddSide.default(7).describe("Kernel size of the 1-D convolutions, odd."),
  },
  build,
  smaller: (options) => ({ ...options, channels: narrower(options.channels) }),
};
