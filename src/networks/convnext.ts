/**
 * ConvNeXt (Liu et al., 2022) with timm's names and initial values: ConvNeXt-Tiny has depths
 * 3, 3, 9, 3 and widths 96, 192, 384, 768; ConvNeXt-Base 3, 3, 27, 3 and 128, 256, 512, 1024. Maps
 * keep their channels last, for the normalisations and the MLPs; only the depthwise convolutions
 * put them first.
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
import { sizeAlong } from "./flatten.ts";
import type { Network } from "./network.ts";
import { channelsFirst, channelsLast, patchConv } from "./patches.ts";

/** Options of `convnext`. */
export interface ConvNextOptions {
  /** Number of blocks of each stage. */
  readonly depths: readonly number[];
  /** Channels of each stage. */
  readonly widths: readonly number[];
  /** Side of the stem's patches; 4 by default. */
  readonly patch?: number;
  /** Rate of stochastic depth at the last block, 0 at the first, linear between; 0 by default. */
  readonly dropPath?: number;
  /** Initial scale of the residual branches; 1e-6 by default. */
  readonly layerScale?: number;
}

const EPS = 1e-6;
/** Width of the MLP's hidden layer, relative to its stage. */
const MLP_RATIO = 4;

// timm truncates this normal at ±2, which is a hundred standard deviations.
const initial = { weight: normalInitial(0.02), bias: zeros };

const constantInitial =
  (value: number): Initialiser =>
  (key, length) =>
    ones(key, length).fill(value);

/** A residual block on `[batch, height, width, channels]`. */
function block(at: Scope, x: Tensor, { layerScale, rate }: { layerScale: number; rate: number }): Tensor {
  const channels = sizeAlong(x, 3);
  const gamma = at.parameter("gamma", [channels], "other", constantInitial(layerScale));
  const depthwise = { out: channels, kernel: 7, padding: 3, groups: channels, initial };
  let y = channelsLast(conv(at.in("conv_dw"), channelsFirst(x), depthwise));
  y = layerNorm(at.in("norm"), y, { eps: EPS });
  y = gelu(linear(at.in("mlp").in("fc1"), y, { out: MLP_RATIO * channels, initial }));
  y = linear(at.in("mlp").in("fc2"), y, { out: channels, initial });
  return add(x, dropPath(at.in("drop_path"), mul(y, gamma), { rate }));
}

/**
 * The network with layers `stem`, `stages`, `head`.
 * @throws RangeError when there are fewer widths than stages.
 */
export function convnext(options: ConvNextOptions): Network {
  const { depths, widths, patch = 4, layerScale = 1e-6 } = options;
  const blocks = depths.reduce((sum, depth) => sum + depth, 0);
  const stages = depths.map((depth, i) => ({ depth, out: widths[i] ?? wrongWidths(options) }));
  return (at, images, classes) => {
    const rates = depthRates(options.dropPath ?? 0, blocks).values();
    let x = channelsLast(images);
    stages.forEach(({ depth, out }, i) => {
      const stage = at.in("stages").in(i);
      if (i === 0) {
        const stem = at.in("stem");
        x = patchConv(stem.in(0), x, { out, patch, initial });
        x = layerNorm(stem.in(1), x, { eps: EPS });
      } else {
        const downsample = stage.in("downsample");
        x = layerNorm(downsample.in(0), x, { eps: EPS });
        x = patchConv(downsample.in(1), x, { out, patch: 2, initial });
      }
      for (let j = 0; j < depth; j++)
        x = block(stage.in("blocks").in(j), x, { layerScale, rate: rates.next().value ?? 0 });
    });
    const head = at.in("head");
    const pooled = layerNorm(head.in("norm"), reduceMean(x, { axes: [1, 2] }), { eps: EPS });
    return linear(head.in("fc"), pooled, { out: classes, initial });
  };
}

function wrongWidths({ depths, widths }: ConvNextOptions): never {
  throw new RangeError(`convnext: ${widths.length} widths for ${depths.length} stages`);
}
