/**
 * ConvNeXt (Liu et al., 2022) with the names and initial values of timm's: ConvNeXt-Tiny has depths 3, 3, 9, 3 and widths
 * 96, 192, 384, 768, ConvNeXt-Base 3, 3, 27, 3 and 128, 256, 512, 1024. Maps have their channels last throughout, for the
 * normalisations and the MLPs; only the depthwise convolutions want them first, on the way in and out.
 */
import { add, gelu, mul, reduceMean, type Tensor } from "../graph/index.ts";
import {
  conv,
  depthRates,
  dropPath,
  type Initialiser,
  layerNorm,
  linear,
  normalInitial,
  ones,
  type Scope,
  zeros,
} from "../nn/index.ts";
import type { Network } from "./network.ts";
import { channelsFirst, channelsLast, patchConv } from "./patches.ts";

export interface ConvNextOptions {
  /** Number of blocks of each stage. */
  readonly depths: readonly number[];
  /** Channels of each stage. */
  readonly widths: readonly number[];
  /** Side of the stem's patches; 4 by default. */
  readonly patch?: number;
  /** Rate of stochastic depth at the last block, growing evenly from 0 at the first; 0 by default. */
  readonly dropPath?: number;
  /** What the scales of the residual branches begin with; 1e-6 by default. */
  readonly layerScale?: number;
}

const EPS = 1e-6;
/** Width of the MLP's hidden layer in widths of its stage. */
const MLP_RATIO = 4;

// timm cuts this normal at ±2: a hundred standard deviations, so that nothing is ever cut.
const initial = { weight: normalInitial(0.02), bias: zeros };

const constantInitial =
  (value: number): Initialiser =>
  (key, length) =>
    ones(key, length).fill(value);

/** `[batch, height, width, channels]` to the same. */
function block(at: Scope, x: Tensor, { layerScale, rate }: { layerScale: number; rate: number }): Tensor {
  const channels = x.shape[3]!;
  const gamma = at.parameter("gamma", [channels], "other", constantInitial(layerScale));
  const depthwise = { out: channels, kernel: 7, padding: 3, groups: channels, initial };
  let y = channelsLast(conv(at.in("conv_dw"), channelsFirst(x), depthwise));
  y = layerNorm(at.in("norm"), y, { eps: EPS });
  y = gelu(linear(at.in("mlp").in("fc1"), y, { out: MLP_RATIO * channels, initial }));
  y = linear(at.in("mlp").in("fc2"), y, { out: channels, initial });
  return add(x, dropPath(at.in("drop_path"), mul(y, gamma), { rate }));
}

export function convnext(options: ConvNextOptions): Network {
  const { depths, widths, patch = 4, layerScale = 1e-6 } = options;
  const rates = depthRates(
    options.dropPath ?? 0,
    depths.reduce((sum, depth) => sum + depth, 0),
  );
  return (at, images, classes) => {
    const stem = at.in("stem");
    let x = patchConv(stem.in(0), channelsLast(images), { out: widths[0]!, patch, initial });
    x = layerNorm(stem.in(1), x, { eps: EPS });
    let done = 0;
    depths.forEach((depth, i) => {
      const stage = at.in("stages").in(i);
      if (i > 0) {
        const downsample = stage.in("downsample");
        x = layerNorm(downsample.in(0), x, { eps: EPS });
        x = patchConv(downsample.in(1), x, { out: widths[i]!, patch: 2, initial });
      }
      for (let j = 0; j < depth; j++) x = block(stage.in("blocks").in(j), x, { layerScale, rate: rates[done++]! });
    });
    const head = at.in("head");
    const pooled = layerNorm(head.in("norm"), reduceMean(x, { axes: [1, 2] }), { eps: EPS });
    return linear(head.in("fc"), pooled, { out: classes, initial });
  };
}
