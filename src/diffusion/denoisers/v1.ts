/** The first paper's denoiser (arXiv 2402.13144v1): a 1-D convolutional network. */

import { add, leakyRelu, reshape, type Tensor } from "../../graph/index.ts";
import { given } from "../../lookup.ts";
import { conv, embedding, instanceNorm, oddSide, type Scope, widths } from "../../nn/index.ts";
import { narrower } from "../smaller.ts";
import type { Denoiser, DenoiserPart, DenoiserShape } from "./denoiser.ts";

/** Options of the first paper's denoiser. */
export interface V1DenoiserOptions {
  readonly type: "v1";
  /** Channels of the blocks down; the blocks up have them in reverse and end in one. */
  readonly channels: readonly number[];
  /** Odd. */
  readonly kernel: number;
}

/**
 * The latent as a sequence of one channel; eight blocks of twice LeakyReLU, InstanceNorm and
 * convolution; a learned embedding of t, as long as the latent, added to every block's input; the
 * outputs of the first three blocks added to the inputs of the last three. The published code looks
 * up one time for the whole batch, which is a mistake and not kept: every example gets its own.
 */
function build({ channels, kernel }: V1DenoiserOptions, { steps }: DenoiserShape): Denoiser {
  return (at, latent, t) => {
    const [batch, length] = latent.shape as [number, number];
    const padding = (kernel - 1) / 2;
    const embedded = embedding(at.in("time"), t, { count: steps, width: length });
    const time = reshape(embedded, [batch, 1, length]);
    const down = channels;
    const up = [...channels.toReversed().slice(1), 1];
    const block = (scope: Scope, x: Tensor, out: number): Tensor => {
      const half = (name: string, y: Tensor) => {
        const normal = instanceNorm(scope.in("norm"), leakyRelu(y));
        return conv(scope.in(name), normal, { out, kernel, padding });
      };
      return half("conv2", half("conv1", add(x, time)));
    };
    const skips: Tensor[] = [];
    let x = reshape(latent, [batch, 1, length]);
    down.forEach((out, i) => {
      x = block(at.in(`encoder.${i}`), x, out);
      if (i < down.length - 1) skips.push(x);
    });
    up.forEach((out, i) => {
      x = block(at.in(`decoder.${i}`), i === 0 ? x : add(x, given(skips.pop())), out);
    });
    return reshape(x, [batch, length]);
  };
}

/** The first paper's. */
export const v1Denoiser: DenoiserPart<V1DenoiserOptions> = {
  type: "v1",
  description: "the first paper's 1-D convolutions of constant length, four blocks down and up",
  latents: "vector",
  options: {
    channels: widths
      .min(1)
      .default([64, 128, 256, 512])
      .describe("Channels of the blocks on the way down, mirrored on the way up."),
    kernel: oddSide.default(3).describe("Kernel size of the 1-D convolutions, odd."),
  },
  build,
  smaller: (options) => ({ ...options, channels: narrower(options.channels) }),
};
