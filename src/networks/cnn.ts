/**
 * A small convolutional network: stages of convolution, 2 × 2 max-pooling and LeakyReLU, then
 * linear layers. With its defaults, 32 × 32 images and ten classes it is the 10 853-parameter CNN
 * of the paper's whole-network experiments (CNN-medium, from the Hyper-Representations zoo).
 */
import { conv, leakyRelu, maxPool, pooledConv, reduceSum, type Tensor } from "../graph/index.ts";
import { kaimingUniform, linear, type Scope } from "../nn/index.ts";
import { channelsOf, flatten } from "./flatten.ts";
import type { Network } from "./network.ts";

/** Options of `cnn`. */
export interface CnnOptions {
  /** Channels of each stage. */
  readonly channels: readonly number[];
  /** Side of the kernels. */
  readonly kernel: number;
  /** Widths of the linear layers before the last. */
  readonly hidden: readonly number[];
  /**
   * Whether grey images are repeated to three equal channels, as networks for colour images need.
   */
  readonly colour: boolean;
}

/** The network with layers `conv1`, `conv2`, …, `fc1`, `fc2`, … */
export function cnn({ channels, kernel, hidden, colour }: CnnOptions): Network {
  return (at, images, classes) => {
    let x = images;
    channels.forEach((out, i) => {
      const grey = i === 0 && colour && x.shape[1] === 1;
      x = leakyRelu(stage(at.in(`conv${i + 1}`), x, { out, kernel, grey }));
    });
    x = flatten(x);
    hidden.forEach((out, i) => {
      x = leakyRelu(linear(at.in(`fc${i + 1}`), x, { out }));
    });
    return linear(at.in(`fc${hidden.length + 1}`), x, { out: classes });
  };
}

/**
 * Convolution and pooling.
 * @param options.grey whether x stands for three equal channels. The kernels' sum over the input
 *   channels then gives the same result for a third of the arithmetic.
 */
function stage(
  at: Scope,
  x: Tensor,
  { out, kernel, grey }: { readonly out: number; readonly kernel: number; readonly grey: boolean },
): Tensor {
  return at.layer(() => {
    const into = grey ? 3 : channelsOf(x);
    const initial = kaimingUniform(into * kernel * kernel);
    const full = at.parameter("weight", [out, into, kernel, kernel], "conv", initial);
    const bias = at.parameter("bias", [out], "conv", initial);
    const weight = grey ? reduceSum(full, { axes: [1], keepDims: true }) : full;
    return at.training ? pooledConv(x, weight, bias) : maxPool(conv(x, weight, { bias }), { kernel: 2 });
  });
}
