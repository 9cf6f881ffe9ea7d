/**
 * A small convolutional network: stages of convolution, 2 × 2 max-pooling and LeakyReLU, then linear layers. With its
 * defaults, 32 × 32 images and ten classes it is the 10 853-parameter CNN of the paper's whole-network experiments
 * (CNN-medium, from the Hyper-Representations zoo).
 */
import { conv as convolve, leakyRelu, maxPool, reduceSum, reshape, sizeOf, type Tensor } from "../graph/index.ts";
import { conv, kaimingUniform, linear, type Scope } from "../nn/index.ts";
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
      const layer = at.in(`conv${i + 1}`);
      const grey = i === 0 && colour && x.shape[1] === 1;
      x = grey ? greyConv(layer, x, { out, kernel }) : conv(layer, x, { out, kernel });
      x = leakyRelu(layer.layer(() => maxPool(x, { kernel: 2 })));
    });
    x = reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))]);
    hidden.forEach((out, i) => {
      x = leakyRelu(linear(at.in(`fc${i + 1}`), x, { out }));
    });
    return linear(at.in(`fc${hidden.length + 1}`), x, { out: classes });
  };
}

/** A convolution of three equal channels: one channel with the kernels summed, for a third of the arithmetic. */
function greyConv(at: Scope, x: Tensor, { out, kernel }: { out: number; kernel: number }): Tensor {
  return at.layer(() => {
    const fanIn = 3 * kernel * kernel;
    const weight = at.parameter("weight", [out, 3, kernel, kernel], "conv", kaimingUniform(fanIn));
    const bias = at.parameter("bias", [out], "conv", kaimingUniform(fanIn));
    return convolve(x, reduceSum(weight, { axes: [1], keepDims: true }), { bias });
  });
}
