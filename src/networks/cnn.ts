/**
 * A small convolutional network: stages of convolution, 2 × 2 max-pooling and LeakyReLU, then linear layers. With its
 * defaults, 32 × 32 images and ten classes it is the 10 853-parameter CNN of the paper's whole-network experiments
 * (CNN-medium, from the Hyper-Representations zoo).
 */
import { conv, leakyRelu, maxPool, pooledConv, reduceSum, reshape, sizeOf, type Tensor } from "../graph/index.ts";
import { kaimingUniform, linear, type Scope } from "../nn/index.ts";
import type { Network } from "./network.ts";

export interface CnnOptions {
  /** Channels of each stage. */
  readonly channels: readonly number[];
  readonly kernel: number;
  /** Widths of the linear layers before the last. */
  readonly hidden: readonly number[];
  /** Whether grey images are seen as colour ones with three equal channels, as networks made for colour images do. */
  readonly colour: boolean;
}

export function cnn({ channels, kernel, hidden, colour }: CnnOptions): Network {
  return (at, images, classes) => {
    let x = images;
    channels.forEach((out, i) => {
      const grey = i === 0 && colour && x.shape[1] === 1;
      x = leakyRelu(stage(at.in(`conv${i + 1}`), x, { out, kernel, grey }));
    });
    x = reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))]);
    hidden.forEach((out, i) => {
      x = leakyRelu(linear(at.in(`fc${i + 1}`), x, { out }));
    });
    return linear(at.in(`fc${hidden.length + 1}`), x, { out: classes });
  };
}

/** @param grey whether x is one of three equal channels: the kernels' sum makes the same of it, for a third of the arithmetic. */
function stage(
  at: Scope,
  x: Tensor,
  { out, kernel, grey }: { readonly out: number; readonly kernel: number; readonly grey: boolean },
): Tensor {
  return at.layer(() => {
    const into = grey ? 3 : x.shape[1]!;
    const initial = kaimingUniform(into * kernel * kernel);
    const own = at.parameter("weight", [out, into, kernel, kernel], "conv", initial);
    const bias = at.parameter("bias", [out], "conv", initial);
    const weight = grey ? reduceSum(own, { axes: [1], keepDims: true }) : own;
    return at.training ? pooledConv(x, weight, bias) : maxPool(conv(x, weight, { bias }), { kernel: 2 });
  });
}
