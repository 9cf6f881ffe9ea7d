/** Denoisers, which predict noise or velocity: networks of a latent `[batch, latent]` and integer times `[batch]`. */

import { UserError } from "../../errors.ts";
import { add, elu, gather, leakyRelu, reshape, silu, type Tensor } from "../../graph/index.ts";
import {
  batchNorm,
  conv,
  embedding,
  instanceNorm,
  layerNorm,
  linear,
  type Scope,
  timeFeatures,
} from "../../nn/index.ts";
import type { TokenShape } from "../unit-tokens.ts";
import { type UnitDenoiserOptions, unitDenoiser } from "./units.ts";

export type DenoiserOptions =
  | {
      /** Residual blocks of linear layers. */
      readonly type: "mlp";
      readonly width: number;
      readonly blocks: number;
    }
  | {
      /** The first paper's 1-D convolutional network of constant length (paper v1; four blocks down, four up). */
      readonly type: "v1";
      readonly channels: readonly number[];
      readonly kernel: number;
    }
  | {
      /** The revised paper's (arXiv 2402.13144v3, class OneDimCNN of its code): as many convolutions up as down. */
      readonly type: "v3";
      /** Channels of the way down; the way up has them in reverse and ends in one. */
      readonly channels: readonly number[];
      readonly kernel: number;
    }
  | UnitDenoiserOptions;

/** A denoiser for T = `steps` times. */
export type Denoiser = (at: Scope, latent: Tensor, t: Tensor) => Tensor;

/** Width of the sinusoidal time features, as in the published code. */
const TIME_FEATURES = 256;

/**
 * The denoiser that a recipe asks for.
 * @param tokens what latents consist of, for one of tokens.
 */
export function denoiser(options: DenoiserOptions, steps: number, tokens?: TokenShape): Denoiser {
  switch (options.type) {
    case "mlp":
      return mlpDenoiser(options, steps);
    case "v1":
      return v1Denoiser(options, steps);
    case "v3":
      return v3Denoiser(options, steps);
    case "units":
      if (tokens === undefined) throw new UserError("E_CONFIG", "a denoiser of units needs latents of units");
      return unitDenoiser(options, steps, tokens);
  }
}

/**
 * Ours: x ← x + W₂ SiLU(W₁ norm(x) + time), `blocks` times, between a linear layer in and one out. On vectors without
 * spatial order it learns many times faster than a 1-D convolution.
 */
function mlpDenoiser({ width, blocks }: { width: number; blocks: number }, steps: number): Denoiser {
  return (at, latent, t) => {
    const features = gather(timeFeatures(steps, TIME_FEATURES), t);
    const time = silu(linear(at.in("time.0"), features, { out: width }));
    let x = linear(at.in("input"), latent, { out: width });
    for (let i = 0; i < blocks; i++) {
      const block = at.in(`blocks.${i}`);
      const inner = linear(block.in("linear1"), layerNorm(block.in("norm"), x), { out: width });
      const timed = add(inner, linear(block.in("time"), time, { out: width }));
      x = add(x, linear(block.in("linear2"), silu(timed), { out: width }));
    }
    return linear(at.in("output"), layerNorm(at.in("norm"), x), { out: latent.shape[1]! });
  };
}

/**
 * The first paper's: the latent as a sequence of one channel; eight blocks of twice LeakyReLU, InstanceNorm and
 * convolution; a learned embedding of t, as long as the latent, added to every block's input; the outputs of the first
 * three blocks added to the inputs of the last three. The published code looks up one time for the whole batch, which
 * is a mistake and not kept: every example gets its own.
 */
function v1Denoiser({ channels, kernel }: { channels: readonly number[]; kernel: number }, steps: number): Denoiser {
  return (at, latent, t) => {
    const [batch, length] = latent.shape as [number, number];
    const padding = (kernel - 1) / 2;
    const time = reshape(embedding(at.in("time"), t, { count: steps, width: length }), [batch, 1, length]);
    const down = channels;
    const up = [...channels.toReversed().slice(1), 1];
    const block = (scope: Scope, x: Tensor, out: number): Tensor => {
      const half = (name: string, y: Tensor) =>
        conv(scope.in(name), instanceNorm(scope.in("norm"), leakyRelu(y)), { out, kernel, padding });
      return half("conv2", half("conv1", add(x, time)));
    };
    const skips: Tensor[] = [];
    let x = reshape(latent, [batch, 1, length]);
    down.forEach((out, i) => {
      x = block(at.in(`encoder.${i}`), x, out);
      if (i < down.length - 1) skips.push(x);
    });
    up.forEach((out, i) => {
      x = block(at.in(`decoder.${i}`), i === 0 ? x : add(x, skips.pop()!), out);
    });
    return reshape(x, [batch, length]);
  };
}

/**
 * The revised paper's: the latent as a sequence of one channel; convolutions of constant length, each but the last with
 * batch normalisation and ELU; sinusoidal features of t through two linear layers, as long as the latent, added to every
 * convolution's input; the outputs of the way down but the last added to the inputs of the way up but the first.
 */
function v3Denoiser({ channels, kernel }: { channels: readonly number[]; kernel: number }, steps: number): Denoiser {
  return (at, latent, t) => {
    const [batch, length] = latent.shape as [number, number];
    const features = gather(timeFeatures(steps, TIME_FEATURES), t);
    const embedded = linear(at.in("time.1"), silu(linear(at.in("time.0"), features, { out: length })), { out: length });
    const time = reshape(embedded, [batch, 1, length]);
    const widths = [...channels, ...channels.toReversed().slice(1), 1];
    const skips: Tensor[] = [];
    let x = reshape(latent, [batch, 1, length]);
    widths.forEach((out, i) => {
      const layer = at.in(`layers.${i}`);
      const from = i > channels.length ? add(x, skips.pop()!) : x;
      x = conv(layer.in("conv"), add(from, time), { out, kernel, padding: (kernel - 1) / 2 });
      if (i === widths.length - 1) return;
      x = elu(batchNorm(layer.in("norm"), x));
      if (i < channels.length - 1) skips.push(x);
    });
    return reshape(x, [batch, length]);
  };
}
