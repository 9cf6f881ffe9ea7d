/**
 * Residual networks (He et al., 2015) with timm's names and initial values, which torchvision
 * shares. The ImageNet stem is a 7 × 7 convolution of stride 2 and a max-pool; the CIFAR stem, for
 * images of about 32 pixels, is a single 3 × 3 convolution.
 */
import { add, maxPool, reduceMean, relu, type Tensor } from "../graph/index.ts";
import { batchNorm, conv, kaimingNormal, linear, type Scope, zeros } from "../nn/index.ts";
import type { Network } from "./network.ts";

/** Options of `resnet`. */
export interface ResNetOptions {
  /** Residual blocks in each of the four stages. */
  readonly depths: readonly number[];
  /**
   * `basic`: two 3 × 3 convolutions (ResNet-18). `bottleneck`: 1 × 1, 3 × 3, and 1 × 1 to four
   * times the width (ResNet-50).
   */
  readonly block: "basic" | "bottleneck";
  /** First layers: for images of about 224 pixels, or of about 32. */
  readonly stem: "imagenet" | "cifar";
}

/** Width of the first stage; each later one doubles it. */
const WIDTH = 64;
const EXPANSION = { basic: 1, bottleneck: 4 };

interface Block {
  readonly width: number;
  readonly stride: number;
  /** Channels of the result. */
  readonly out: number;
}

interface Convolution {
  readonly out: number;
  readonly kernel: number;
  readonly stride?: number;
}

/** A convolution without bias; only its stride changes the size. */
const convolution = (at: Scope, x: Tensor, { out, kernel, stride = 1 }: Convolution): Tensor =>
  conv(at, x, {
    out,
    kernel,
    stride,
    padding: (kernel - 1) / 2,
    bias: false,
    initial: { weight: kaimingNormal(out * kernel * kernel) },
  });

/** The identity when the block keeps size and channels, else a projection. */
function shortcut(at: Scope, x: Tensor, { stride, out }: Block): Tensor {
  if (stride === 1 && x.shape[1] === out) return x;
  return batchNorm(at.in(1), convolution(at.in(0), x, { out, kernel: 1, stride }));
}

// The last normalisation of a block starts at zero, so a fresh block is its shortcut.

function basicBlock(at: Scope, x: Tensor, block: Block): Tensor {
  const { width, stride } = block;
  let y = convolution(at.in("conv1"), x, { out: width, kernel: 3, stride });
  y = relu(batchNorm(at.in("bn1"), y));
  y = convolution(at.in("conv2"), y, { out: width, kernel: 3 });
  y = batchNorm(at.in("bn2"), y, { initial: zeros });
  return relu(add(y, shortcut(at.in("downsample"), x, block)));
}

function bottleneckBlock(at: Scope, x: Tensor, block: Block): Tensor {
  const { width, stride, out } = block;
  let y = convolution(at.in("conv1"), x, { out: width, kernel: 1 });
  y = relu(batchNorm(at.in("bn1"), y));
  y = convolution(at.in("conv2"), y, { out: width, kernel: 3, stride });
  y = relu(batchNorm(at.in("bn2"), y));
  y = convolution(at.in("conv3"), y, { out, kernel: 1 });
  y = batchNorm(at.in("bn3"), y, { initial: zeros });
  return relu(add(y, shortcut(at.in("downsample"), x, block)));
}

/** The network with layers `conv1`, `bn1`, `layer1.0.conv1`, …, `fc`. */
export function resnet({ depths, block, stem }: ResNetOptions): Network {
  const build = block === "basic" ? basicBlock : bottleneckBlock;
  return (at, images, classes) => {
    const first = stem === "imagenet" ? { out: WIDTH, kernel: 7, stride: 2 } : { out: WIDTH, kernel: 3 };
    let x = relu(batchNorm(at.in("bn1"), convolution(at.in("conv1"), images, first)));
    if (stem === "imagenet") x = maxPool(x, { kernel: 3, stride: 2, padding: 1 });
    depths.forEach((depth, stage) => {
      const width = WIDTH * 2 ** stage;
      for (let i = 0; i < depth; i++) {
        const stride = stage > 0 && i === 0 ? 2 : 1;
        x = build(at.in(`layer${stage + 1}`).in(i), x, { width, stride, out: width * EXPANSION[block] });
      }
    });
    return linear(at.in("fc"), reduceMean(x, { axes: [2, 3] }), { out: classes });
  };
}
